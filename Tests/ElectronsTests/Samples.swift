import Foundation
import LatticeNumerics
import Lattices
import Models
import Storage

/// Lattices, models and configurations the tests share.
enum Samples {
    static let square = lattice("square", [[1, 0], [0, 1]], bonds: [(0, 0, [1, 0]), (0, 0, [0, 1])])
    static let chain = lattice("chain", [[1]], bonds: [(0, 0, [1])])
    static let triangular = lattice(
        "triangular", [[1, 0], [0.5, 3.0.squareRoot() / 2]], bonds: [(0, 0, [1, 0]), (0, 0, [0, 1]), (0, 0, [-1, 1])])
    static let honeycomb = lattice(
        "honeycomb", [[1.5, 3.0.squareRoot() / 2], [1.5, -(3.0.squareRoot()) / 2]], basis: [[0, 0], [1.0 / 3, 1.0 / 3]],
        bonds: [(0, 1, [0, 0]), (0, 1, [-1, 0]), (0, 1, [0, -1])])

    static let cubic = lattice(
        "cubic", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], bonds: [(0, 0, [1, 0, 0]), (0, 0, [0, 1, 0]), (0, 0, [0, 0, 1])])

    /// The published parameters but for those given.
    static func model(
        hopping: Double = 1, coupling: Double = 1.5, temperature: Double = 0.1,
        particles: Reservoir.Particles = .chemicalPotential(0)
    ) throws -> AdiabaticModel {
        try AdiabaticModel.holstein(
            hopping: hopping, coupling: coupling, stiffness: 1, neighborStiffness: 0.18, temperature: temperature,
            particles: particles)
    }

    static func random(_ lattice: Lattice, _ size: [Int], scale: Double = 1, seed: UInt64 = 1) throws -> SiteField {
        let supercell = try Supercell(lattice, size: size)
        let normals = RandomStream(seed: seed, purpose: .testing).normals(count: supercell.siteCount, step: 0)
        return SiteField(supercell, values: normals.map { $0 * scale })
    }

    /// amplitude·(±1) on the two sublattices.
    static func chargeDensityWave(_ lattice: Lattice, _ size: [Int], amplitude: Double) throws -> SiteField {
        let supercell = try Supercell(lattice, size: size)
        return SiteField(supercell, values: supercell.sublatticeSigns()!.map { $0 * amplitude })
    }

    private static func lattice(
        _ name: String, _ vectors: [[Double]], basis: [[Double]]? = nil, bonds: [(Int, Int, [Int])]
    ) -> Lattice {
        let origin = [[Double](repeating: 0, count: vectors.count)]
        let listed = bonds.map { Lattice.Bond(from: $0.0, to: $0.1, cell: $0.2) }
        do {
            return try Lattice(name: name, primitiveVectors: vectors, basis: basis ?? origin, bonds: listed)
        } catch {
            preconditionFailure("\(name): \(error)")
        }
    }
}

/// The largest |a − b|.
func largestDifference(_ a: some Sequence<Double>, _ b: some Sequence<Double>) -> Double {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

extension AdiabaticModel {
    /// t of the samples.
    var hopping: Double { self["hopping"]! }
    /// g of the samples.
    var coupling: Double { self["coupling"]! }
}
