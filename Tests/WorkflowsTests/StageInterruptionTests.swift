import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Testing

/// An interrupted stage that is repeated leaves the same bytes as one that was not.
@Suite struct StageInterruptionTests {
    private func finished(_ recipe: Recipe? = nil, threads: Int = 1) throws -> StageRun {
        let run = StageRun()
        let context = try run.context(recipe, threads: threads)
        for stage in [Stages.generate, Stages.train, Stages.simulate] { #expect(try stage(context).ran) }
        return run
    }

    private func expectSame(_ recipe: Recipe? = nil, looks: [Int], threads: Int = 1, atLeast stops: Int) throws {
        let whole = try finished(recipe)
        for looks in looks {
            let run = StageRun()
            var count = 0
            for stage in [Stages.generate, Stages.train, Stages.simulate] {
                count += try run.runInPieces(stage, recipe, looks: looks, threads: threads)
            }
            #expect(count >= stops, "stopped \(count) times with \(looks) looks")
            try run.expectSameFiles(as: whole)
        }
    }

    @Test func everyNumberOfLooks() throws {
        try expectSame(looks: Array(0...21), atLeast: 2)
    }

    @Test(arguments: [1, 2, 4]) func everyNumberOfThreads(_ threads: Int) throws {
        try finished(threads: threads).expectSameFiles(as: finished())
        try expectSame(looks: [0, 3, 7, 18], threads: threads, atLeast: 2)
    }

    @Test(arguments: ["langevin-velocity-verlet", "velocity-verlet", "overdamped"]) func everyIntegrator(_ name: String) throws {
        let recipe = try StageRun.recipe(["time_step = 0.1": "time_step = 0.02\nintegrator = \"\(name)\""])
        try expectSame(recipe, looks: [2, 11], atLeast: 2)
    }

    @Test func exactForcesAndSchedulesThatRemember() throws {
        let recipe = try StageRun.recipe([
            "size = [6, 4]": "size = [6, 4]\nforce_field = \"exact-diagonalization\"",
            "epochs = 5":
                "epochs = 6\nschedule = \"reduce-on-plateau\"\nplateau_patience = 0\n"
                + "early_stopping_patience = 2\ncheckpoint_interval = 4",
        ])
        // With a state saved every four epochs only, and on every interruption.
        try expectSame(recipe, looks: [1, 6, 13], atLeast: 2)
    }

    @Test func filesAreTheUnfinishedOnesUntilTheEnd() throws {
        let run = StageRun()
        #expect(throws: WorkflowInterrupted.self) { try Stages.generate(run.context(interruption: .after(looks: 20))) }
        #expect(!run.directory.exists(run.directory.dataset) && run.directory.exists(run.directory.datasetParts))
        _ = try Stages.generate(run.context())
        #expect(!run.directory.exists(run.directory.datasetParts))

        #expect(throws: WorkflowInterrupted.self) { try Stages.train(run.context(interruption: .after(looks: 9))) }
        #expect(!run.directory.exists(run.directory.model) && run.directory.exists(run.directory.trainingCheckpoint))
        _ = try Stages.train(run.context())

        #expect(throws: WorkflowInterrupted.self) { try Stages.simulate(run.context(interruption: .after(looks: 9))) }
        #expect(run.directory.exists(run.directory.simulationCheckpoint))
        try expectPartial(run.directory.trajectory)
        _ = try Stages.simulate(run.context())
        // The last state stays, to go on from for more steps.
        #expect(try TrajectoryFile.open(run.directory.trajectory, lattice: StageRun.recipe().lattice.geometry).isMerged)
        #expect(run.directory.exists(run.directory.simulationCheckpoint))
    }

    /// Nine steps: frames at 0 and 6, samples at 0, 2, 4, 6 and 8.
    private func expectPartial(_ path: String) throws {
        let file = try TrajectoryFile.open(path, lattice: StageRun.recipe().lattice.geometry)
        #expect(!file.isComplete && file.frameCount == 2 && file.sampleCount == 5)
    }

    @Test func comparisonIsInterruptedAndRepeated() throws {
        let run = try finished()
        for looks in [0, 1, 5] {
            #expect(throws: WorkflowInterrupted.self) { try Stages.compare(run.context(interruption: .after(looks: looks))) }
            #expect(!run.directory.exists(run.directory.comparison))
        }
        #expect(try Stages.compare(run.context()).ran)
    }
}
