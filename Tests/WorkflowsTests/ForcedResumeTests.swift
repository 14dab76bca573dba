import Foundation
import Testing
import Workflows

/// Unfinished work of another recipe: what may differ, and what `--force-resume` lets differ.
@Suite struct ForcedResumeTests {
    private func interrupted(_ stage: (StageContext) throws -> StageSummary, _ run: StageRun, _ recipe: Recipe? = nil) {
        #expect(throws: WorkflowInterrupted.self) { try stage(run.context(recipe, interruption: .after(looks: 9))) }
    }

    private func manifest(_ run: StageRun) throws -> String {
        String(decoding: try run.bytes(run.directory.manifest), as: UTF8.self)
    }

    /// The keys that decide nothing about the results need no force, neither while the work goes on nor when it is finished.
    @Test func conductMayChange() throws {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        interrupted(Stages.train, run)
        let other = try StageRun.recipe([
            "epochs = 5": "epochs = 5\ncheckpoint_interval = 3",
            "checkpoint_interval = 5": "checkpoint_interval = 7\ncheckpoint_minutes = 1\nmaximum_displacement = 99",
        ])
        #expect(try Stages.train(run.context(other)).ran)
        interrupted(Stages.simulate, run)
        #expect(try Stages.simulate(run.context(other)).ran)
        #expect(try !Stages.simulate(run.context()).ran)
        #expect(try !manifest(run).contains("forcedResumes"))
    }

    @Test func forceIsToldInTheManifest() throws {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        interrupted(Stages.train, run)
        let other = try StageRun.recipe(["warmup_steps = 2": "warmup_steps = 3"])
        let error = #expect(throws: StageError.self) { try Stages.train(run.context(other)) }
        #expect(error?.description.contains("training.warmup_steps: 2 → 3") == true)
        #expect(error?.description.contains("--force-resume") == true)
        #expect(try !manifest(run).contains("forcedResumes"))

        #expect(throws: WorkflowInterrupted.self) {
            try Stages.train(run.context(other, interruption: .after(looks: 0), forcesResume: true))
        }
        #expect(run.progress.warnings.contains { $0.contains("warmup_steps") })
        let told = try manifest(run)
        #expect(told.contains("forcedResumes") && told.contains("training.warmup_steps: 2 → 3"))
        // What was forced once goes on without force, and ends as work of the recipe that it went on with.
        #expect(try Stages.train(run.context(other)).ran)
        #expect(try !Stages.train(run.context(other)).ran)
        #expect(try manifest(run).contains("forcedResumes"))
        #expect(throws: StageError.self) { try Stages.train(run.context()) }
    }

    @Test func finishedWorkAndInputsAreNeverForced() throws {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        let other = try StageRun.recipe(["steps = 9": "steps = 10"])
        for stage in [Stages.generate, Stages.train] {
            let error = #expect(throws: StageError.self) { try stage(run.context(other, forcesResume: true)) }
            #expect(error?.description.contains("generate.steps: 9 → 10") == true)
            #expect(error?.description.contains("--force-resume") == false)
        }
    }

    @Test func generationIsForcedToo() throws {
        let run = StageRun()
        #expect(throws: WorkflowInterrupted.self) { try Stages.generate(run.context(interruption: .after(looks: 24))) }
        let other = try StageRun.recipe(["coupling = 3.5": "coupling = 3.4"])
        #expect(throws: StageError.self) { try Stages.generate(run.context(other)) }
        #expect(try Stages.generate(run.context(other, forcesResume: true)).ran)
        #expect(try manifest(run).contains("model.coupling: 3.5 → 3.4"))
    }
}
