import Communication
import Lattices
import Testing

@Suite struct RowSlabsTests {
    @Test(arguments: Samples.cuts) func slabsAreTheRowsOfTheWholeField(cut: Samples.Cut) throws {
        let grid = try cut.grid()
        let whole = Samples.field(grid.whole, kind: cut.kind)
        let slabs = try ThreadCommunicator.run(ranks: cut.rankCount) { communicator in
            let slabs = RowSlabs(grid, communicator: communicator, kind: cut.kind)
            let field = Samples.own(grid.domain(of: communicator.rank), of: whole)
            _ = slabs.collect(field)
            return withExtendedLifetime(field) { Array(slabs.collect(field)) }
        }
        #expect(slabs.flatMap(\.self) == whole.values)
    }

    @Test(arguments: Samples.cuts) func whatIsDistributedComesBack(cut: Samples.Cut) throws {
        let grid = try cut.grid()
        let whole = Samples.field(grid.whole, kind: cut.kind)
        let count = whole.componentCount
        let equal = try ThreadCommunicator.run(ranks: cut.rankCount) { communicator in
            let slabs = RowSlabs(grid, communicator: communicator, kind: cut.kind)
            let domain = grid.domain(of: communicator.rank)
            var field = SiteField(domain.local, kind: cut.kind, repeating: .nan)
            Array(whole.values[slabs.sites.lowerBound * count..<slabs.sites.upperBound * count])
                .withUnsafeBufferPointer { slabs.distribute($0, into: &field) }
            let expected = Samples.own(domain, of: whole)
            // Halos are NaN in both, and stay so.
            return zip(field.values, expected.values).allSatisfy { $0.bitPattern == $1.bitPattern }
                && field.values.contains { !$0.isNaN }
        }
        #expect(equal == [Bool](repeating: true, count: cut.rankCount))
    }

    @Test func aWholeFieldIsNotCopied() throws {
        let whole = try Supercell(Samples.square, size: [16, 16])
        let field = Samples.field(whole)
        let slabs = RowSlabs(try DomainGrid(whole, rankCount: 1, halo: 1), communicator: SingleProcess())
        let place = field.values.withUnsafeBufferPointer { $0.baseAddress }
        #expect(slabs.collect(field).baseAddress == place)
    }

    @Test(arguments: [[24, 24], [1024, 1024], [4096, 4096], [3, 1000], [100_000, 7]])
    func unitsDependOnTheLatticeAlone(size: [Int]) throws {
        let whole = try Supercell(Samples.square, size: size)
        let alone = RowPartition(whole)
        #expect(alone.unitCount <= 256)
        #expect(alone.rowsPerUnit * size[0] * 8 >= 32768 || alone.unitCount == 1)
        #expect(alone.rows(of: 0) == 0..<size[1])
        for ranks in [2, 3, 64, 300] {
            let partition = RowPartition(whole, rankCount: ranks)
            #expect(partition.rowsPerUnit == alone.rowsPerUnit)
            let rows = (0..<ranks).map(partition.rows(of:))
            #expect(rows.first!.lowerBound == 0 && rows.last!.upperBound == size[1])
            for (a, b) in zip(rows, rows.dropFirst()) { #expect(a.upperBound == b.lowerBound) }
        }
    }
}
