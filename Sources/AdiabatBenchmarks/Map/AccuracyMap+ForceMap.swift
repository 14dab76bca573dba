import Foundation
import Reports

extension AccuracyMap {
    /// A panel for every model, a series for every family of candidates. The reference has no error; what is far beyond the map
    /// is left out.
    init(_ maps: [ForceMap]) {
        self.init(
            panels: maps.map { map in
                let points = map.rows.filter { !$0.isExtrapolated }
                var families: [String] = []
                for point in points where !families.contains(point.family) { families.append(point.family) }
                return Panel(
                    title: String(format: "g = %g", map.coupling), scale: map.rootMeanSquareForce,
                    series: families.map { family in
                        let members = points.filter { $0.family == family }
                        return Series(
                            name: family, isLearned: members[0].learning != nil,
                            points: members.sorted { $0.secondsPerSite < $1.secondsPerSite }.map { point in
                                Point(cost: point.secondsPerSite, error: point.isReference ? 0 : point.error.rootMeanSquare)
                            })
                    })
            })
    }
}
