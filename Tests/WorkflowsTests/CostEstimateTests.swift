import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Synchronization
import Testing

@Suite struct CostEstimateTests {
    @Test func costsAreFiniteAndGrowWithTheWork() throws {
        let small = try CostEstimate(Recipe(contentsOf: suppliedRecipe("quickstart")), threads: 2)
        let large = try CostEstimate(Recipe(contentsOf: suppliedRecipe("fan-chern-2026")), threads: 2)
        // Without gnuplot there is no report.
        #expect(small.stages.map(\.stage).filter { $0 != "report" } == ["generate", "train", "simulate", "compare", "analyze"])
        #expect(small.stages.allSatisfy { $0.seconds > 0 && $0.seconds.isFinite && $0.bytes > 0 })
        #expect(large.bytes > small.bytes && large.seconds > small.seconds)
    }

    /// Lattices of an ensemble that are measured on pieces of one size.
    @Test func ensemblesAreMeasured() throws {
        let stages = try CostEstimate(Recipe(contentsOf: suppliedRecipe("coarsening")), threads: 2).stages
        #expect(stages.contains { $0.stage == "coarsen" && $0.seconds > 0 })
    }

    /// Fixed filling takes several solutions a force, and no temperature and no bond is too much for a measurement.
    @Test(arguments: ["filling = 0.3", "temperature = 0", "neighbor_stiffness = 0", "coupling = 0", "temperature = 1e-4"])
    func anyModelIsMeasured(_ model: String) throws {
        let recipe = try StageRun.recipe(["coupling = 3.5": model])
        let cost = try CostEstimate(recipe, threads: 2)
        #expect(cost.stages.allSatisfy { $0.seconds > 0 && $0.seconds.isFinite && $0.bytes > 0 })
    }

    /// What is predicted to be done is what is done: forces of the data and steps of the simulation, as the stages count them.
    @Test func workIsThatOfTheStages() throws {
        let recipe = try StageRun.recipe()
        let (run, totals) = (StageRun(), CountedWork())
        let context = StageContext(recipe: recipe, directory: run.directory, threads: 1, progress: totals)
        for stage in [Stages.generate, Stages.train, Stages.simulate, Stages.analyze] { _ = try stage(context) }
        let stages = try CostEstimate(recipe, threads: 1, directory: run.directory).stages
        #expect(stages[0].work.hasPrefix("\(totals["generate"]) forces on 36 sites"))
        // Five epochs of all sites of the configurations for training.
        let configurations = totals["train"] / 5 / 36
        #expect(stages[1].work.hasPrefix("5 epochs of \(configurations) configurations, "))
        #expect(stages[2].work == "\(totals["simulate"]) learned forces on 24 sites")
        #expect(stages[4].work == "\(totals["analyze"]) frames of 24 sites")
    }

    /// Files are timed on the disk of the run, and nothing of them stays, nor is the folder of the run made.
    @Test func nothingIsLeftBehind() throws {
        let folder = URL(fileURLWithPath: temporaryFile("kept.toml", "")).deletingLastPathComponent()
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let directory = RunDirectory(folder.appendingPathComponent("results/not-yet").path)
        _ = try CostEstimate(StageRun.recipe(), threads: 1, directory: directory)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == before)
    }
}

/// Keeps how much each stage says it has to do.
private final class CountedWork: ProgressReporter {
    private let totals = Mutex<[String: Int]>([:])

    subscript(stage: String) -> Int { totals.withLock { $0[stage] ?? 0 } }

    func begin(stage: String, total: Int) { totals.withLock { $0[stage] = total } }
    func update(done: Int, detail: String) {}
    func end(summary: String) {}
    func message(_ text: String) {}
    func warning(_ text: String) {}
}
