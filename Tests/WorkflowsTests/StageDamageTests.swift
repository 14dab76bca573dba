import Dynamics
import Experiments
import Foundation
import LatticeNumerics
import Pipeline
import Reports
import Runs
import Storage
import Testing

/// Damaged files are noticed, told, and never changed; damaged work in progress is done again.
@Suite struct StageDamageTests {
    private func interrupted(_ stage: (StageContext) throws -> StageSummary, _ run: StageRun, looks: Int) {
        #expect(throws: WorkflowInterrupted.self) { try stage(run.context(interruption: .after(looks: looks))) }
    }

    private func whole() throws -> StageRun {
        let run = StageRun()
        for stage in [Stages.generate, Stages.train, Stages.simulate] { _ = try stage(run.context()) }
        return run
    }

    @Test func damagedTrainingCheckpointGivesWayToTheOneBefore() throws {
        let (run, whole) = (StageRun(), try whole())
        _ = try Stages.generate(run.context())
        interrupted(Stages.train, run, looks: 9)
        try run.damage(run.directory.trainingCheckpoint)
        _ = try Stages.train(run.context())
        #expect(run.progress.warnings.contains { $0.contains("training.checkpoint.previous") })
        _ = try Stages.simulate(run.context())
        try run.expectSameFiles(as: whole)
    }

    /// The checkpoint before the newest is older than frames and samples already written.
    @Test(arguments: [6, 11, 13, 18]) func damagedSimulationCheckpointGivesWayToTheOneBefore(_ looks: Int) throws {
        let (run, whole) = (StageRun(), try whole())
        for stage in [Stages.generate, Stages.train] { _ = try stage(run.context()) }
        interrupted(Stages.simulate, run, looks: looks)
        let written = try TrajectoryFile.open(run.directory.trajectory, lattice: StageRun.recipe().lattice.geometry).sampleCount
        try run.damage(run.directory.simulationCheckpoint)
        interrupted(Stages.simulate, run, looks: 0)
        #expect(run.progress.warnings.contains { $0.contains("simulation.checkpoint.previous") })
        // Back at the checkpoint of the last multiple of five steps.
        let checkpoint = try Safetensors(contentsOf: run.directory.simulationCheckpoint)
        #expect(try checkpoint.integers("state.step", shape: []) == [looks / 5 * 5])
        #expect(written > looks / 5 * 5 / 2)
        _ = try Stages.simulate(run.context())
        try run.expectSameFiles(as: whole)
    }

    @Test func allCheckpointsDamagedTellsTheWayOut() throws {
        let (run, whole) = (StageRun(), try whole())
        _ = try Stages.generate(run.context())
        for (stage, checkpoint) in [
            (Stages.train, run.directory.trainingCheckpoint), (Stages.simulate, run.directory.simulationCheckpoint),
        ] {
            interrupted(stage, run, looks: 13)
            try run.damage(checkpoint)
            try run.damage(Checkpoint.previousPath(of: checkpoint))
            let error = #expect(throws: StorageError.self) { try stage(run.context()) }
            #expect(error?.description.contains("--no-resume") == true)
            _ = try stage(run.context(resume: .fresh))
        }
        try run.expectSameFiles(as: whole)
    }

    @Test func checkpointWithoutItsTrajectoryIsNotGoneOnFrom() throws {
        let (run, whole) = (StageRun(), try whole())
        for stage in [Stages.generate, Stages.train] { _ = try stage(run.context()) }
        interrupted(Stages.simulate, run, looks: 13)
        try FileManager.default.removeItem(atPath: run.directory.trajectory)
        _ = try Stages.simulate(run.context())
        #expect(run.progress.warnings.contains { $0.contains("beginning again") })
        try run.expectSameFiles(as: whole)
    }

    @Test func damagedPartsAreMadeAgain() throws {
        let (run, whole) = (StageRun(), StageRun())
        _ = try Stages.generate(whole.context())
        // Looks: one a quench and one a step; the first two quenches are finished, the third is a checkpoint.
        interrupted(Stages.generate, run, looks: 24)
        let parts = run.directory.datasetParts
        let names = try FileManager.default.contentsOfDirectory(atPath: parts).sorted()
        #expect(names == ["recipe.toml", "trajectory-10.checkpoint", "trajectory-8.safetensors", "trajectory-9.safetensors"])
        try run.damage(parts + "/trajectory-8.safetensors")
        try run.put([], parts + "/trajectory-9.safetensors")
        _ = try Stages.generate(run.context())
        #expect(run.progress.warnings.count { $0.contains("making it again") } == 2)
        try run.expectSameFiles(as: whole)
    }

    @Test func damagedCheckpointOfAQuenchTellsTheWayOut() throws {
        let (run, whole) = (StageRun(), StageRun())
        _ = try Stages.generate(whole.context())
        interrupted(Stages.generate, run, looks: 24)
        try run.damage(run.directory.datasetParts + "/trajectory-10.checkpoint")
        let error = #expect(throws: StorageError.self) { try Stages.generate(run.context()) }
        #expect(error?.description.contains("--no-resume") == true)
        _ = try Stages.generate(run.context(resume: .fresh))
        try run.expectSameFiles(as: whole)
    }

    /// Cut short or with bytes changed, the files of a run give typed errors or numbers, never a crash, and stay as they are.
    @Test func damagedResultsAreRefusedAndNotTouched() throws {
        let whole = try whole()
        _ = try Stages.compare(whole.context())
        let users: [(file: String, stages: [(StageContext) throws -> StageSummary])] = [
            ("dataset.h5", [Stages.generate, Stages.train, Stages.compare]),
            ("model.safetensors", [Stages.train, Stages.simulate, Stages.compare]),
            ("trajectory.h5", [Stages.simulate, Stages.analyze]),
        ]
        for (name, stages) in users {
            let run = try StageRun(copying: whole)
            let file = run.directory.file(name)
            let good = try run.bytes(file)
            var (refusedStumps, refusedOthers) = (0, 0)
            let random = RandomStream(seed: 11, purpose: .testing)
            for trial in 0..<32 {
                let isStump = trial % 2 == 0
                let places = random.permutation(of: good.count, step: trial)
                var bad = good
                if isStump { bad.removeLast(1 + places[0]) } else { for k in places[..<8] { bad[k] = ~bad[k] } }
                try run.put(bad, file)
                // Each stage must look at the file, not find its own results complete.
                try? FileManager.default.removeItem(atPath: run.directory.comparison)
                if name == "dataset.h5" { try? FileManager.default.removeItem(atPath: run.directory.model) }
                for stage in stages {
                    do {
                        _ = try stage(run.context())
                    } catch let error where error is StorageError || error is StageError {
                        if isStump { refusedStumps += 1 } else { refusedOthers += 1 }
                    }
                    #expect(try run.bytes(file) == bad, "\(name) was changed")
                }
            }
            #expect(refusedStumps == 16 * stages.count && refusedOthers > 0, "\(name): \(refusedStumps), \(refusedOthers)")
        }
    }
}
