import Communication
import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Dynamics of a lattice that is spread over ranks: the files of one process.
@Suite struct SimulateRanksTests {
    /// Large enough to be cut, and for several units of rows.
    private static func recipe(_ forceField: String, steps: Int = 24) throws -> Recipe {
        try StageRun.recipe([
            "size = [6, 4]": "size = [90, 96]\nforce_field = \"\(forceField)\"", "steps = 20": "steps = \(steps)",
            "widths = [3]": "name = \"greens-function\"\ncore = 3\nradius = 1\nlevels = 1",
            // Sides that the blocks of the network divide, and one that those of the solver do not: each step takes another offset.
            "[simulate]\n": "[local_diagonalization]\ncore = 4\nradius = 1\n[simulate]\n",
            "radius_squared = 2": "pole_tolerance = 1e-3", "epochs = 5\nbatch_size = 100\nwarmup_steps = 2": "epochs = 2",
        ])
    }

    private static func simulate(
        _ recipe: Recipe, in directory: RunDirectory, ranks: Int, grid: [Int]? = nil, threads: Int = 1, looks: Int? = nil
    ) throws -> [Bool] {
        try ThreadCommunicator.run(ranks: ranks) { communicator in
            try Stages.simulate(
                StageContext(
                    recipe: recipe, directory: directory, threads: threads,
                    interruption: looks.map { .after(looks: $0) } ?? Interruption(), communicator: communicator, grid: grid)
            ).ran
        }
    }

    @Test(arguments: ["local-diagonalization", "model"])
    func anyGridMakesTheFilesOfOneProcess(_ forceField: String) throws {
        let recipe = try Self.recipe(forceField)
        let alone = StageRun()
        if forceField == "model" { for stage in [Stages.generate, Stages.train] { _ = try stage(alone.context(recipe)) } }
        let prepared = try StageRun(copying: alone)
        _ = try Stages.simulate(alone.context(recipe))
        let trajectory = try alone.bytes(alone.directory.trajectory)
        let checkpoint = try alone.bytes(alone.directory.simulationCheckpoint)
        for (grid, threads) in [([1, 2], 1), ([2, 1], 2), ([2, 2], 1), ([3, 1], 1)] {
            let run = try StageRun(copying: prepared)
            let ran = try Self.simulate(recipe, in: run.directory, ranks: grid.reduce(1, *), grid: grid, threads: threads)
            #expect(ran.allSatisfy { $0 })
            #expect(try run.bytes(run.directory.trajectory) == trajectory, "\(grid)")
            #expect(try run.bytes(run.directory.simulationCheckpoint) == checkpoint, "\(grid)")
        }
    }

    /// Stopped on four ranks, then on two, and finished on one.
    @Test func anotherNumberOfRanksGoesOn() throws {
        let recipe = try Self.recipe("local-diagonalization")
        let (alone, run) = (StageRun(), StageRun())
        _ = try Stages.simulate(alone.context(recipe))
        for ranks in [4, 2] {
            #expect(throws: WorkflowInterrupted.self) { try Self.simulate(recipe, in: run.directory, ranks: ranks, looks: 7) }
        }
        #expect(try Self.simulate(recipe, in: run.directory, ranks: 1) == [true])
        try run.expectSameFiles(as: alone)
    }

    /// A finished run, and one that was stopped, go on for more steps, and end with the bytes of one made for all of them.
    @Test func moreStepsGoOnFromTheLastState() throws {
        let (short, long) = (try Self.recipe("local-diagonalization"), try Self.recipe("local-diagonalization", steps: 40))
        let (whole, finished, stopped) = (StageRun(), StageRun(), StageRun())
        _ = try Stages.simulate(whole.context(long))
        #expect(try Stages.simulate(finished.context(short)).ran)
        #expect(throws: WorkflowInterrupted.self) { try Stages.simulate(stopped.context(short, interruption: .after(looks: 9))) }
        for run in [finished, stopped] {
            #expect(try Self.simulate(long, in: run.directory, ranks: 2).allSatisfy { $0 })
            try run.expectSameFiles(as: whole)
            // Fewer steps than there are cannot be had.
            let error = #expect(throws: StageError.self) { try Stages.simulate(run.context(short)) }
            #expect(error?.description.contains("simulate.steps = 24") == true)
        }
    }

    @Test func forcesThatNeedTheWholeLatticeAreRefused() throws {
        let run = StageRun()
        let recipe = try Self.recipe("selected-inversion")
        let error = #expect(throws: StageError.self) { try Self.simulate(recipe, in: run.directory, ranks: 2) }
        #expect(error?.description.contains("\"selected-inversion\" with 2 processes") == true)
        #expect(!run.directory.exists(run.directory.trajectory))
    }

    @Test func aDivergedConfigurationIsKept() throws {
        let recipe = try StageRun.recipe([
            "size = [6, 4]": "size = [30, 36]\nforce_field = \"local-diagonalization\"", "time_step = 0.1": "time_step = 9",
        ])
        for ranks in [1, 2] {
            let run = StageRun()
            let error = #expect(throws: (any Error).self) { try Self.simulate(recipe, in: run.directory, ranks: ranks) }
            #expect("\(error!)".contains("step "), "\(error!)")
            let diverged = try NPYArray(contentsOf: run.directory.diverged)
            #expect(diverged.shape == [36, 30])
            #expect(diverged.values.contains { !(abs($0) <= 1000) })
            #expect(run.directory.exists(run.directory.simulationCheckpoint))
        }
    }
}
