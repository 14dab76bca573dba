import Foundation
import Workflows

extension AccuracyMap {
    /// A panel for every model, a series for every family of candidates.
    init(_ maps: [SolverMap]) {
        self.init(
            panels: maps.map { map in
                var families: [String] = []
                for point in map.rows where !families.contains(point.family) { families.append(point.family) }
                return Panel(
                    title: String(format: "g = %g", map.coupling), scale: map.rootMeanSquareForce,
                    series: families.map { family in
                        Series(
                            name: family,
                            points: map.rows.filter { $0.family == family }.map { point in
                                Point(cost: point.secondsPerSite, error: point.error.rootMeanSquare)
                            })
                    })
            })
    }
}
