import Electrons
import Experiments
import Foundation
import LatticeNumerics
import Lattices
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Runs with the solvers that scale.
@Suite struct SolverStageTests {
    private func recipe(_ solver: String, _ tables: String = "") throws -> Recipe {
        try StageRun.recipe(["[generate]\n": "\(tables)[generate]\nsolver = \"\(solver)\"\n", "size = [6, 6]": "size = [8, 8]"])
    }

    private func dataset(_ recipe: Recipe, _ run: StageRun, threads: Int = 1) throws -> Dataset {
        _ = try Stages.generate(run.context(recipe, threads: threads))
        return try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell)
    }

    /// With at least as many trajectories as threads and with fewer: the same bits.
    @Test(arguments: ["selected-inversion", "local-diagonalization", "conservative-local-diagonalization"])
    func dataDoNotDependOnTheThreads(_ solver: String) throws {
        let recipe = try recipe(solver)
        let runs = try [1, 2, 7].map { threads in
            let run = StageRun()
            _ = try Stages.generate(run.context(recipe, threads: threads))
            return run
        }
        try runs[1].expectSameFiles(as: runs[0])
        try runs[2].expectSameFiles(as: runs[0])
    }

    @Test func selectedInversionMakesTheExactData() throws {
        let (exact, sparse) = try (recipe("exact-diagonalization"), recipe("selected-inversion"))
        let (run, other) = (StageRun(), StageRun())
        let (a, b) = try (dataset(exact, run), dataset(sparse, other))
        #expect(a.snapshotCount == b.snapshotCount && a.snapshotCount == 20)
        for (first, second) in zip(a.trajectories.flatMap(\.snapshots), b.trajectories.flatMap(\.snapshots)) {
            #expect(zip(first.force.values, second.force.values).allSatisfy { abs($0 - $1) < 1e-8 })
            #expect(abs(first.potential - second.potential) < 1e-7)
        }
    }

    /// An accuracy becomes options, the same for any number of threads, and these are what the files record.
    @Test func accuracyIsResolvedOnceAndRecorded() throws {
        let open = try recipe("local-diagonalization", "[local_diagonalization]\naccuracy = 0.02\n")
        #expect(open.accuracyChoices.isEmpty)
        let resolved = try open.resolvingAccuracy(pool: WorkerPool(threads: 1))
        #expect(try open.resolvingAccuracy(pool: WorkerPool(threads: 2)) == resolved)
        #expect(try resolved.resolvingAccuracy(pool: WorkerPool(threads: 1)) == resolved)
        let choice = try #require(resolved.accuracyChoices.first)
        #expect(choice.accuracy == 0.02 && choice.solver == "local-diagonalization")
        #expect(choice.rootMeanSquare > 0 && choice.rootMeanSquare <= 0.02 && choice.percentile99 > 0)
        #expect(!resolved.resolvedTOML.contains("\naccuracy") && resolved.resolvedTOML.contains("radius"))

        let run = StageRun()
        let data = try dataset(open, run)
        #expect(data.recipe == resolved.resolvedTOML)
        #expect(try Stages.generate(run.context(open)).ran == false)
        #expect(try Stages.generate(run.context(resolved)).ran == false)
        let manifest = try FileInspection(contentsOf: run.directory.manifest)
        #expect(manifest.attributes["accuracy_choices"] == "1 values")
        // What is done again takes the data for those of the recipe.
        #expect(try Stages.discarded(by: .train, through: .train, run.context(open)) == [])
        #expect(try Stages.redo(.train, run.context(open)).ran)
        // Other options are another dataset.
        let other = try recipe("local-diagonalization", "[local_diagonalization]\nradius = 0\nlevels = 0\n")
        #expect(throws: StageError.self) { try Stages.generate(run.context(other)) }
    }

    /// Data of an approximate solver, twins of an exact one.
    @Test func twinsHaveTheirOwnSolver() throws {
        let run = StageRun()
        let text = try recipe("local-diagonalization").resolvedTOML.replacing(
            "[compare]\nsolver = \"local-diagonalization\"", with: "[compare]\nsolver = \"selected-inversion\"")
        let recipe = try Recipe(text, file: suppliedRecipe("small"))
        #expect(recipe.compare.solver == .selectedInversion)
        for stage in [Stages.generate, Stages.train, Stages.compare] { _ = try stage(run.context(recipe, threads: 2)) }
        let costs = try JSONFile.read(ForceCosts.self, from: run.directory.costs)
        #expect(costs.costs.map(\.name) == ["local-diagonalization", "selected-inversion", "model", "model", "model"])
    }

    @Test(arguments: ["selected-inversion", "local-diagonalization", "conservative-local-diagonalization"])
    func dynamicsOfEverySolver(_ solver: String) throws {
        let run = StageRun()
        let recipe = try StageRun.recipe(["[simulate]\n": "[simulate]\nforce_field = \"\(solver)\"\n"])
        #expect(try Stages.simulate(run.context(recipe, threads: 2)).ran)
        let file = try TrajectoryFile.open(run.directory.trajectory, lattice: recipe.lattice.geometry)
        #expect(file.isComplete && file.forceField == solver)
        // Only a solver with a potential tells the energy.
        #expect(try file.observable("total_energy").allSatisfy { $0.isFinite == (solver != "local-diagonalization") })
    }

    /// Without coupling, or with one that is lost in rounding of the elastic force, the force does not tell the density: the
    /// electrons do.
    @Test(arguments: ["exact-diagonalization", "local-diagonalization", "conservative-local-diagonalization"])
    func densitiesWithoutCoupling(_ solver: String) throws {
        for coupling in ["0", "1e-14"] {
            let run = StageRun()
            let recipe = try StageRun.recipe([
                "coupling = 3.5": "coupling = \(coupling)\nchemical_potential = 0.7\ntemperature = 1",
                "[simulate]\n": "[simulate]\nforce_field = \"\(solver)\"\nframe_fields = [\"displacement\", \"density\"]\n",
            ])
            _ = try Stages.simulate(run.context(recipe, threads: 2))
            let file = try TrajectoryFile.open(run.directory.trajectory, lattice: recipe.lattice.geometry)
            let last = file.frameCount - 1
            let displacement = try file.field(.displacement, frame: last)
            let solved = try #require(SolverName(rawValue: solver)).solver(recipe.model).solve(displacement)
            let density = try file.field(.density, frame: last)
            #expect(zip(density.values, solved.density.values).allSatisfy { abs($0 - $1) < 1e-12 })
            #expect(density.values.allSatisfy { $0 > 0.5 && $0 < 1 })
            #expect(try file.observable("density_order_parameter").allSatisfy { abs($0) < 1e-9 })
        }
    }

    /// A network cannot tell it, and a run of one is not asked to.
    @Test func networksWithoutCouplingStoreNoDensity() throws {
        let coupling: KeyValuePairs = ["coupling = 3.5": "coupling = 0"]
        #expect(try StageRun.recipe(coupling).simulate.frameFields == [.displacement, .velocity])
        #expect(try StageRun.recipe().simulate.frameFields.contains(.density))
        let error = #expect(throws: RecipeError.self) {
            try StageRun.recipe([
                "coupling = 3.5": "coupling = 0",
                "[simulate]\n": "[simulate]\nframe_fields = [\"displacement\", \"density\"]\n",
            ])
        }
        #expect(error?.key == "simulate.frame_fields" && error?.problem.contains("model.coupling = 0") == true)
    }

    /// Forces that reach around a lattice are told of, and nobody else's.
    @Test func forcesThatReachAroundTheLatticeAreToldOf() throws {
        let reach = LocalDiagonalization.Options(radius: 1, levels: 2).receptiveField(on: try StageRun.recipe().lattice.geometry)
        func generate(_ solver: String, side: Int) throws -> (warnings: [String], facts: [StageSummary.Fact]) {
            let run = StageRun()
            let recipe = try StageRun.recipe([
                "[generate]\n": "[generate]\nsolver = \"\(solver)\"\n", "size = [6, 6]": "size = [\(2 * reach + 1), \(side)]",
            ])
            let facts = try Stages.generate(run.context(recipe)).facts
            return (run.progress.warnings, facts)
        }
        let short = try generate("local-diagonalization", side: 2 * reach)
        #expect(short.warnings.count == 1)
        for part in ["local-diagonalization sees \(reach) cells", "sides of \(2 * reach + 1) and more"] {
            #expect(short.warnings.first?.contains(part) == true, "\(short.warnings)")
        }
        #expect(short.facts.contains { $0.name.hasPrefix("local-diagonalization on ") })
        for (solver, side) in [("local-diagonalization", 2 * reach + 1), ("selected-inversion", 4)] {
            let long = try generate(solver, side: side)
            #expect(long.warnings.isEmpty && long.facts.count == short.facts.count - 1)
        }
    }

    @Test func forcesReportTheirErrorAndTime() throws {
        let path = temporaryFile("m.toml", "[lattice]\n[model]\n[selected_inversion]\ntolerance = 1e-8\n")
        let values = RandomStream(seed: 4, purpose: .testing).normals(count: 64, step: 0)
        func evaluate(_ solver: SolverName) throws -> ForceEvaluation.Result {
            try ForceEvaluation(ModelRecipe(contentsOf: path), source: .solver(solver)).evaluate(
                NPYArray(shape: [8, 8], values: values), needsDensity: false, threads: 2, progress: SilentProgress(),
                interruption: Interruption())
        }
        let (exact, sparse) = try (evaluate(.exactDiagonalization), evaluate(.selectedInversion))
        #expect(exact.errorEstimate == nil && exact.secondsPerConfiguration > 0)
        let error = try #require(sparse.errorEstimate)
        #expect(error > 0 && error <= 1e-8)
        #expect(zip(exact.forces.values, sparse.forces.values).allSatisfy { abs($0 - $1) < 3.5e-8 })
        #expect(exact.forces.values != sparse.forces.values)
    }

    @Test func costsOfEverySolver() throws {
        for solver in SolverName.allCases {
            let cost = try CostEstimate(recipe(solver.rawValue), threads: 2)
            #expect(cost.stages.map(\.stage) == ["generate", "train", "simulate", "compare", "analyze", "report"])
            #expect(cost.stages[0].work.contains(solver.rawValue.replacing("-", with: " ")))
            #expect(cost.stages.allSatisfy { $0.seconds > 0 && $0.seconds.isFinite && $0.bytes > 0 })
        }
        let open = try StageRun.recipe(["size = [6, 6]": "size = [6, 6]\nperiodic = [true, false]"])
        #expect(try CostEstimate(open, threads: 2).stages.map(\.stage) == ["generate", "simulate", "analyze", "report"])
    }
}
