import Foundation
import Lattices
import Recipes
import Runs
import Storage

/// What `audit` finds out, as written to `audit.json`. NaN (null in the file) where a number is not defined.
///
/// Errors are those of the electronic part of the force, in units of the hopping per displacement.
public struct AuditReport: Sendable, Codable {
    /// Errors over all sites of several configurations.
    public typealias Errors = Comparison.ForceErrors.Errors

    /// One frame of the trajectory.
    public struct Frame: Sendable, Codable {
        /// Counted from 0 in the trajectory.
        public var index: Int
        /// The errors in this frame.
        public var errors: AuditLine
        /// The cell of the site with the largest error.
        public var worstCell: [Int]
    }

    /// Sites at one distance from a domain wall, in all frames.
    public struct WallDistance: Sendable, Codable {
        /// Bonds to the nearest site with a neighbour in the other domain; the last entry holds all that are farther, too.
        public var distance: Int
        /// The errors on these sites.
        public var errors: Errors
    }

    /// How many sites are off by more than an error: the tail of the distribution.
    public struct Tail: Sendable, Codable {
        /// Ten a decade.
        public var errors: [Double]
        /// The fraction of the sites with a larger |F̂ − F|.
        public var fractions: [Double]
    }

    /// The title of the recipe.
    public var title: String
    /// Cells along each primitive vector, [Lx, Ly].
    public var size: [Int]
    /// The model file whose force was audited, as it was named, or the solver with its options.
    public var audited: String
    /// SHA-256 of the model file; empty for a solver.
    public var auditedDigest: String
    /// Whether the trajectory was run with that force; otherwise the configurations are those of another.
    public var isOwnTrajectory: Bool
    /// The solver it was compared with.
    public var solver: String
    /// Whether all sites of each frame were solved for, as one system.
    public var isWhole: Bool
    /// Where sites were sampled, the largest change of a force with the radius of its patch that was asked for.
    public var accuracy: Double
    /// What `Errors.percentiles` and `AuditLine.percentiles` stand for, in percent.
    public var percentileRanks: [Double]
    /// Over all audited sites of all frames.
    public var overall: Errors
    /// The standard error of the root mean square of `overall` from the choice of the sites; 0 if all were compared.
    public var samplingError: Double
    /// How well the force knows its own error, on the audited sites; nil if it has no estimate of it.
    public var reliability: Comparison.Reliability?
    /// In the order of time.
    public var frames: [Frame]
    /// Errors by the distance from a domain wall, nearest first; empty without two sublattices.
    public var walls: [WallDistance]
    /// The distribution of the errors in all frames.
    public var tail: Tail

    /// From this distance on, sites are taken together.
    package static let largestDistance = 10

    /// The frame with the largest root mean square error.
    public var worstFrame: Frame? { frames.max { $0.errors.rootMeanSquare < $1.errors.rootMeanSquare } }
}

extension AuditReport {
    /// - Parameters:
    ///   - model: the one that is audited, if it tells its error.
    ///   - frames: at least one, in the order of time.
    init(_ setup: AuditSetup, of model: TrainedModel? = nil, title: String, frames: [AuditedFrame]) {
        let exact = frames.flatMap(\.forces.exact)
        let audited = frames.flatMap(\.forces.audited)
        let components = frames.first?.forces.components ?? 1
        let overall = ForceErrorStatistics.errors("all", exact: exact, learned: audited, components: components)
        let expected = frames.compactMap(\.expected)
        let squares = frames.map { $0.forces.meanSquareError * $0.forces.meanSquareError }
        self.init(
            title: title, size: setup.supercell.size, audited: setup.audited, auditedDigest: setup.auditedDigest,
            isOwnTrajectory: setup.isOwnTrajectory, solver: setup.solver.rawValue, isWhole: setup.isWhole,
            accuracy: setup.isWhole ? .nan : setup.accuracy, percentileRanks: Comparison.ForceErrors.standardRanks,
            overall: overall,
            samplingError: AuditLine.samplingError(
                overall.rootMeanSquare, meanSquareError: squares.reduce(0, +).squareRoot() / Double(frames.count)),
            reliability: model.flatMap { model in
                guard expected.count == frames.count else { return nil }
                return Comparison.Reliability(of: model, errors: frames.map(\.forces.errors), predicted: expected)
            },
            frames: frames.map { frame in
                let line = frame.line
                return Frame(index: frame.index, errors: line, worstCell: setup.supercell.cell(of: line.worstSite))
            },
            walls: Self.walls(frames), tail: Tail(zip(audited, exact).map { abs($0 - $1) }))
    }

    private static func walls(_ frames: [AuditedFrame]) -> [WallDistance] {
        var exact: [Int: [Double]] = [:]
        var audited: [Int: [Double]] = [:]
        for frame in frames {
            guard let distances = DomainWalls.distances(in: frame.displacement) else { continue }
            for (position, site) in frame.forces.sites.enumerated() {
                let distance = min(distances[site], largestDistance)
                let values = position * frame.forces.components..<(position + 1) * frame.forces.components
                exact[distance, default: []] += frame.forces.exact[values]
                audited[distance, default: []] += frame.forces.audited[values]
            }
        }
        return exact.keys.sorted().map { distance in
            WallDistance(
                distance: distance,
                errors: ForceErrorStatistics.errors(
                    distance < largestDistance ? "\(distance)" : "\(distance) and more", exact: exact[distance]!,
                    learned: audited[distance]!, components: frames[0].forces.components))
        }
    }
}

extension AuditReport.Tail {
    /// Smaller errors than this, relative to the largest, are not told apart.
    private static let decades = 8

    init(_ errors: [Double]) {
        let sorted = errors.sorted()
        guard let largest = sorted.last, largest > 0, largest.isFinite else {
            self.init(errors: [], fractions: [])
            return
        }
        let smallest = max(sorted.first { $0 > 0 } ?? largest, largest * pow(10, -Double(Self.decades)))
        let marks = Int((10 * log10(smallest)).rounded(.down))...Int((10 * log10(largest)).rounded(.up))
        var above: [Double] = []
        var position = 0
        let levels = marks.map { pow(10, Double($0) / 10) }
        for level in levels {
            while position < sorted.count, sorted[position] <= level { position += 1 }
            above.append(Double(sorted.count - position) / Double(sorted.count))
        }
        self.init(errors: levels, fractions: above)
    }
}

extension AuditReport {
    /// What is worth telling.
    package var facts: [StageSummary.Fact] {
        [
            .init("frames", "\(frames.count)"), .init("sites of each", isWhole ? "all" : "\(frames.first?.errors.sites ?? 0)"),
            .init("force RMSE", uncertain(overall.rootMeanSquare, samplingError)),
            .init("force RMSE of predicting zero", text(overall.trivial)),
            .init("mean absolute error", text(overall.meanAbsolute)),
        ] + (reliability.map { [$0.fact] } ?? []) + percentileFacts + frameFacts + uncertaintyFacts
    }

    private var percentileFacts: [StageSummary.Fact] {
        zip(percentileRanks, overall.percentiles).filter { $0.0 <= 99 }.map { rank, value in
            .init(text(rank) + " % of the sites below", text(value))
        }
    }

    private var frameFacts: [StageSummary.Fact] {
        func error(_ frame: Frame) -> String {
            uncertain(frame.errors.rootMeanSquare, frame.errors.samplingError) + " at t = " + text(frame.errors.time, digits: 6)
        }
        guard let worst = worstFrame, let last = frames.last,
            let largest = frames.max(by: { $0.errors.maximum < $1.errors.maximum })
        else { return [] }
        let cell = largest.worstCell.map(String.init).joined(separator: ", ")
        let net = frames.map(\.errors.netForce).max { abs($0) < abs($1) } ?? .nan
        return [
            .init(
                "largest error",
                text(largest.errors.maximum) + " at t = " + text(largest.errors.time, digits: 6) + ", cell (\(cell))"),
            .init("force RMSE of the worst frame", error(worst)), .init("force RMSE of the last frame", error(last)),
            .init("largest net force a site", text(net)),
        ]
    }

    /// Nothing where the solver says nothing of itself.
    private var uncertaintyFacts: [StageSummary.Fact] {
        let uncertainties = frames.map(\.errors.solverError)
        let inaccurate = frames.reduce(0) { $0 + $1.errors.inaccurateSites }
        var facts: [StageSummary.Fact] = []
        if let largest = uncertainties.max(), !uncertainties.contains(where: \.isNaN) {
            facts.append(.init("uncertainty of the exact force", text(largest)))
        }
        if inaccurate > 0 { facts.append(.init("sites beyond the accuracy asked for", "\(inaccurate)")) }
        return facts
    }

    private func uncertain(_ value: Double, _ error: Double) -> String {
        TerminalNumber.text(value, error: error)
    }

    private func text(_ value: Double, digits: Int = 4) -> String { TerminalNumber.text(value, digits: digits) }
}

/// What an audit finds in one configuration: errors F̂ − F of an electronic force F̂ against a solver's F, in units of the
/// hopping per displacement. Of a force of several components the errors are those of the components.
public struct AuditLine: Sendable, Equatable, Codable {
    /// Time steps since the start.
    public var step: Int
    /// Time since the start, in units of τ.
    public var time: Double
    /// How many sites were compared.
    public var sites: Int
    /// √⟨(F̂ − F)²⟩.
    public var rootMeanSquare: Double
    /// The standard error of `rootMeanSquare` from the choice of the sites; 0 if all were compared.
    public var samplingError: Double
    /// ⟨|F̂ − F|⟩.
    public var meanAbsolute: Double
    /// |F̂ − F| that 50, 90, 99 and 99.9 % of the sites stay below.
    public var percentiles: [Double]
    /// The largest |F̂ − F|.
    public var maximum: Double
    /// The site where it is, counted as in the trajectory.
    public var worstSite: Int
    /// ⟨F̂ − F⟩: the net force that is wrong, a site; its length where there are several components.
    public var netForce: Double
    /// Root mean square of F itself: the error of predicting zero.
    public var trivial: Double
    /// How far F may be off, as the solver and the size of the patches tell; NaN if nothing is known.
    public var solverError: Double
    /// Sampled sites whose patch could not be made large enough for the accuracy asked for.
    public var inaccurateSites: Int
}

extension AuditLine {
    package init(_ forces: AuditedForces, step: Int, time: Double) {
        let errors = ForceErrorStatistics.errors("", exact: forces.exact, learned: forces.audited, components: forces.components)
        let deviations = forces.errors
        let worst = deviations.indices.max { abs(deviations[$0]) < abs(deviations[$1]) } ?? 0
        self.init(
            step: step, time: time, sites: errors.sites, rootMeanSquare: errors.rootMeanSquare,
            samplingError: Self.samplingError(errors.rootMeanSquare, meanSquareError: forces.meanSquareError),
            meanAbsolute: errors.meanAbsolute, percentiles: errors.percentiles, maximum: errors.maximum,
            worstSite: forces.sites[worst / forces.components],
            netForce: Self.netForce(deviations, components: forces.components),
            trivial: errors.trivial, solverError: forces.solverError, inaccurateSites: forces.inaccurateSites)
    }

    private static func netForce(_ errors: [Double], components: Int) -> Double {
        let count = Double(errors.count / components)
        if components == 1 { return errors.reduce(0, +) / count }
        let sums = (0..<components).map { c in stride(from: c, to: errors.count, by: components).reduce(0) { $0 + errors[$1] } }
        return sums.reduce(0) { $0 + $1 * $1 }.squareRoot() / count
    }

    /// The standard error of a root mean square from that of the mean square.
    static func samplingError(_ rootMeanSquare: Double, meanSquareError: Double) -> Double {
        meanSquareError == 0 ? 0 : meanSquareError / (2 * rootMeanSquare)
    }

    /// The percentile of this rank, in percent, one of 50, 90, 99 and 99.9.
    package func percentile(_ rank: Double) -> Double {
        Comparison.ForceErrors.standardRanks.firstIndex(of: rank).map { percentiles[$0] } ?? .nan
    }
}

/// `audit.csv`: one line per configuration, under the names of the columns; `solver_error` is empty if nothing is known.
package enum AuditTable {
    static let columns =
        "step,time,sites,rmse,rmse_sampling_error,mae,percentile_50,percentile_90,percentile_99,percentile_99.9,maximum,maximum_site,net_force,"
        + "trivial,solver_error,inaccurate_sites"

    package static func write(_ lines: [AuditLine], to path: String) throws {
        try NumberTable.write(lines.map(row), columns: columns, to: path)
    }

    /// - Throws: `StorageError` `.unreadable`, or `.malformed` naming the line.
    package static func read(_ path: String) throws -> [AuditLine] {
        try NumberTable.read(path, columns: columns, record: line)
    }

    private static func row(_ line: AuditLine) -> String {
        let values = [line.rootMeanSquare, line.samplingError, line.meanAbsolute] + line.percentiles + [line.maximum]
        let others = [line.netForce, line.trivial, line.solverError]
        return
            (["\(line.step)", "\(line.time)", "\(line.sites)"] + values.map(NumberTable.field) + ["\(line.worstSite)"]
            + others.map(NumberTable.field) + ["\(line.inaccurateSites)"]).joined(separator: ",")
    }

    private static func line(_ fields: [Substring], _ numbers: [Double]) -> AuditLine? {
        guard let step = Int(fields[0]), let sites = Int(fields[2]),
            let worst = Int(fields[11]), let inaccurate = Int(fields[15])
        else { return nil }
        return AuditLine(
            step: step, time: numbers[1], sites: sites, rootMeanSquare: numbers[3], samplingError: numbers[4],
            meanAbsolute: numbers[5], percentiles: Array(numbers[6..<10]), maximum: numbers[10], worstSite: worst,
            netForce: numbers[12], trivial: numbers[13], solverError: numbers[14], inaccurateSites: inaccurate)
    }
}

/// How far sites are from the walls between the two charge-density waves.
package enum DomainWalls {
    /// The number of bonds from every site to the nearest wall; nil without two sublattices, and where there is no wall.
    ///
    /// The local order of a site is its staggered displacement plus the mean of its neighbours'; a site is at a wall,
    /// at distance 0, if a neighbour's local order has the other sign, or as a vector points away from it.
    package static func distances(in displacement: SiteField) -> [Int]? {
        let supercell = displacement.supercell
        guard let signs = supercell.sublatticeSigns() else { return nil }
        let table = supercell.neighborTable()
        let neighbors = (0..<supercell.siteCount).map { site in table.map { Int($0[site]) }.filter { $0 >= 0 } }
        let orders = (0..<displacement.componentCount).map { component in
            let staggered = zip(signs, displacement.component(component)).map { $0 * $1 }
            return neighbors.indices.map { site in
                staggered[site] + neighbors[site].reduce(0) { $0 + staggered[$1] } / Double(max(1, neighbors[site].count))
            }
        }
        func isWall(_ a: Int, _ b: Int) -> Bool {
            orders.count == 1 ? (orders[0][a] < 0) != (orders[0][b] < 0) : orders.reduce(0) { $0 + $1[a] * $1[b] } < 0
        }
        var distances = neighbors.indices.map { site in neighbors[site].contains { isWall($0, site) } ? 0 : -1 }
        var front = distances.indices.filter { distances[$0] == 0 }
        guard !front.isEmpty else { return nil }
        while !front.isEmpty {
            var next: [Int] = []
            for site in front {
                for other in neighbors[site] where distances[other] < 0 {
                    distances[other] = distances[site] + 1
                    next.append(other)
                }
            }
            front = next
        }
        return distances
    }
}
