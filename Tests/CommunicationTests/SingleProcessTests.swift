import Communication
import Testing

@Suite struct SingleProcessTests {
    @Test func deliversToItself() {
        let messages = MessageSet(sent: [(rank: 0, tag: 7, count: 2)], received: [(rank: 0, tag: 7, count: 2)])
        messages.sent[0].values[0] = 1
        messages.sent[0].values[1] = -2
        let alone = SingleProcess()
        alone.begin(messages)
        alone.finish(messages)
        #expect(Array(messages.received[0].values) == [1, -2])
        #expect(alone.gather([1, 2], to: 0) == [[1, 2]])
    }
}
