import Foundation
import Runs
import Testing

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
        func due(_ steps: ClosedRange<Int>, saving: () -> Void = {}) -> [Int] {
            steps.filter { step in
                guard schedule.isDue(at: step) else { return false }
                schedule.save(saving)
                return true
            }
        }
        #expect(due(1...6) == [3, 6])
        interruption.requestCheckpoint()
        #expect(due(7...9) == [7, 9])
        // Saving takes so long that the next one has to wait, for longer than these steps take; a request does not.
        #expect(due(10...12) { Thread.sleep(forTimeInterval: 1.1) } == [12])
        #expect(due(13...24).isEmpty)
        interruption.requestCheckpoint()
        #expect(due(25...25) == [25])
        // So little wall time is always over.
        let timed = CheckpointSchedule(interval: 1000, minutes: 1e-12, interruption: interruption)
        #expect(timed.isDue(at: 1))
    }
}
