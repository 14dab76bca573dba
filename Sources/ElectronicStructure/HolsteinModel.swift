import ForceFields
import LatticeNumerics
import Lattices

/// The parameters of the adiabatic Holstein model of spinless electrons; the Hamiltonian is stated in <doc:Conventions>.
public struct HolsteinModel: Sendable, Equatable {
    /// t, the unit of energy when it is 1.
    public let hopping: Double
    /// g, energy per displacement.
    public let coupling: Double
    /// K, energy per displacement squared.
    public let stiffness: Double
    /// κ, energy per displacement squared.
    public let neighborStiffness: Double
    /// k_BT of the electrons; 0 means the limit of zero temperature.
    public let temperature: Double
    /// Fixed μ or fixed filling.
    public let reservoir: Reservoir

    /// - Throws: ``ModelError`` for a number that is not finite, a negative temperature, or a filling outside 0…1 or at its
    ///   ends, where no finite chemical potential exists.
    public init(
        hopping: Double = 1, coupling: Double, stiffness: Double, neighborStiffness: Double, temperature: Double,
        reservoir: Reservoir = .chemicalPotential(0)
    ) throws {
        let finite = [
            ("hopping", hopping), ("coupling", coupling), ("stiffness", stiffness), ("neighbor_stiffness", neighborStiffness),
            ("temperature", temperature),
        ]
        for (key, value) in finite where !value.isFinite {
            throw ModelError(key: key, problem: "\(value); a finite number is needed")
        }
        guard temperature >= 0 else { throw ModelError(key: "temperature", problem: "\(temperature); k_BT ≥ 0 is needed") }
        switch reservoir {
        case .chemicalPotential(let value):
            guard value.isFinite else {
                throw ModelError(key: "chemical_potential", problem: "\(value); a finite number is needed")
            }
        case .filling(let value):
            guard value > 0, value < 1 else {
                throw ModelError(key: "filling", problem: "\(value); more than 0 and less than 1 electron a site is needed")
            }
        }
        self.hopping = hopping
        self.coupling = coupling
        self.stiffness = stiffness
        self.neighborStiffness = neighborStiffness
        self.temperature = temperature
        self.reservoir = reservoir
    }

    /// The elastic part of the forces and the potential.
    public func elasticForceField(
        on supercell: Supercell, pool: WorkerPool = WorkerPool(threads: 1)
    ) -> ElasticForceField {
        ElasticForceField(supercell, stiffness: stiffness, neighborStiffness: neighborStiffness, pool: pool)
    }

    /// The electronic part of the force, g (n_i − ½), from the density.
    public func electronicForce(from density: SiteField) -> SiteField {
        var force = density
        for site in force.values.indices { force.values[site] = coupling * (density.values[site] - 0.5) }
        return force
    }

    /// The density n_i = F_i/g + ½ from the electronic part of the force; nil if g = 0, when the force does not tell it.
    public func density(fromElectronicForce force: SiteField) -> SiteField? {
        guard coupling != 0 else { return nil }
        var density = force
        for site in density.values.indices { density.values[site] = force.values[site] / coupling + 0.5 }
        return density
    }
}
