import Electrons
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

    /// Lattices whose bonds are of two shells: by distance, and along x and y as their file says.
    private static let twoShells = [
        try! Samples.square.withShells(2), try! Samples.honeycomb.withShells(2), try! Samples.chain.withShells(2),
        try! Lattice(
            name: "striped", primitiveVectors: [[1, 0], [0, 1]], basis: [[0, 0]],
            bonds: [.init(from: 0, to: 0, cell: [1, 0]), .init(from: 0, to: 0, cell: [0, 1], shell: 2)]),
    ]

    /// Against the sum over all bonds, with any ends; a number for κ is that of the first shell.
    @Test(arguments: twoShells, [[0.18, -0.07], [0, 0.4], [0.18, 0], [0.18]])
    func shellsHaveStiffnessesOfTheirOwn(lattice: Lattice, neighborStiffness: [Double]) throws {
        for ends in 0..<1 << lattice.dimension {
            let periodic = (0..<lattice.dimension).map { ends >> $0 & 1 == 0 }
            let supercell = try Supercell(lattice, size: Array([19, 5].prefix(lattice.dimension)), periodic: periodic)
            let values = RandomStream(seed: 7, purpose: .testing).normals(count: supercell.siteCount, step: 0)
            let displacement = SiteField(supercell, values: values)
            var expected = values.map { -$0 }
            var potential = values.reduce(0) { $0 + $1 * $1 / 2 }
            for ((from, to), bond) in zip(supercell.bondPairs(), supercell.bondIndices()) {
                guard lattice.bonds[bond].shell <= neighborStiffness.count else { continue }
                let stiffness = neighborStiffness[lattice.bonds[bond].shell - 1]
                expected[from] -= stiffness * values[to]
                expected[to] -= stiffness * values[from]
                potential += stiffness * values[from] * values[to]
            }
            let field = ElasticForceField(supercell, stiffness: 1, neighborStiffness: neighborStiffness)
            var forces = SiteField(supercell)
            let found = try field.computeForcesAndPotential(at: displacement, into: &forces)
            #expect(largestDifference(forces.values, expected) < 1e-14)
            #expect(abs(found - potential) < 1e-12)
            // As a part of a sum.
            let box = CellBox(supercell)
            var sum = SiteField(supercell)
            field.addForces(at: displacement, in: box, to: &sum)
            #expect(sum == forces)
            field.subtractForces(at: displacement, in: box, from: &sum)
            #expect(largestDifference(sum.values, values.map { _ in 0 }) < 1e-14)
            if neighborStiffness.count == 1 {
                let number = ElasticForceField(supercell, stiffness: 1, neighborStiffness: neighborStiffness[0])
                #expect(try number.forces(at: displacement) == forces)
            }
        }
    }

    @Test func haveTheBitsOfTheWhole() throws {
        try expectTheBitsOfTheWhole(
            at: Samples.random(Samples.square.withShells(2), [29, 13]), cut: DomainCuts(starts: [[0, 10, 21], [0, 6]])
        ) { ElasticForceField($0, stiffness: 1, neighborStiffness: [0.18, 0.07]) }
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
