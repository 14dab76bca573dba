import Communication
import Testing

@Suite struct ThreadCommunicatorTests {
    @Test(arguments: [1, 2, 5]) func collectivesKeepTheOrderOfTheRanks(ranks: Int) throws {
        let results = try ThreadCommunicator.run(ranks: ranks) { communicator in
            let own = UInt8(communicator.rank)
            var largest = [Double(communicator.rank), -Double(communicator.rank)]
            largest.withUnsafeMutableBufferPointer { communicator.maximum($0) }
            communicator.barrier()
            return (
                gathered: communicator.gather([own, own], to: ranks - 1), told: communicator.broadcast([own + 7], from: 0),
                largest: largest
            )
        }
        #expect(results.count == ranks)
        for (rank, result) in results.enumerated() {
            #expect(result.gathered == (rank == ranks - 1 ? (0..<UInt8(ranks)).map { [$0, $0] } : nil))
            #expect(result.told == [7])
            #expect(result.largest == [Double(ranks - 1), 0])
        }
    }

    @Test func tagsTellMessagesApart() throws {
        let received = try ThreadCommunicator.run(ranks: 2) { communicator in
            let other = 1 - communicator.rank
            let messages = MessageSet(
                sent: [(rank: other, tag: 1, count: 1), (rank: other, tag: 2, count: 1)],
                received: [(rank: other, tag: 2, count: 1), (rank: other, tag: 1, count: 1)])
            var seen: [Double] = []
            for round in 0..<20 {
                messages.sent[0].values[0] = Double(100 * round + 10 * communicator.rank + 1)
                messages.sent[1].values[0] = Double(100 * round + 10 * communicator.rank + 2)
                communicator.begin(messages)
                communicator.finish(messages)
                seen += [messages.received[0].values[0], messages.received[1].values[0]]
            }
            return seen
        }
        for rank in 0..<2 {
            let expected = (0..<20).flatMap { (round: Int) -> [Int] in
                let first = 100 * round + 10 * (1 - rank)
                return [first + 2, first + 1]
            }
            #expect(received[rank].map { Int($0) } == expected)
        }
    }

    @Test func theFailureOfTheLowestRankIsThrown() {
        #expect(throws: CommunicationError(key: "rank", problem: "1")) {
            try ThreadCommunicator.run(ranks: 3) { communicator in
                if communicator.rank > 0 { throw CommunicationError(key: "rank", problem: "\(communicator.rank)") }
            }
        }
    }
}
