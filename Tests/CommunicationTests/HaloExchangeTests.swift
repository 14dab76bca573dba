import Communication
import Lattices
import Testing

@Suite struct HaloExchangeTests {
    @Test(arguments: Samples.cuts) func everyValueOfTheHaloIsThatOfTheWholeField(cut: Samples.Cut) throws {
        let grid = try cut.grid()
        let fields = [1, 2].map { Samples.field(grid.whole, kind: cut.kind, seed: $0) }
        let differences = try ThreadCommunicator.run(ranks: cut.rankCount) { communicator in
            let domain = grid.domain(of: communicator.rank)
            let exchange = HaloExchange(grid, communicator: communicator, kind: cut.kind)
            // The second field shows that messages can be used again.
            return fields.reduce(0) { differences, whole in
                var field = Samples.own(domain, of: whole)
                exchange.begin(field)
                exchange.finish(&field)
                return differences + Samples.differences(field, whole, domain)
            }
        }
        #expect(differences == [Int](repeating: 0, count: cut.rankCount))
    }

    @Test func messagesAreAsLongAsTheHalo() throws {
        let grid = try DomainGrid(Supercell(Samples.square, size: [20, 30]), rankCount: 4, ranks: [2, 2], halo: 3)
        let lengths = try ThreadCommunicator.run(ranks: 4) { HaloExchange(grid, communicator: $0).sentCount }
        #expect(lengths == [Int](repeating: 2 * 3 * 10 + 2 * 3 * 15 + 4 * 9, count: 4))
    }
}
