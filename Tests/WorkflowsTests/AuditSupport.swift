import Electrons
import LatticeNumerics
import Lattices
import Models
import Pipeline
import Recipes
import Reports

/// Configurations and models of the audits' tests.
enum AuditSamples {
    static func model(coupling: Double = 3.5, particles: Reservoir.Particles = .chemicalPotential(0)) throws -> AdiabaticModel {
        try AdiabaticModel.holstein(
            coupling: coupling, stiffness: 1, neighborStiffness: 0.18, temperature: 0.1, particles: particles)
    }

    static func square() throws -> Lattice { try StageRun.recipe().lattice.geometry }

    /// Two staggered domains with a wall along x = Lx/2, and thermal noise.
    static func displacement(_ size: [Int], periodic: [Bool]? = nil, noise: Double = 0.5) throws -> SiteField {
        let supercell = try Supercell(square(), size: size, periodic: periodic)
        let normals = RandomStream(seed: 5, purpose: .testing).normals(count: supercell.siteCount, step: 0)
        return SiteField(
            supercell,
            values: normals.indices.map { site in
                let cell = supercell.cell(of: site)
                let sign = (cell[0] + cell[1]) % 2 == 0 ? 1.0 : -1.0
                return sign * (cell[0] < size[0] / 2 ? 1.2 : -1.2) + noise * normals[site]
            })
    }

    static func exactForce(_ model: AdiabaticModel, _ displacement: SiteField) throws -> SiteField {
        try ElectronicForceField(model, ExactDiagonalization()).forces(at: displacement)
    }
}
