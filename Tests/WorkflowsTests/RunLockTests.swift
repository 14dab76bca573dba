import Experiments
import Foundation
import Pipeline
import Reports
import Runs
import Testing

/// One process, or one stage, writes in a run directory at a time.
@Suite struct RunLockTests {
    @Test func othersAreRefusedWhileItIsHeld() throws {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        let before = try run.names()
        let lock = RunLock(run.directory)
        try lock.acquire { Issue.record("\($0)") }
        let error = #expect(throws: StageError.self) { try Stages.generate(run.context()) }
        #expect(error?.description.contains("process \(getpid()) on") == true)
        #expect(run.directory.exists(run.directory.lock))
        lock.release()
        #expect(try run.names() == before)
        #expect(try Stages.train(run.context()).ran)
    }

    /// A process that was killed leaves the file, but holds it no more.
    @Test func aFileThatNobodyHoldsIsNoObstacle() throws {
        let run = StageRun()
        try FileManager.default.createDirectory(atPath: run.directory.path, withIntermediateDirectories: true)
        try run.put(Array("process 1 on another".utf8), run.directory.lock)
        #expect(try Stages.generate(run.context()).ran)
        #expect(!run.directory.exists(run.directory.lock))
    }

    @Test func aStageThatFailsGivesItBack() throws {
        let run = StageRun()
        #expect(throws: WorkflowInterrupted.self) { try Stages.generate(run.context(interruption: .after(looks: 3))) }
        #expect(!run.directory.exists(run.directory.lock))
        #expect(try Stages.generate(run.context()).ran)
    }
}
