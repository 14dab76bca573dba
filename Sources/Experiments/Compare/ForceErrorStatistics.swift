import ForceFields
import Foundation
import Lattices
import LearnedForces
import Models
import Recipes
import Runs

/// Errors of a learned electronic force on exactly solved snapshots.
struct ForceErrorStatistics {
    let forces: UncertainForces

    /// Errors over all sites of `trajectories`, then of the hot configurations, then by stage of the quench, and by electrons.
    ///
    /// - Parameters:
    ///   - stages: pieces of equal length into which the quenches are cut.
    ///   - duration: of a quench.
    ///   - varied: the parameters that tell electrons apart.
    func compare(
        _ trajectories: [Dataset.Trajectory], stages: Int, duration: Double, varied: [Parameter]
    ) throws -> Comparison.ForceErrors {
        struct Pair {
            let stage: Int
            let electrons: String
            let exact: [Double]
            let learned: [Double]
        }
        var pairs: [Pair] = []
        for trajectory in trajectories {
            for snapshot in trajectory.snapshots {
                // Stage 0 holds the hot configurations; a snapshot at the end of a stage belongs to it.
                let position = duration > 0 ? snapshot.time / duration * Double(stages) : 0
                let stage = trajectory.kind == .random ? 0 : min(stages, max(1, Int(position.rounded(.up))))
                pairs.append(
                    Pair(
                        stage: stage, electrons: trajectory.electrons.text(of: varied),
                        exact: snapshot.electronicForce.values,
                        learned: try forces.force(at: snapshot.displacement, for: trajectory.electrons).values))
            }
        }
        func errors(_ name: String, _ selected: [Pair]) -> Comparison.ForceErrors.Errors {
            Self.errors(
                name, exact: selected.flatMap(\.exact), learned: selected.flatMap(\.learned),
                components: trajectories.first?.snapshots.first?.force.componentCount ?? 1)
        }
        var result = [errors("all", pairs)]
        for stage in 0...stages {
            let selected = pairs.filter { $0.stage == stage }
            guard !selected.isEmpty else { continue }
            let width = duration / Double(stages)
            let bounds = [stage - 1, stage].map { TerminalNumber.text(Double($0) * width, digits: 6) }
            let name = stage == 0 ? "hot" : "quench \(bounds[0])–\(bounds[1])"
            result.append(errors(name, selected))
        }
        // In the order in which the electrons first occur.
        let names = pairs.map(\.electrons).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let byElectrons = varied.isEmpty ? nil : names.map { name in errors(name, pairs.filter { $0.electrons == name }) }
        let exact = pairs.flatMap(\.exact)
        let learned = pairs.flatMap(\.learned)
        let (bins, density) = Self.histogram(zip(learned, exact).map { $0 - $1 })
        let interval = max(1, exact.count / 4000)
        let sampled = stride(from: 0, to: exact.count, by: interval)
        return Comparison.ForceErrors(
            stages: result, electrons: byElectrons, exact: sampled.map { exact[$0] }, learned: sampled.map { learned[$0] },
            errorBins: bins,
            errorDensity: density)
    }

    func rootMeanSquare(of trajectories: [Dataset.Trajectory]) throws -> Double {
        var (square, count) = (0.0, 0)
        for trajectory in trajectories {
            for snapshot in trajectory.snapshots {
                let exact = snapshot.electronicForce
                let learned = try forces.force(at: snapshot.displacement, for: trajectory.electrons)
                square += zip(exact.values, learned.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
                count += exact.values.count
            }
        }
        return (square / Double(count)).squareRoot()
    }

    /// How well the force tells its own error; nil if it has no estimate of it.
    func reliability(on trajectories: [Dataset.Trajectory]) throws -> Comparison.Reliability? {
        guard forces.model.uncertainty != .none else { return nil }
        var (errors, predicted): ([[Double]], [[Double]]) = ([], [])
        for trajectory in trajectories {
            for snapshot in trajectory.snapshots {
                let exact = snapshot.electronicForce
                let learned = try forces.force(at: snapshot.displacement, for: trajectory.electrons)
                errors.append(zip(learned.values, exact.values).map { $0 - $1 })
                predicted.append(try forces.uncertainty(at: snapshot.displacement, for: trajectory.electrons).values)
            }
        }
        return Comparison.Reliability(of: forces.model, errors: errors, predicted: predicted)
    }

    /// Errors over all sites and components.
    static func errors(_ name: String, exact: [Double], learned: [Double], components: Int = 1) -> Comparison.ForceErrors.Errors {
        let count = Double(exact.count)
        let deviations = zip(exact, learned).map { abs($0 - $1) }.sorted()
        let square = deviations.reduce(0) { $0 + $1 * $1 }
        let mean = exact.reduce(0, +) / count
        let spread = exact.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let percentiles = Comparison.ForceErrors.standardRanks.map {
            deviations[min(deviations.count - 1, Int($0 / 100 * count))]
        }
        return Comparison.ForceErrors.Errors(
            name: name, sites: exact.count / components, rootMeanSquare: (square / count).squareRoot(),
            meanAbsolute: deviations.reduce(0, +) / count,
            maximum: deviations.last ?? 0, determination: spread > 0 ? 1 - square / spread : .nan,
            trivial: (exact.reduce(0) { $0 + $1 * $1 } / count).squareRoot(), percentiles: percentiles)
    }

    /// Centres and densities of 101 bins over the range that holds all but one error in a thousand.
    private static func histogram(_ errors: [Double]) -> ([Double], [Double]) {
        let sorted = errors.map(abs).filter(\.isFinite).sorted()
        let limit = max(sorted.dropFirst(Int(0.999 * Double(sorted.count))).first ?? 0, 1e-12)
        let bins = 101
        let width = 2 * limit / Double(bins)
        var counts = [Double](repeating: 0, count: bins)
        for error in errors where abs(error) < limit { counts[min(bins - 1, Int((error + limit) / width))] += 1 }
        return (
            (0..<bins).map { (Double($0) + 0.5) * width - limit }, counts.map { $0 / (Double(errors.count) * width) }
        )
    }
}
