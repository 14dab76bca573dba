import Dynamics
import Electrons
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Models
import Observables
import Recipes
import Runs
import Storage

extension Stages {
    /// The learned force against the exact one: errors on the test trajectories by stage of the quench, twin dynamics from the
    /// same start with the same noise, symmetries and the non-conservative part, into `comparison.json`, and costs, into
    /// `costs.json`.
    public static func compare(_ context: StageContext) throws -> StageSummary {
        try context.require([.compare])
        return try context.recordedOnFirstRank { context in
            let (path, costs) = (context.directory.comparison, context.directory.costs)
            let stage = try CompareStage(context)
            let wrapped = context.warnOfWrappedForces(in: .compare) + (try stage.tilingFacts)
            // Results of this model, dataset and recipe are kept; anything else is computed anew, which costs no long run.
            let provenance = Provenance(context)
            var reason: String?
            if context.directory.exists(path) {
                do {
                    try provenance.requireMade(.compare)
                    let known = try JSONFile.read(Comparison.self, from: path)
                    if try provenance.belongs(costs, to: .compare) {
                        return summary(known, ran: false, context.directory, wrapped)
                    }
                    reason = "costs.json is not there"
                } catch let error as StageError { reason = error.reason } catch is StorageError { reason = "it is damaged" }
            }
            let comparison = try stage.run()
            try JSONFile.write(ForceCosts(costs: try stage.costs()), to: costs)
            try JSONFile.write(comparison, to: path)
            return summary(comparison, ran: true, context.directory, wrapped, anew: reason)
        }
    }

    /// - Parameter reason: why it was made anew, if there was another.
    private static func summary(
        _ comparison: Comparison, ran: Bool, _ directory: RunDirectory, _ wrapped: [StageSummary.Fact],
        anew reason: String? = nil
    ) -> StageSummary {
        let all = comparison.forces.stages[0]
        var facts = [
            StageSummary.Fact("force RMSE on the test trajectories", TerminalNumber.text(all.rootMeanSquare)),
            .init("force RMSE of predicting zero", TerminalNumber.text(all.trivial)),
            .init("R²", TerminalNumber.fixed(all.determination, decimals: 6)),
        ]
        facts += comparison.symmetryBreaking.map { row in
            let quench = row.quench.map { ", " + TerminalNumber.text($0, digits: 2) + " on a quench" } ?? ""
            return .init("asymmetry, \(row.generator)", TerminalNumber.text(row.hot, digits: 2) + " hot" + quench)
        }
        if let reliability = comparison.reliability { facts.append(reliability.fact) }
        facts += comparison.nonConservative?.facts ?? []
        if let twin = comparison.twins.first, let last = twin.divergence.last, let amplitude = twin.amplitude.last {
            facts.append(
                .init(
                    "twin divergence at the end",
                    TerminalNumber.text(last, digits: 3) + " of " + TerminalNumber.text(amplitude, digits: 3)))
        }
        if let reason { facts.append(.init("made anew, for the earlier one", reason)) }
        return StageSummary(
            stage: "compare", ran: ran, outputs: [directory.comparison, directory.costs],
            inputs: [directory.dataset, directory.model], facts: facts + wrapped)
    }
}

/// One run of the stage.
private struct CompareStage {
    let context: StageContext
    let recipe: Recipe
    let model: TrainedModel
    let dataset: Dataset
    init(_ context: StageContext) throws {
        self.context = context
        recipe = context.recipe
        let directory = context.directory
        try context.requireInputs(of: .compare)
        model = try ModelFile.read(directory.model)
        try Provenance(context).requireCurrentInputs(of: .compare)
        // One from elsewhere.
        let differences = recipe.keyDifferences(
            from: try context.recorded(model.recipe, path: directory.model), sections: [.lattice, .model])
        guard differences.isEmpty else {
            throw StageError.recipeChanged(
                path: directory.model, differences: differences, isUnfinished: false, remedy: nil)
        }
        if recipe.compare.twinTrajectories > 0 { try model.requireElectrons(recipe.model, path: directory.model) }
        dataset = try DatasetFile.read(directory.dataset, supercell: recipe.supercell)
        guard !dataset.snapshots(.test).isEmpty else {
            throw StageError.mismatch(
                path: directory.dataset, problem: "holds no trajectories for the comparison (split 2, test)")
        }
    }

    /// How blocks of the learned force are laid.
    var tilingFacts: [StageSummary.Fact] {
        get throws { try learned(on: recipe.supercell, pool: context.pool).tilingFacts(on: recipe.lattice.geometry) }
    }

    func run() throws -> Comparison {
        let settings = recipe.compare
        let twinWork = settings.twinTrajectories * 2 * settings.twinSteps
        let (predictions, dynamics) = (dataset.snapshotCount, NonConservativePart.steps(of: settings))
        context.progress.begin(stage: "compare", total: predictions + dynamics + twinWork)
        let learnedForces = UncertainForces(
            model, on: recipe.supercell, singlePrecision: recipe.simulate.precision == .float32,
            tiling: recipe.simulate.tiling, pool: context.pool)
        let errors = ForceErrorStatistics(forces: learnedForces)
        // Trajectories of an earlier recipe may be longer, or of other electrons.
        let duration = max(
            Double(recipe.generate.steps) * recipe.generate.timeStep,
            dataset.trajectories.flatMap(\.snapshots).map(\.time).max() ?? 0)
        let several = recipe.variedParameters + dataset.variedParameters
        let varied = recipe.generate.listedParameters.filter(several.contains)
        let forces = try errors.compare(
            dataset.trajectories(.test), stages: settings.stages,
            duration: duration, varied: varied)
        let reliability = try errors.reliability(on: dataset.trajectories(.test))
        try context.interruption.check()
        let training = try errors.rootMeanSquare(of: dataset.trajectories(.training))
        let validation = try errors.rootMeanSquare(of: dataset.trajectories(.validation))
        context.progress.update(done: predictions, detail: "non-conservative part")
        let nonConservative = try NonConservativePart(
            recipe: recipe, model: model, dataset: dataset, context: context, finished: predictions
        ).measure()
        context.progress.update(done: predictions + dynamics, detail: "twins")
        let twins = try TwinDynamics(recipe: recipe, model: model, context: context, finished: predictions + dynamics).run()
        let comparison = Comparison(
            title: recipe.title, forces: forces, trainingError: training, validationError: validation,
            reliability: reliability, twins: twins, symmetryBreaking: try symmetryBreaking(learnedForces),
            nonConservative: nonConservative,
            snapshots: Dataset.Split.allCases.map { dataset.snapshots($0).count },
            trajectories: Dataset.Split.allCases.map { dataset.trajectories($0).count })
        context.progress.end(
            summary: "force RMSE \(TerminalNumber.text(forces.stages[0].rootMeanSquare)) on the test trajectories")
        return comparison
    }

    private func learned(on supercell: Supercell, pool: WorkerPool) throws -> any ForceField {
        try model.forceField(
            on: supercell, conditions: recipe.model, singlePrecision: recipe.simulate.precision == .float32,
            tiling: recipe.simulate.tiling, pool: pool)
    }

    /// The asymmetry of the learned force under every generator of the symmetry, on a hot configuration and on the coldest quench
    /// of the test data.
    private func symmetryBreaking(_ forces: UncertainForces) throws -> [Comparison.SymmetryBreaking] {
        let quench = dataset.trajectories(.test).filter { $0.kind == .quench }
            .min { $0.electrons.temperature < $1.electrons.temperature }
        let electrons = quench?.electrons ?? recipe.electrons[0]
        // Energies of sites are moved with the displacements.
        func force(of electrons: AdiabaticModel) -> (SiteField) throws -> SiteField {
            { field in
                try context.interruption.check()
                return try forces.force(at: field, for: electrons)
            }
        }
        let hot = [
            try HotStart(
                displacementVariance: recipe.dynamics.initialDisplacementVariance,
                velocityVariance: recipe.dynamics.initialVelocityVariance, seed: recipe.seed(of: .twins, 1_000_000)
            ).displacement(on: recipe.supercell, kind: recipe.model.variable.kind)
        ]
        let cold = quench?.snapshots.map(\.displacement) ?? []
        let (onHot, onCold) = (try hot.map(force(of: electrons)), try cold.map(force(of: electrons)))
        return try SymmetryGenerator.all(of: recipe.supercell, electrons: electrons).map { generator in
            let moved = force(of: electrons.moved(on: recipe.supercell, by: generator.inverse))
            let first = try generator.breaking(at: hot, onHot, by: moved)
            let second = cold.isEmpty ? nil : try generator.breaking(at: cold, onCold, by: moved)
            return Comparison.SymmetryBreaking(
                generator: generator.name, hot: first.norm, quench: second?.norm, largest: (second ?? first).largest)
        }
    }

    /// The force of the data's solver on their lattice, that of the twins' on theirs, and the learned one on both and on that of
    /// the simulation: the best of a few evaluations, as dynamics has them.
    func costs() throws -> [ForceCosts.Cost] {
        func measure(_ name: String, _ supercell: Supercell, threads: Int, _ forceField: any ForceField) throws -> ForceCosts.Cost
        {
            let displacement = SiteField(
                supercell,
                values: RandomStream(seed: recipe.seed, purpose: .initialDisplacement).normals(
                    count: supercell.siteCount, step: 0))
            var force = SiteField(supercell)
            try forceField.computeForces(at: displacement, into: &force)
            let best = try (0..<3).map { _ in
                try ContinuousClock().measure { try forceField.computeForces(at: displacement, into: &force) }
            }.min()!
            return ForceCosts.Cost(
                name: name, size: supercell.size, sites: supercell.siteCount, seconds: best.inSeconds, threads: threads)
        }
        var used = [(solver: recipe.generate.solver, size: recipe.lattice.size)]
        for solver in recipe.solvers(of: .compare) where !used.contains(where: { $0 == (solver, recipe.compare.twinSize) }) {
            used.append((solver, recipe.compare.twinSize))
        }
        let exact = try used.map { name, size in
            let supercell = recipe.supercell(size)
            return try measure(
                name.rawValue, supercell, threads: name.usesThreads ? context.pool.threads : 1,
                AdiabaticForceField(recipe.solver(name, pool: context.pool), on: supercell).total.atStep(0, seed: 0))
        }
        // The largest comes last.
        let sizes = Set(used.map(\.size) + [recipe.simulate.size]).sorted { ($0.reduce(1, *), $0[0]) < ($1.reduce(1, *), $1[0]) }
        return try exact
            + sizes.map { size in
                let supercell = recipe.supercell(size)
                return try measure(
                    "model", supercell, threads: context.pool.threads,
                    learned(on: supercell, pool: context.pool).atStep(0, seed: 0))
            }
    }
}
