import Electrons
import ForceFields
import LatticeNumerics
import Lattices
import Testing

/// The softest mode of elastic energies.
@Suite struct HarmonicLatticeTests {
    private static let kagome = try! Lattice(
        name: "kagome", primitiveVectors: [[2, 0], [1, 3.0.squareRoot()]], basis: [[0, 0], [0.5, 0], [0, 0.5]],
        bonds: [
            .init(from: 0, to: 1, cell: [0, 0]), .init(from: 1, to: 0, cell: [1, 0]), .init(from: 0, to: 2, cell: [0, 0]),
            .init(from: 2, to: 0, cell: [0, 1]), .init(from: 1, to: 2, cell: [0, 0]), .init(from: 2, to: 1, cell: [-1, 1]),
        ])

    struct Case: Sendable {
        let lattice: Lattice
        /// The lowest and the highest eigenvalue of the matrix of bonds.
        let lowest: Double
        let highest: Double
        /// The wave vector of the lowest, or of one that is as low; nil if all are.
        let waveVector: [Double]?
    }

    static let cases = [
        Case(lattice: Samples.chain, lowest: -2, highest: 2, waveVector: [0.5]),
        Case(lattice: Samples.square, lowest: -4, highest: 4, waveVector: [0.5, 0.5]),
        Case(lattice: Samples.triangular, lowest: -3, highest: 6, waveVector: [1.0 / 3, -1.0 / 3]),
        Case(lattice: Samples.honeycomb, lowest: -3, highest: 3, waveVector: [0, 0]),
        Case(lattice: kagome, lowest: -2, highest: 4, waveVector: nil),
        Case(lattice: Samples.cubic, lowest: -6, highest: 6, waveVector: [0.5, 0.5, 0.5]),
    ]

    /// Every eigenvalue of the energy of a supercell, from its forces on one site's displacement after the other.
    private func eigenvalues(_ supercell: Supercell, stiffness: Double, neighborStiffness: [Double]) throws -> [Double] {
        let field = ElasticForceField(supercell, stiffness: stiffness, neighborStiffness: neighborStiffness)
        let solver = SymmetricEigensolver(dimension: supercell.siteCount)
        var displacement = SiteField(supercell)
        for site in 0..<supercell.siteCount {
            displacement[site] = 1
            for (other, force) in try field.forces(at: displacement).values.enumerated() {
                solver.matrix[site * supercell.siteCount + other] = -force
            }
            displacement[site] = 0
        }
        try solver.solve()
        return Array(solver.eigenvalues)
    }

    /// Against closed forms, and against supercells that have the wave vector.
    @Test(arguments: cases)
    func softestModes(_ known: Case) throws {
        let (lattice, stiffness) = (known.lattice, 1.3)
        for (neighborStiffness, extreme) in [(0.2, known.lowest), (-0.17, known.highest)] {
            let mode = HarmonicLattice(lattice, stiffness: stiffness, neighborStiffness: neighborStiffness).softestMode()
            #expect(abs(mode.stiffness - (stiffness + neighborStiffness * extreme)) < 1e-12)
            let side = lattice.dimension == 3 ? 4 : lattice.basis.count > 1 ? 6 : 12
            for periodic in [true, false] {
                let size = [Int](repeating: side, count: lattice.dimension)
                let supercell = try Supercell(lattice, size: size, periodic: size.map { _ in periodic })
                let lowest = try eigenvalues(supercell, stiffness: stiffness, neighborStiffness: [neighborStiffness])[0]
                if periodic { #expect(abs(lowest - mode.stiffness) < 1e-11) } else { #expect(lowest > mode.stiffness - 1e-11) }
            }
            if neighborStiffness < 0 { #expect(mode.waveVector.allSatisfy { $0 == 0 }) }
            if neighborStiffness > 0, let waveVector = known.waveVector {
                #expect(largestDifference(mode.waveVector, waveVector) < 1e-12)
            }
        }
        let (lower, upper) = HarmonicLattice.stableNeighborStiffness(lattice, stiffness: stiffness)
        #expect(abs(lower + stiffness / known.highest) < 1e-12 && abs(upper + stiffness / known.lowest) < 1e-12)
        func isStable(_ neighborStiffness: Double) -> Bool {
            HarmonicLattice(lattice, stiffness: stiffness, neighborStiffness: neighborStiffness).instability() == nil
        }
        #expect(isStable(0.999 * lower) && isStable(0.999 * upper) && !isStable(1.001 * lower) && !isStable(1.001 * upper))
    }

    /// Bonds of two shells on a chain: K + 2κ cos q + 2κ' cos 2q is lowest where cos q = −κ/4κ', between all points of a grid.
    @Test func incommensurateWave() {
        let (near, far) = (0.5, 0.3)
        let energy = HarmonicLattice(
            Samples.chain, onsite: [[2]],
            couplings: [
                .init(.init(from: 0, to: 0, cell: [1]), matrix: [[near]]),
                .init(.init(from: 0, to: 0, cell: [2]), matrix: [[far]]),
            ])
        #expect(abs(energy.softestMode().stiffness - (2 - near * near / (4 * far) - 2 * far)) < 1e-12)
    }

    /// κ by shell: K − 2|κ_x| − 2|κ_y| if bonds along x and y are shells of their own. With κ of nearest and next-nearest neighbours of the
    /// square lattice, K + 2κ(cos q_x + cos q_y) + 4κ' cos q_x cos q_y is lowest at the middle of an edge once κ' > κ/2.
    @Test func stiffnessesByShell() throws {
        let striped = try Lattice(
            name: "striped", primitiveVectors: [[1, 0], [0, 1]], basis: [[0, 0]],
            bonds: [.init(from: 0, to: 0, cell: [1, 0]), .init(from: 0, to: 0, cell: [0, 1], shell: 2)])
        func softest(_ lattice: Lattice, _ neighborStiffness: [Double]) throws -> HarmonicLattice.Mode {
            let mode = HarmonicLattice(lattice, stiffness: 1.3, neighborStiffness: neighborStiffness).softestMode()
            let supercell = try Supercell(lattice, size: [6, 4])
            let lowest = try eigenvalues(supercell, stiffness: 1.3, neighborStiffness: neighborStiffness)[0]
            #expect(abs(lowest - mode.stiffness) < 1e-11)
            return mode
        }
        let rows = try softest(striped, [0.2, -0.3])
        #expect(abs(rows.stiffness - 0.3) < 1e-12 && rows.waveVector == [0.5, 0])
        let edge = try softest(Samples.square.withShells(2), [0.2, 0.15])
        #expect(abs(edge.stiffness - 0.7) < 1e-12 && Set(edge.waveVector) == [0, 0.5])
        let corner = try softest(Samples.square.withShells(2), [0.2, 0.05])
        #expect(abs(corner.stiffness - 0.7) < 1e-12 && corner.waveVector == [0.5, 0.5])
        // A number is that of the first shell.
        let number = HarmonicLattice(striped, stiffness: 1.3, neighborStiffness: 0.2).softestMode()
        #expect(abs(number.stiffness - 0.9) < 1e-12)
        #expect(HarmonicLattice.stableNeighborStiffness(striped, stiffness: 1) == (-0.5, 0.5))
    }

    /// A coupling that turns the components of a vector, x_i × x_j along z: K ± 2b sin q.
    @Test func matricesOfCouplings() {
        let energy = HarmonicLattice(
            Samples.chain, onsite: [[1, 0], [0, 1]],
            couplings: [.init(.init(from: 0, to: 0, cell: [1]), matrix: [[0, 0.6], [-0.6, 0]])])
        let mode = energy.softestMode()
        #expect(abs(mode.stiffness + 0.2) < 1e-12 && abs(abs(mode.waveVector[0]) - 0.25) < 1e-12)
        #expect(mode.text == "(1/4)" && energy.instability() == mode)
    }
}
