import Communication
import Lattices
import Testing

@Suite struct RowSumsTests {
    @Test(arguments: [[3, 7], [5, 1], [40, 1000]]) func totalsHaveTheSameBitsForAnyNumberOfRanks(size: [Int]) throws {
        let whole = try Supercell(Samples.square, size: size)
        let field = Samples.field(whole)
        // Two sums over each row: of values and of squares.
        let partial = (0..<size[1]).flatMap { y -> [Double] in
            let row = field.values[y * size[0]..<(y + 1) * size[0]]
            return [row.reduce(0, +), row.reduce(0) { $0 + $1 * $1 }]
        }
        let totals = try [1, 2, 3, 4, 6].map { ranks in
            try ThreadCommunicator.run(ranks: ranks) { communicator in
                let partition = RowPartition(whole, rankCount: ranks)
                let sums = RowSums(partition, communicator: communicator, count: 2)
                let rows = partition.rows(of: communicator.rank)
                var result = [0.0, 0]
                for _ in 0..<2 {
                    Array(partial[rows.lowerBound * 2..<rows.upperBound * 2]).withUnsafeBufferPointer { own in
                        result.withUnsafeMutableBufferPointer { sums.total(own, into: $0) }
                    }
                }
                return result
            }
        }
        for result in totals.flatMap(\.self) { #expect(result == totals[0][0]) }
        let squares = field.values.reduce(0) { $0 + $1 * $1 }
        #expect(abs(totals[0][0][1] - squares) < 1e-10 * squares)
    }

    @Test func rowsAreAddedPairwise() throws {
        let whole = try Supercell(Samples.square, size: [1, 5])
        let sums = RowSums(RowPartition(whole), communicator: SingleProcess())
        let parts = [0.1, 1e16, -1e16, 0.7, 1e-3]
        #expect(sums.total(parts) == ((parts[0] + parts[1]) + (parts[2] + parts[3])) + parts[4])
    }
}
