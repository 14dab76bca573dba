import Communication
import Lattices
import Testing

@Suite struct DomainGridTests {
    @Test(arguments: Samples.cuts) func domainsCoverTheLatticeOnce(cut: Samples.Cut) throws {
        let grid = try cut.grid()
        var owners = [Int](repeating: 0, count: grid.whole.siteCount)
        for rank in 0..<grid.rankCount {
            #expect(grid.rank(at: grid.coordinates(of: rank)) == rank)
            let domain = grid.domain(of: rank)
            #expect(domain.box.origin.allSatisfy { $0.isMultiple(of: cut.alignment) })
            for run in domain.runs() { for k in 0..<run.count { owners[run.whole + k] += 1 } }
        }
        #expect(owners.allSatisfy { $0 == 1 })
    }

    @Test func choosesTheFewestHaloCells() throws {
        func ranks(_ size: [Int], _ count: Int, halo: Int = 4, alignment: Int = 1) throws -> [Int] {
            let lattice = [Samples.chain, Samples.square, Samples.cubic][size.count - 1]
            return try DomainGrid(Supercell(lattice, size: size), rankCount: count, halo: halo, alignment: alignment).ranks
        }
        #expect(try ranks([100, 100], 1) == [1, 1])
        #expect(try ranks([100, 100], 2) == [1, 2])
        #expect(try ranks([200, 100], 2) == [2, 1])
        // Two strips of 2·4·128 cells as well, but no corners.
        #expect(try ranks([128, 128], 4) == [1, 4])
        #expect(try ranks([128, 128], 16) == [4, 4])
        #expect(try ranks([64, 64, 64], 8, halo: 1) == [1, 2, 4])
        #expect(try ranks([64, 64, 64], 64, halo: 1) == [4, 4, 4])
        #expect(try ranks([100], 3) == [3])
        // Of 48 rows in eights only six domains can be made, of three in each direction nine.
        #expect(try ranks([48, 48], 9, halo: 8, alignment: 8) == [3, 3])
    }

    @Test func refusesWhatCannotBeCut() throws {
        let square = try Supercell(Samples.square, size: [24, 20])
        #expect(throws: CommunicationError.self) { try DomainGrid(square, rankCount: 4, ranks: [2, 3], halo: 2) }
        #expect(throws: CommunicationError.self) { try DomainGrid(square, rankCount: 4, ranks: [4], halo: 2) }
        #expect(throws: CommunicationError.self) { try DomainGrid(square, rankCount: 4, ranks: [-2, -2], halo: 2) }
        #expect(throws: CommunicationError.self) { try DomainGrid(square, rankCount: 4, ranks: [1, 4], halo: 6) }
        #expect(throws: CommunicationError.self) { try DomainGrid(square, rankCount: 4, ranks: [1, 4], halo: 5, alignment: 8) }
        #expect(throws: CommunicationError.self) { try DomainGrid(square, rankCount: 30, halo: 6) }
        let strip = try Supercell(Samples.square, size: [24, 20], periodic: [true, false])
        #expect(throws: CommunicationError.self) { try DomainGrid(strip, rankCount: 2, ranks: [1, 2], halo: 2) }
        #expect(try DomainGrid(strip, rankCount: 2, halo: 2).ranks == [2, 1])
        #expect(throws: CommunicationError.self) {
            try DomainGrid(
                Supercell(Samples.square, size: [24, 20], periodic: [false, false]), rankCount: 2, halo: 2)
        }
    }
}
