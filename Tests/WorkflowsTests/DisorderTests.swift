import Communication
import Experiments
import Foundation
import Models
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Energies of sites from recipes: `onsite` and `onsite_disorder`.
@Suite struct DisorderTests {
    private static func fixture(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).appendingPathComponent(
            "../../ElectronsTests/Fixtures/models/holstein-square-disorder/\(name).npy"
        ).standardized.path
    }

    /// A file of energies beside a recipe of its own.
    private static func energies(_ size: [Int], times factor: Double = 1) throws -> String {
        let path = temporaryFile("v.npy", "")
        let count = size.reduce(1, *)
        let values = (0..<count).map { factor * (Double(($0 * 7919) % 101) / 50 - 1) }
        try NPYArray(shape: size.reversed(), values: values).write(to: path)
        return path
    }

    /// The recipe names the file by a path relative to its own folder.
    @Test(arguments: ["exact-diagonalization", "selected-inversion"]) func forcesAreThoseOfNumPy(_ solver: String) throws {
        let path = temporaryFile(
            "case.toml", "[lattice]\n[model]\ncoupling = 1.5\nonsite = \"onsite.npy\"\n[selected_inversion]\ntolerance = 1e-11\n")
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        try FileManager.default.copyItem(atPath: Self.fixture("onsite"), toPath: folder.appendingPathComponent("onsite.npy").path)
        let evaluation = try ForceEvaluation(
            ModelRecipe(contentsOf: path), source: .solver(#require(SolverName(rawValue: solver))))
        let found = try evaluation.evaluate(
            NPYArray(contentsOf: Self.fixture("configuration")), needsDensity: true, threads: 1, progress: RecordedProgress(),
            interruption: Interruption())
        func difference(_ found: NPYArray?, _ name: String) throws -> Double {
            try zip(#require(found).values, NPYArray(contentsOf: Self.fixture(name)).values).map { abs($0 - $1) }.max()!
        }
        #expect(try difference(found.forces, "force") < 1e-9 && difference(found.density, "density") < 1e-9)
        let wrong = NPYArray(shape: [7, 6], values: [Double](repeating: 0.1, count: 42))
        let error = #expect(throws: ModelError.self) { try evaluation.validate(wrong) }
        #expect(error?.description.contains("has the energies of [7, 6] cells, and array in memory has [6, 7]") == true)
    }

    private static func recipe(_ model: String, learnedEnds: Bool = true) throws -> Recipe {
        try StageRun.recipe([
            "coupling = 3.5": "coupling = 3.5\n\(model)",
            StageRun.network: learnedEnds ? StageRun.learnedEnds : StageRun.network,
            "batch_size = 100\nwarmup_steps = 2\n": learnedEnds ? "" : "batch_size = 100\n",
        ])
    }

    /// A stage on a lattice of another size is refused before it begins; the others are not.
    @Test func aFileIsForLatticesOfItsSize() throws {
        let recipe = try Self.recipe("onsite = \"\(Self.energies([6, 6]))\"")
        #expect(recipe.obstacles(to: [.generate, .train]).isEmpty)
        let error = try #require(recipe.obstacles(to: [.simulate]).first?.error as? RecipeError)
        #expect(error.key == "model.onsite" && error.problem.contains("[6, 6] cells, and simulate.size has [6, 4]"))
        let twins = try #require(recipe.obstacles(to: [.train, .compare]).first?.error as? RecipeError)
        #expect(twins.problem.contains("compare.twin_size has [4, 4]"))
        let run = StageRun()
        #expect(throws: RecipeError.self) { try Stages.simulate(run.context(recipe)) }
        #expect(!run.directory.exists(run.directory.path))
    }

    @Test func aWrongFileIsRefused() throws {
        func problem(_ path: String) -> String {
            let error = #expect(throws: RecipeError.self) { try Self.recipe("onsite = \"\(path)\"") }
            #expect(error?.key == "model.onsite")
            return error?.problem ?? ""
        }
        let path = try Self.energies([6, 6])
        let infinite = temporaryFile("v.npy", "")
        try NPYArray(shape: [2, 1], values: [1, .nan]).write(to: infinite, nonFinite: .undefined)
        #expect(problem(infinite).contains("nan"))
        let deep = temporaryFile("v.npy", "")
        try NPYArray(shape: [2, 2, 2], values: [Double](repeating: 0, count: 8)).write(to: deep)
        #expect(problem(deep).contains("has no shape of the square lattice"))
        #expect(problem(temporaryFile("v.npy", "no array")).contains("v.npy"))
        #expect(problem(path + ".not").contains("v.npy.not"))
        _ = problem(NSTemporaryDirectory())
        let other = #expect(throws: RecipeError.self) { try Self.recipe("onsite_sha256 = \"00\"") }
        #expect(other?.key == "model.onsite_sha256")
        #expect(throws: RecipeError.self) { try Self.recipe("onsite_disorder = -0.5") }
    }

    /// Data know the file that they were made with. Another one, by the same name, is found out; the one by another name is the same.
    @Test func filesAreComparedByTheirContents() throws {
        let path = try Self.energies([6, 6])
        let run = StageRun()
        let recipe = try Self.recipe("onsite = \"\(path)\"")
        #expect(try Recipe(recorded: recipe.resolvedTOML, file: "other/recipe.toml") == recipe)
        _ = try Stages.generate(run.context(recipe))
        let elsewhere = try Self.recipe("onsite = \"\(Self.energies([6, 6]))\"")
        #expect(elsewhere.fingerprint() == recipe.fingerprint())
        #expect(try !Stages.generate(run.context(elsewhere)).ran)
        let dataset = try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell)
        #expect(try dataset.contradictions(file: "recipe.toml") == [])

        try Data(contentsOf: URL(fileURLWithPath: Self.energies([6, 6], times: 2))).write(to: URL(fileURLWithPath: path))
        let changed = try Self.recipe("onsite = \"\(path)\"")
        let error = #expect(throws: StageError.self) { try Stages.generate(run.context(changed)) }
        #expect(error?.description.contains("model.onsite_sha256: ") == true && error?.description.contains("--redo") == true)
        // What is recorded cannot be solved again, and says so; the numbers can be read.
        let read = try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell)
        #expect(read.snapshotCount == dataset.snapshotCount)
        let gone = #expect(throws: ModelError.self) { try read.contradictions(file: "recipe.toml") }
        #expect(gone?.description.contains("has changed: its SHA-256 is") == true)
        let recorded = try Recipe(recorded: recipe.resolvedTOML, file: "recipe.toml")
        #expect(recorded.obstacles(to: [.generate]).first.map { "\($0.error)" }?.contains("has changed") == true)
        _ = try Stages.redo(.generate, run.context(changed))
        #expect(try Stages.generate(run.context(changed)).ran == false)
    }

    /// Other seeds have other energies, in data and simulation.
    @Test func theSeedDecides() throws {
        let recipe = try Self.recipe("onsite_disorder = 2.0")
        #expect(recipe.model.onsiteEnergies?.seed == 7 && recipe.model.onsiteEnergies?.width == 2)
        var other = recipe
        other.seed = 8
        #expect(other.model != recipe.model)
        #expect(try Recipe(recorded: recipe.resolvedTOML, file: "recipe.toml").model == recipe.model)
        let overridden = try Recipe("seed = 7\n[lattice]\n[model]\nonsite_disorder = 2.0\n", overrides: .init(seed: 8))
        #expect(overridden.model.onsiteEnergies?.seed == 8)
    }

    /// Networks of displacements alone are refused; learned ends see energies, and their force moves with them.
    @Test func learnedForces() throws {
        let blind = try Self.recipe("onsite_disorder = 1.5", learnedEnds: false)
        let error = try #require(blind.obstacles(to: [.train]).first?.error as? RecipeError)
        #expect(error.key == "model.onsite_disorder" && error.problem.contains("equivariant-fully-connected"))
        let run = StageRun()
        let recipe = try Self.recipe("onsite_disorder = 1.5")
        for stage in [Stages.generate, Stages.train, Stages.simulate, Stages.compare] { _ = try stage(run.context(recipe)) }
        let comparison = try JSONFile.read(Comparison.self, from: run.directory.comparison)
        #expect(comparison.symmetryBreaking.count == 4 && comparison.symmetryBreaking.allSatisfy { $0.hot < 1e-5 })
        #expect(comparison.forces.stages[0].rootMeanSquare < 0.1 * comparison.forces.stages[0].trivial)
        // Without its energies it would be another force.
        let plain = try Self.recipe("onsite_disorder = 0.0")
        #expect(throws: ForceEvaluationError.self) {
            try ForceEvaluation.Source.network(contentsOf: run.directory.model, for: plain.model)
        }
    }

    /// Ranks make the trajectory of one process, from a solver and from a learned force.
    @Test(arguments: ["local-diagonalization", "model"]) func ranks(_ forceField: String) throws {
        let recipe = try StageRun.recipe([
            "coupling = 3.5": "coupling = 3.5\nonsite_disorder = 2.0", StageRun.network: StageRun.learnedEnds,
            "epochs = 5\nbatch_size = 100\nwarmup_steps = 2": "epochs = 2",
            "size = [6, 4]": "size = [64, 60]\nforce_field = \"\(forceField)\"", "steps = 20": "steps = 8",
            "[simulate]\n": "[local_diagonalization]\nradius = 1\nlevels = 1\n[simulate]\n",
        ])
        let alone = StageRun()
        if forceField == "model" { for stage in [Stages.generate, Stages.train] { _ = try stage(alone.context(recipe)) } }
        let run = try StageRun(copying: alone)
        _ = try Stages.simulate(alone.context(recipe, threads: 2))
        _ = try ThreadCommunicator.run(ranks: 4) { [directory = run.directory] communicator in
            try Stages.simulate(
                StageContext(recipe: recipe, directory: directory, threads: 1, communicator: communicator, grid: [2, 2])
            ).ran
        }
        #expect(try run.bytes(run.directory.trajectory) == alone.bytes(alone.directory.trajectory))
    }
}
