import Testing
import Workflows

@Suite struct InterruptionTests {
    @Test func comesWhenRequested() throws {
        let interruption = Interruption()
        try interruption.check()
        interruption.request()
        #expect(interruption.isRequested)
        #expect(throws: WorkflowInterrupted.self) { try interruption.check() }
    }

    @Test func comesAfterAsManyLooks() {
        let interruption = Interruption.after(looks: 3)
        #expect((0..<6).map { _ in interruption.isRequested } == [false, false, false, true, true, true])
    }

    @Test func aCheckpointIsAskedForOnce() {
        let interruption = Interruption()
        #expect(!interruption.isCheckpointRequested)
        interruption.requestCheckpoint()
        #expect(interruption.isCheckpointRequested)
        #expect(!interruption.isCheckpointRequested && !interruption.isRequested)
    }

    @Test func theLimitOfTimeIsTold() throws {
        #expect(!Interruption(timeLimit: .seconds(3600)).isRequested)
        let over = Interruption(timeLimit: .zero)
        #expect(over.isRequested && over.reason == .timeLimit)
        let error = #expect(throws: WorkflowInterrupted.self) { try over.check() }
        #expect(error?.reason == .timeLimit && error?.description.contains("--max-hours") == true)
        // A request is the stronger word.
        over.request()
        #expect(over.reason == .request)
    }

    @Test func schedulesAnswerStepsAndRequests() {
        let interruption = Interruption()
        let schedule = CheckpointSchedule(interval: 3, minutes: 0, interruption: interruption)
        #expect((1...6).map(schedule.isDue) == [false, false, true, false, false, true])
        interruption.requestCheckpoint()
        #expect((7...9).map(schedule.isDue) == [true, false, true])
        // So little wall time is always over.
        let timed = CheckpointSchedule(interval: 1000, minutes: 1e-12, interruption: interruption)
        #expect(timed.isDue(at: 1))
    }
}
