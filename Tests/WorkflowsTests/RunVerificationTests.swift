import Experiments
import Foundation
import Pipeline
import Reports
import Runs
import Storage
import Testing

/// `adiabat verify`: files against the manifest.
@Suite struct RunVerificationTests {
    @Test func changedAndMissingFilesAreNamed() throws {
        let run = StageRun()
        for stage in [Stages.generate, Stages.train, Stages.simulate] { _ = try stage(run.context()) }
        func outcomes() throws -> [String: RunVerification.Outcome] {
            let files = try RunVerification(run.directory).files
            return Dictionary(uniqueKeysWithValues: files.map { ($0.name, $0.outcome) })
        }
        #expect(try RunVerification(run.directory).isIntact)
        #expect(
            try outcomes() == [
                "dataset.h5": .same, "model.safetensors": .same, "training.csv": .same, "trajectory.h5": .same,
            ])
        try run.damage(run.directory.trajectory)
        try FileManager.default.removeItem(atPath: run.directory.model)
        #expect(try outcomes()["trajectory.h5"] == .changed && outcomes()["model.safetensors"] == .missing)
        #expect(try !RunVerification(run.directory).isIntact)
        try run.damage(run.directory.manifest)
        #expect(throws: StorageError.self) { try RunVerification(run.directory) }
    }
}
