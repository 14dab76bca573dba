import Electrons
import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Testing

/// What would fail late is refused early, and nothing else is.
@Suite struct StageRequirementTests {
    private func obstacles(_ recipe: Recipe) -> [(stage: StageName, key: String?)] {
        recipe.obstacles(to: StageName.all(of: recipe)).map { ($0.stage, ($0.error as? RecipeError)?.key) }
    }

    /// Lattices that networks do not know: only what asks for a network is refused, and the rest works.
    @Test(arguments: ["honeycomb", "kagome"], [true, false])
    func latticesWithoutNetworks(_ lattice: String, _ isPeriodic: Bool) throws {
        let recipe = try StageRun.recipe([
            "file = \"square\"": "file = \"\(lattice)\"\nperiodic = [true, \(isPeriodic)]", "size = [6, 6]": "size = [2, 3]",
            "coupling = 3.5": "neighbor_stiffness = 0.1", "size = [6, 4]": "size = [3, 2]\nforce_field = \"selected-inversion\"",
            "twin_size = [4, 4]": "twin_size = [2, 2]",
        ])
        let refused = obstacles(recipe)
        #expect(refused.map(\.stage) == [.train, .compare])
        if isPeriodic { #expect(refused.allSatisfy { $0.key == "lattice.file" }) }
        let run = StageRun()
        #expect(throws: (any Error).self) { try Stages.run(run.context(recipe)) }
        #expect(!FileManager.default.fileExists(atPath: run.directory.path))
        for stage in [StageName.generate, .simulate] { _ = try stage.run(run.context(recipe)) }
        #expect(throws: (any Error).self) { try Stages.train(run.context(recipe)) }
        // Costs are told of what can run.
        let costs = try CostEstimate(recipe, threads: 1).stages.filter { $0.stage != "report" }
        #expect(costs.map(\.stage) == ["generate", "simulate", "analyze"])
    }

    /// A recipe of lattice and model alone runs on every lattice that comes with the program.
    @Test(arguments: ["chain", "square", "triangular", "honeycomb", "kagome", "cubic"])
    func latticeAndModelAlone(_ lattice: String) throws {
        // The published κ makes the cubic lattice unstable.
        let model = lattice == "cubic" ? "neighbor_stiffness = 0.1\n" : ""
        let recipe = try Recipe("[lattice]\nfile = \"\(lattice)\"\n[model]\n" + model, file: suppliedRecipe("small"))
        #expect(obstacles(recipe).map(\.stage) == [])
    }

    /// A change of the small recipe, the stages of a run that it keeps from running, and the key that they name.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let changes: [(String, String)]
        let stages: [StageName]
        let key: String?
    }

    private static let ends = (StageRun.network, StageRun.learnedEnds)
    private static let fit = ("batch_size = 100\nwarmup_steps = 2", "")

    @Test(arguments: [
        Case(testDescription: "the small recipe", changes: [], stages: [], key: nil),
        Case(testDescription: "learned ends", changes: [ends, fit], stages: [], key: nil),
        Case(
            testDescription: "the poles of learned ends", changes: [ends, fit, ("coupling = 3.5", "temperature = 0")],
            stages: [.train, .simulate, .compare], key: "model.temperature"),
        Case(
            testDescription: "the optimizer of learned ends",
            changes: [ends, fit, ("epochs = 5", "epochs = 5\noptimizer = \"adam\"")],
            stages: [.train], key: "training.optimizer"),
        Case(
            testDescription: "electrons beyond the data",
            changes: [ends, fit, ("trajectories = 4", "trajectories = 4\ntemperatures = [0.2, 0.3]")],
            stages: [.simulate, .compare], key: "model.temperature"),
        Case(
            testDescription: "one force for several electrons",
            changes: [("trajectories = 4", "trajectories = 4\ntemperatures = [0.1, 0.3]")],
            stages: [.train, .simulate, .compare], key: nil),
        Case(
            testDescription: "too many sites",
            changes: [("size = [6, 6]", "size = [200, 200]"), ("[generate]", "[generate]\nsolver = \"exact-diagonalization\"")],
            stages: [.generate, .compare], key: "lattice.size"),
        Case(
            testDescription: "too few poles",
            changes: [("[simulate]", "[local_diagonalization]\npoles = 1\n[simulate]\nforce_field = \"local-diagonalization\"")],
            stages: [.simulate], key: "simulate.force_field"),
        Case(
            testDescription: "no two sublattices",
            changes: [("widths = [3]", "widths = [3]\nparticle_hole_odd = true"), ("size = [6, 6]", "size = [5, 6]")],
            stages: [.train, .simulate, .compare], key: "network.particle_hole_odd"),
    ])
    func whatStagesLack(_ row: Case) throws {
        var text = StageRun.recipeText
        for (old, new) in row.changes { text = text.replacing(old, with: new) }
        let recipe = try Recipe(text, file: suppliedRecipe("small"))
        let refused = obstacles(recipe)
        #expect(refused.map(\.stage) == row.stages)
        #expect(row.key == nil || refused.allSatisfy { $0.key == row.key }, "\(refused)")
        guard let first = refused.first else { return }
        // Nothing is begun, by `run` or by the stage itself.
        let run = StageRun()
        #expect(throws: (any Error).self) { try Stages.run(run.context(recipe)) }
        #expect(throws: (any Error).self) { try first.stage.run(run.context(recipe)) }
        #expect(!run.directory.exists(run.directory.path))
    }

    /// A model that is there already may know more than the recipe's data do: only a run that trains it is refused.
    @Test func electronsOfAModelThatIsThere() throws {
        let recipe = try StageRun.recipe(["trajectories = 4": "trajectories = 4\ntemperatures = [0.2]"])
        #expect(recipe.obstacles(to: [.simulate]).isEmpty)
        #expect(recipe.obstacles(to: [.train, .simulate]).map(\.stage) == [.simulate])
    }

    @Test(.enabled(if: ProcessInfo.processInfo.physicalMemory < 70 << 30, "this machine has memory enough"))
    func whatDoesNotFitIntoMemory() throws {
        let recipe = try StageRun.recipe([
            "size = [6, 4]": "size = [40000, 40000]\nforce_field = \"local-diagonalization\""
        ])
        let error = #expect(throws: StageError.self) { try recipe.require([.simulate]) }
        #expect(error?.description.contains("simulate.size") == true)
        // Enough processes have room for it.
        #expect(recipe.obstacles(to: [.simulate], processes: 4096).isEmpty)
    }
}
