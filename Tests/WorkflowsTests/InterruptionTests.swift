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
}
