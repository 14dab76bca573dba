import LatticeNumerics
import Lattices
import LearnedForces
import Testing

/// Architectures that every symmetry test runs over: each option at least once, on inputs of the scale of a quench.
let architectures: [FullyConnectedArchitecture] = [
    FullyConnectedArchitecture(radiusSquared: 5, widths: [6, 4]),
    FullyConnectedArchitecture(radiusSquared: 5, widths: [6, 4], activation: .published),
    FullyConnectedArchitecture(radiusSquared: 4, widths: [5], squares: true),
    FullyConnectedArchitecture(radiusSquared: 4, widths: [5, 3], particleHoleOdd: true, encodingScales: [0.5, 4]),
]

func forceField(
    _ architecture: FullyConnectedArchitecture, lattice: Lattice, _ supercell: Supercell, singlePrecision: Bool = false,
    threads: Int = 1,
    seed: UInt64 = 3
) throws -> FullyConnectedForceField {
    var network = try FullyConnectedNetwork(architecture, lattice: lattice)
    let sample = randomField(supercell, scale: 3, seed: seed)
    network.normalize(forceSamples([sample], [sample]))
    return try FullyConnectedForceField(
        network, parameters: network.initialParameters(seed: seed), supercell: supercell, singlePrecision: singlePrecision,
        pool: WorkerPool(threads: threads))
}

@Suite struct SymmetryTests {
    /// F(gQ) = gF(Q) for every operation of the lattice's point group.
    func expectSymmetric(_ field: FullyConnectedForceField, at displacement: SiteField, groupOrder: Int, tolerance: Double) throws
    {
        let force = try field.forces(at: displacement)
        #expect(force.values.map(abs).max()! > 1e-3)
        let group = PointGroup(of: displacement.supercell.lattice)
        #expect(group.order == groupOrder)
        for operation in group.operations {
            let rotated = try field.forces(at: displacement.transformed(by: operation))
            #expect(largestDifference(rotated.values, force.transformed(by: operation).values) < tolerance)
        }
    }

    @Test(arguments: architectures) func commutesWithThePointGroup(_ architecture: FullyConnectedArchitecture) throws {
        let square = try squareLattice()
        let supercell = try Supercell(square, size: [9, 9])
        let field = try forceField(architecture, lattice: square, supercell)
        let displacement = randomField(supercell, scale: 3, seed: 4)
        try expectSymmetric(field, at: displacement, groupOrder: 8, tolerance: 1e-12)
        let force = try field.forces(at: displacement)
        let moved = try field.forces(at: displacement.translated(by: [2, 5]))
        #expect(largestDifference(moved.values, force.translated(by: [2, 5]).values) < 1e-12)
    }

    @Test func commutesWithTheGroupOfTheTriangularLattice() throws {
        let lattice = try Lattice(
            name: "triangular", primitiveVectors: [[1, 0], [0.5, 3.0.squareRoot() / 2]], basis: [[0, 0]],
            bonds: [[1, 0], [0, 1], [-1, 1]].map { .init(from: 0, to: 0, cell: $0) })
        let supercell = try Supercell(lattice, size: [7, 7])
        let field = try forceField(FullyConnectedArchitecture(radiusSquared: 3, widths: [4, 3]), lattice: lattice, supercell)
        let displacement = randomField(supercell, scale: 2, seed: 5)
        try expectSymmetric(field, at: displacement, groupOrder: 12, tolerance: 1e-11)
    }

    /// Ten irreps, three of them with three components: couplings with more terms than planes have.
    @Test func commutesWithTheGroupOfTheCubicLattice() throws {
        let lattice = try Lattice(
            name: "cubic", primitiveVectors: [[1, 0, 0], [0, 1, 0], [0, 0, 1]], basis: [[0, 0, 0]],
            bonds: [[1, 0, 0], [0, 1, 0], [0, 0, 1]].map { .init(from: 0, to: 0, cell: $0) })
        let supercell = try Supercell(lattice, size: [4, 4, 4])
        let architecture = FullyConnectedArchitecture(radiusSquared: 2, widths: [2, 2])
        let field = try forceField(architecture, lattice: lattice, supercell)
        let displacement = randomField(supercell, scale: 2, seed: 17)
        try expectSymmetric(field, at: displacement, groupOrder: 48, tolerance: 1e-11)

        let target = randomField(supercell, scale: 1, seed: 18)
        let loss = field.network.lossGradient(
            forceSamples([displacement], [target]), singlePrecision: false, pool: WorkerPool(threads: 1))
        let parameters = field.network.initialParameters(seed: 3)
        let sites = allSites(of: [displacement])
        let gradient = loss.evaluate(parameters: parameters, sites: sites, huberThreshold: 0).gradient
        let direction = RandomStream(seed: 19, purpose: .testing).normals(count: parameters.count, step: 0)
        func shifted(_ amount: Double) -> Double {
            let moved = zip(parameters, direction).map { $0 + amount * $1 }
            return loss.evaluate(parameters: moved, sites: sites, huberThreshold: 0).loss
        }
        let slope = zip(gradient, direction).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(slope) > 1e-5)
        #expect(abs((shifted(1e-6) - shifted(-1e-6)) / 2e-6 - slope) < 1e-9)
    }

    @Test func particleHoleOddIsExactlyOdd() throws {
        let square = try squareLattice()
        let supercell = try Supercell(square, size: [10, 6])
        for singlePrecision in [false, true] {
            let field = try forceField(architectures[3], lattice: square, supercell, singlePrecision: singlePrecision)
            let displacement = randomField(supercell, scale: 3, seed: 6)
            var mirrored = displacement
            for site in mirrored.values.indices { mirrored.values[site] = -mirrored.values[site] }
            let force = try field.forces(at: displacement)
            let opposite = try field.forces(at: mirrored)
            #expect(force.values.map(abs).max()! > 1e-3)
            #expect(zip(force.values, opposite.values).allSatisfy { $0 == -$1 })
        }
    }

    /// Uniform Q, a perfect charge-density wave, a straight kink and zero: where E channels vanish exactly.
    @Test(arguments: architectures) func isFiniteAndSymmetricAtSymmetricPoints(_ architecture: FullyConnectedArchitecture) throws
    {
        let square = try squareLattice()
        let supercell = try Supercell(square, size: [8, 8])
        for singlePrecision in [false, true] {
            let field = try forceField(architecture, lattice: square, supercell, singlePrecision: singlePrecision)
            let signs = supercell.sublatticeSigns()!
            let zero = SiteField(supercell)
            let uniform = SiteField(supercell, repeating: 0.7)
            let wave = SiteField(supercell, values: signs.map { 1.3 * $0 })
            let kink = SiteField(supercell, values: signs.enumerated().map { ($0 % 8 < 4 ? 1.3 : -1.3) * $1 })
            for displacement in [zero, uniform, wave, kink] {
                let force = try field.forces(at: displacement)
                #expect(force.firstNonFiniteSite == nil)
            }
            // Rounding must not grow into a jump: the published gate turns the last bit of a vanishing channel into ±σ(b).
            guard architecture.activation == .smooth else { continue }
            let tolerance = singlePrecision ? 1e-4 : 1e-12
            let flat = try field.forces(at: uniform).values
            #expect(flat.max()! - flat.min()! < tolerance)
            let staggered = try field.forces(at: wave).values
            #expect(staggered.max()! - staggered.min()! > 1e-6)
            for site in signs.indices {
                #expect(abs(staggered[site] - staggered[signs[site] > 0 ? 0 : 1]) < tolerance)
            }
        }
    }

    @Test func singlePrecisionIsClose() throws {
        let square = try squareLattice()
        let supercell = try Supercell(square, size: [12, 12])
        let displacement = randomField(supercell, scale: 3, seed: 7)
        let exact = try forceField(FullyConnectedArchitecture(), lattice: square, supercell).forces(at: displacement).values
        let single = try forceField(FullyConnectedArchitecture(), lattice: square, supercell, singlePrecision: true).forces(
            at: displacement
        ).values
        let scale = (exact.reduce(0) { $0 + $1 * $1 } / Double(exact.count)).squareRoot()
        #expect(largestDifference(exact, single) < 1e-4 * scale)
    }

    @Test func doesNotDependOnThreads() throws {
        let square = try squareLattice()
        let supercell = try Supercell(square, size: [31, 17])
        let displacement = randomField(supercell, scale: 3, seed: 8)
        let one = try forceField(architectures[0], lattice: square, supercell, singlePrecision: true).forces(at: displacement)
        for threads in [2, 4] {
            let more = try forceField(architectures[0], lattice: square, supercell, singlePrecision: true, threads: threads)
            #expect(try more.forces(at: displacement) == one)
        }
    }

    /// The force depends on the neighbourhood alone: the same bits in a larger lattice, and sides shorter than it wrap.
    @Test func isLocalAndWraps() throws {
        let square = try squareLattice()
        let architecture = FullyConnectedArchitecture(radiusSquared: 5, widths: [4])
        let small = try Supercell(square, size: [3, 2])
        let pattern = randomField(small, scale: 2, seed: 9)
        let large = try Supercell(square, size: [12, 8])
        let repeated = SiteField(
            large, values: (0..<large.siteCount).map { pattern[small.site(cell: large.cell(of: $0))] })
        var network = try FullyConnectedNetwork(architecture, lattice: square)
        network.normalize(forceSamples([pattern], [pattern]))
        let parameters = network.initialParameters(seed: 1)
        func forces(_ field: SiteField) throws -> SiteField {
            try FullyConnectedForceField(
                network, parameters: parameters, supercell: field.supercell, singlePrecision: false, pool: WorkerPool(threads: 1)
            ).forces(at: field)
        }
        let (a, b) = (try forces(pattern), try forces(repeated))
        for site in 0..<large.siteCount { #expect(b[site] == a[small.site(cell: large.cell(of: site))]) }
    }

    @Test func anotherLatticeIsRefused() throws {
        let square = try squareLattice()
        let stretched = try Lattice(
            name: "stretched", primitiveVectors: [[1, 0], [0, 2]], basis: [[0, 0]], bonds: [.init(from: 0, to: 0, cell: [1, 0])])
        let network = try FullyConnectedNetwork(architectures[0], lattice: square)
        #expect(throws: NetworkError.self) {
            try FullyConnectedForceField(
                network, parameters: network.initialParameters(seed: 1), supercell: try Supercell(stretched, size: [4, 4]),
                singlePrecision: true, pool: WorkerPool(threads: 1))
        }
    }
}
