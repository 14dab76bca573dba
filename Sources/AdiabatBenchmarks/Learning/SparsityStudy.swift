import Experiments
import ForceFields
import Foundation
import LatticeNumerics
import LearnedForces
import Recipes
import Reports
import Runs
import Training

/// Errors and costs of a network, of the same with fewer couplings, and of a narrower one.
struct SparsityStudy {
    /// What is known of one of the networks.
    private struct Row {
        let name: String
        let epochs: Int
        let couplings: [Int]
        let left: [Int]
        let multiplyAdds: Int
        /// Seconds of processor time of a force on one site.
        let time: Double
        /// By seed: seconds of processor time, validation errors right after the removal, validation and test errors.
        let trainings: [(seconds: Double, pruned: Double?, validation: Double, test: Double)]
    }

    private let rows: [Row]

    /// - Parameters:
    ///   - sparsity: part of the couplings that the second network loses.
    ///   - widths: of the third.
    ///   - epochs: of the three; 0: not this one.
    ///   - seeds: trainings of each.
    init(
        _ recipe: BenchmarkRecipe, _ data: TrainingData, sparsity: Double, widths: [Int], epochs: [Int], seeds: Int,
        pool: WorkerPool
    ) throws {
        guard let whole = recipe.recipe.network.architecture as? FullyConnectedArchitecture else {
            throw NetworkError(key: "network.name", problem: "this study is for \(FullyConnectedArchitecture.name)")
        }
        var narrow = whole
        narrow.widths = widths
        let set = TrainingSet(training: data.samples(.training), validation: data.samples(.validation))
        let test = data.samples(.test)
        let configuration = try recipe.configuration(side: 200)
        var found: [(row: Row, field: any ForceField)] = []
        for (index, name) in ["whole", "sparse", "narrower"].enumerated() where epochs[index] > 0 {
            var model: any ForceModel = try (index == 2 ? narrow : whole).model(
                on: recipe.recipe.lattice.geometry, kind: .scalar)
            try model.normalize(set.training)
            var options = recipe.recipe.training
            (options.epochs, options.schedule, options.sparsity) = (epochs[index], .cosine, index == 1 ? sparsity : 0)
            var parameters: [Double] = []
            let trainings = try (1...seeds).map { seed in
                let begun = Measurement.processorTime()
                let trainer = try Trainer(model: model, data: set, options: options, seed: UInt64(seed), pool: pool)
                var state = TrainingState(parameters: model.initialParameters(seed: UInt64(seed)))
                while !trainer.isFinished(state) {
                    _ = try trainer.runEpoch(&state)
                    StandardError.print("\(name), seed \(seed): \(state.history.last!.row)")
                }
                parameters = state.best
                return (
                    seconds: Measurement.processorTime() - begun,
                    pruned: index == 1 ? state.history[options.sparsityEpoch - 1].validationError : nil,
                    validation: trainer.bestEpoch(state)!.validationError,
                    test: try trainer.errors(of: state.best, on: test).rootMeanSquare
                )
            }
            let field = try model.forceField(
                parameters: parameters, conditions: recipe.recipe.model, supercell: configuration.supercell,
                singlePrecision: true, pool: WorkerPool(threads: 1))
            let row = Row(
                name: name, epochs: epochs[index], couplings: model.removable.map(\.count),
                left: model.removable.map { parameters[$0].count { $0 != 0 } },
                multiplyAdds: model.removingZeros(of: parameters).multiplyAdds, time: .infinity, trainings: trainings)
            found.append((row, field))
        }
        var times = found.map { _ in Double.infinity }
        var force = configuration
        for _ in 0..<Self.repetitions {
            for index in found.indices {
                let begun = Measurement.processorTime()
                try found[index].field.computeForces(at: configuration, into: &force)
                let seconds = Measurement.processorTime() - begun
                times[index] = min(times[index], seconds / Double(configuration.supercell.siteCount))
            }
        }
        rows = zip(found, times).map { found, time in
            let row = found.row
            return Row(
                name: row.name, epochs: row.epochs, couplings: row.couplings, left: row.left, multiplyAdds: row.multiplyAdds,
                time: time, trainings: row.trainings)
        }
    }

    private static let repetitions = 12

    /// Markdown: a row for each network, errors of all seeds one after the other.
    var markdown: String {
        let heading = """
            | network | couplings left, by layer | multiply–adds a site | a site | epochs | training, CPU time | just pruned | \
            validation | test |
            |---|---|---|---|---|---|---|---|---|
            """
        func list(_ values: [Double?], _ format: String) -> String {
            values.map { $0.map { String(format: format, $0) } ?? "–" }.joined(separator: ", ")
        }
        let lines = rows.map { row in
            let layers = zip(row.left, row.couplings).map { "\($0) of \($1)" }.joined(separator: ", ")
            let trainings = row.trainings
            return
                "| \(row.name) | \(layers) | \(row.multiplyAdds) | \(String(format: "%.2f µs", 1e6 * row.time)) | \(row.epochs) | "
                + list(trainings.map(\.seconds), "%.0f s") + " | " + list(trainings.map(\.pruned), "%.4f") + " | "
                + list(trainings.map(\.validation), "%.4f") + " | " + list(trainings.map(\.test), "%.4f") + " |"
        }
        return ([heading] + lines).joined(separator: "\n") + "\n"
    }
}
