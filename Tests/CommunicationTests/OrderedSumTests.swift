import Communication
import LatticeNumerics
import Testing

@Suite struct OrderedSumTests {
    @Test(arguments: [1, 2, 3, 7]) func termsKeepTheirOrder(ranks: Int) throws {
        let terms = RandomStream(seed: 3, purpose: .testing).normals(count: 15, step: 0)
        let expected = [terms.reduce(1, +), terms.reduce(0) { $0 + $1 * $1 }]
        let sums = try ThreadCommunicator.run(ranks: ranks) { communicator in
            let sum = OrderedSum(count: 2, communicator: communicator)
            var result: [Double] = []
            for _ in 0..<2 {
                result = [1, 0]
                sum.add(to: &result) { sums in
                    for k in sum.share(of: terms.count) {
                        sums[0] += terms[k]
                        sums[1] += terms[k] * terms[k]
                    }
                }
            }
            return result
        }
        #expect(sums == [[Double]](repeating: expected, count: ranks))
    }

    @Test func allFailIfOneDoes() throws {
        let said = try ThreadCommunicator.run(ranks: 4) { communicator in
            do {
                try communicator.together {
                    if communicator.rank.isMultiple(of: 2) { return }
                    throw CommunicationError(key: "key", problem: "\(communicator.rank)")
                }
                return "nothing"
            } catch { return "\(error)" }
        }
        #expect(said == ["rank 1: key: 1", "key: 1", "rank 1: key: 1", "key: 3"])
        let ranks = try ThreadCommunicator.run(ranks: 3) { communicator in try communicator.together { communicator.rank } }
        #expect(ranks == [0, 1, 2])
        #expect(try ThreadCommunicator.run(ranks: 2) { $0.any($0.rank == 1) } == [true, true])
    }
}
