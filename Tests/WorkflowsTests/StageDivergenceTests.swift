import Dynamics
import Experiments
import Foundation
import Pipeline
import Reports
import Runs
import Storage
import Testing

/// Runs whose numbers leave all bounds end with an error that says where, and keep what was good.
@Suite struct StageDivergenceTests {
    @Test func absurdTimeStepNamesStepAndSite() throws {
        let run = StageRun()
        // The data come from short steps of their own; only the large lattice is integrated absurdly.
        let recipe = try StageRun.recipe(["time_step = 0.1": "time_step = 50", "steps = 9": "time_step = 0.2\nsteps = 9"])
        _ = try Stages.generate(run.context(recipe))
        _ = try Stages.train(run.context(recipe))
        for resume in [ResumePolicy.automatic, .required, .fresh] {
            let error = #expect(throws: DynamicsError.self) { try Stages.simulate(run.context(recipe, resume: resume)) }
            guard case .diverged(_, _, _, let step, let site)? = error else { continue }
            #expect((1...20).contains(step) && (0..<24).contains(site))
            #expect(error?.description.contains("step \(step)") == true)
            let checkpoint = try Safetensors(contentsOf: run.directory.simulationCheckpoint)
            #expect(try checkpoint.integers("state.step", shape: []) == [step - 1])
            for name in ["displacement", "velocity"] {
                #expect(try checkpoint.doubles("state.\(name)", shape: [24]).allSatisfy(\.isFinite))
            }
            let file = try TrajectoryFile.open(run.directory.trajectory, lattice: recipe.lattice.geometry)
            #expect(!file.isComplete)
            for frame in 0..<file.frameCount { #expect(try file.displacement(frame: frame).values.allSatisfy(\.isFinite)) }
        }
    }

    @Test func absurdQuenchLeavesNoDataset() throws {
        let run = StageRun()
        let recipe = try StageRun.recipe(["time_step = 0.1": "time_step = 500"])
        let errors = try [1, 2].map { threads in
            try #require(throws: DynamicsError.self) { try Stages.generate(run.context(recipe, threads: threads)) }
        }
        #expect(errors[0].description == errors[1].description)
        #expect(!run.directory.exists(run.directory.dataset))
    }

    @Test func absurdTwinsLeaveNoComparison() throws {
        let run = StageRun()
        let recipe = try StageRun.recipe(["twin_steps = 6": "twin_steps = 6\ntwin_time_step = 500"])
        _ = try Stages.generate(run.context(recipe))
        _ = try Stages.train(run.context(recipe))
        #expect(throws: DynamicsError.self) { try Stages.compare(run.context(recipe)) }
        #expect(!run.directory.exists(run.directory.comparison))
    }
}
