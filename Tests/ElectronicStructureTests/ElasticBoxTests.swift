import ElectronicStructure
import ForceFields
import LatticeNumerics
import Lattices
import Testing

/// Elastic forces on parts of a lattice.
@Suite struct ElasticBoxTests {
    private func field(_ supercell: Supercell, threads: Int = 1) -> ElasticForceField {
        ElasticForceField(supercell, stiffness: 1, neighborStiffness: 0.18, pool: WorkerPool(threads: threads))
    }

    /// Against the table of neighbours, with any ends.
    @Test func areTheSumsOverTheNeighborTable() throws {
        let cases: [(Lattice, [Int])] = [
            (Samples.square, [19, 7]), (Samples.chain, [23]), (Samples.honeycomb, [11, 5]), (Samples.triangular, [17, 6]),
            (Samples.cubic, [12, 3, 4]), (Samples.square, [1, 5]), (Samples.square, [2, 2]), (Samples.chain, [1]),
        ]
        for (lattice, size) in cases {
            for ends in 0..<1 << size.count {
                let supercell = try Supercell(
                    lattice, size: size, periodic: size.indices.map { ends >> $0 & 1 == 0 })
                let values = RandomStream(seed: 7, purpose: .testing).normals(count: supercell.siteCount, step: 0)
                let displacement = SiteField(supercell, values: values)
                let neighbors = supercell.neighborTable()
                let forces = try field(supercell).forces(at: displacement)
                for site in 0..<supercell.siteCount {
                    let sum = neighbors.map { $0[site] }.filter { $0 >= 0 }.reduce(0) { $0 + displacement[Int($1)] }
                    #expect(forces[site] == 0 - (1 * displacement[site] + 0.18 * sum))
                }
            }
        }
    }

    @Test func haveTheBitsOfTheWhole() throws {
        try expectTheBitsOfTheWhole(
            at: Samples.random(Samples.square, [29, 13]), cut: DomainCuts(starts: [[0, 10, 21], [0, 6]])
        ) { field($0) }
        try expectTheBitsOfTheWhole(
            at: Samples.random(Samples.honeycomb, [12, 9]), cut: DomainCuts(starts: [[0], [0, 4]])
        ) { field($0) }
        try expectTheBitsOfTheWhole(
            at: Samples.random(Samples.chain, [40]), cut: DomainCuts(starts: [[0, 11, 30]])
        ) { field($0) }
        try expectTheBitsOfTheWhole(
            at: Samples.random(Samples.cubic, [7, 6, 8]), cut: DomainCuts(starts: [[0], [0, 3], [0, 4]])
        ) { field($0) }
    }

    @Test func threadsAndSums() throws {
        let displacement = try Samples.random(Samples.square, [200, 190])
        let supercell = displacement.supercell
        let one = try field(supercell).forces(at: displacement)
        #expect(try field(supercell, threads: 3).forces(at: displacement) == one)
        let other = try Samples.random(Samples.square, [200, 190], seed: 2)
        var sum = other
        field(supercell).addForces(at: displacement, in: CellBox(supercell), to: &sum)
        #expect(sum.values == zip(other.values, one.values).map { $0 + $1 })
        field(supercell).subtractForces(at: displacement, in: CellBox(supercell), from: &sum)
        #expect(largestDifference(sum.values, other.values) < 1e-14)
    }
}
