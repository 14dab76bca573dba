import LatticeNumerics
import Lattices
import LearnedForces
import Models

func squareLattice() throws -> Lattice {
    try Lattice(
        name: "square", primitiveVectors: [[1, 0], [0, 1]], basis: [[0, 0]],
        bonds: [.init(from: 0, to: 0, cell: [1, 0]), .init(from: 0, to: 0, cell: [0, 1])])
}

func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count, "arrays of one length")
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

/// Configurations and forces of a model whose electrons play no part.
func forceSamples(_ displacements: [SiteField], _ forces: [SiteField]) -> ForceSamples {
    ForceSamples(displacements: displacements, forces: forces, conditions: displacements.map { _ in publishedElectrons })
}

let publishedElectrons = try! AdiabaticModel.holstein(coupling: 3.5, stiffness: 1, neighborStiffness: 0.18, temperature: 0.1)

func allSites(of configurations: [SiteField]) -> [SampleSite] {
    configurations.indices.flatMap { c in
        (0..<configurations[c].supercell.siteCount).map { SampleSite(configuration: c, site: $0) }
    }
}

/// A random field of the given standard deviation.
func randomField(_ supercell: Supercell, scale: Double, seed: UInt64) -> SiteField {
    let values = RandomStream(seed: seed, purpose: .testing).normals(count: supercell.siteCount, step: 0)
    return SiteField(supercell, values: values.map { $0 * scale })
}
