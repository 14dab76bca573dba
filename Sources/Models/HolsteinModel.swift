import ForceFields
import Foundation
import LatticeNumerics
import Lattices

/// The Holstein model of electrons coupled to displacements Q_i of their sites:
///
///     H = −Σ_s t_s Σ_⟨ij⟩_s (c†_i c_j + h.c.) + Σ_i (v_i − g Q_i) n_i
///     Ω = D Ω_e + D (g/2) Σ_i Q_i + (K/2) Σ_i Q_i² + Σ_s κ_s Σ_⟨ij⟩_s Q_i Q_j
///     F_i = D g (n_i − ½) − K Q_i − Σ_s κ_s Σ_{j, ij of shell s} Q_j
///
/// with shells s of bonds, energies v_i of a disordered lattice, and Ω_e and n of one spin of D. The electronic part of the force is D g (n_i − ½). Units are stated in <doc:Conventions>.
///
/// Y. Fan and G.-W. Chern, arXiv:2601.04104.
public struct HolsteinModel: LatticeModel {
    /// t_1, t_2, … by shell of bonds, t_1 the unit of energy when it is 1. Shells that the lattice does not list are found by distance.
    public var hopping = [1.0]
    /// g, energy per displacement.
    public var coupling = 3.5
    /// K, energy per displacement squared.
    public var stiffness = 1.0
    /// κ_1, κ_2, … of the shells that the lattice lists, energy per displacement squared.
    public var neighborStiffness = [0.18]
    /// v_i.
    public var onsite = OnsiteEnergies()
    /// D: 1 for spinless electrons, 2 for those of both spins.
    public var spinDegeneracy = 1

    public var onsiteEnergies: OnsiteEnergies? {
        get { onsite }
        set { if let newValue { onsite = newValue } }
    }

    public init() {}

    public static let name = "holstein"
    public static let title = "Holstein model"
    public static let variable = SiteVariable("displacement", .scalar)

    public static let parameters: [ModelParameter<Self>] = [
        .init(
            byShell: "hopping", "t", .energy, "the energy that hopping along a bond gains, by shell of bonds",
            isElectronic: true,
            \.hopping),
        .init(
            "coupling", "g", .energyPerDisplacement, "how much a displacement lowers the energy of an electron on its site",
            isElectronic: true, \.coupling),
        .init(
            "stiffness", "K", .energyPerSquaredDisplacement, "the spring constant of every site", isElectronic: false,
            \.stiffness),
        .init(
            byShell: "neighbor_stiffness", "κ", .energyPerSquaredDisplacement,
            "the spring constant between the displacements of neighbours, by shell of bonds", isElectronic: false,
            \.neighborStiffness),
        .init(
            "onsite_disorder", "W", .energy, "the width of random energies of the sites, which are uniform in [−W/2, W/2)",
            isElectronic: true, allowed: .from(0), isVaried: false, \.onsite.width),
        .init(
            "spin_degeneracy", "D", "how many spins have the same levels", isElectronic: true, allowed: 1...2,
            \.spinDegeneracy),
    ]

    /// ∂F/∂n = D g
    private var slope: Double { Double(spinDegeneracy) * coupling }

    public func writeElements(at x: SiteField, in box: CellBox, to h: inout TightBinding) {
        if onsite.isZero {
            h.onsite = .scaled(slope: -coupling, x)
        } else {
            h.onsite = .blocks(
                ElementBlocks(orbitals: 1, real: zip(onsite.values(on: x.supercell), x.values).map { $0 - coupling * $1 }))
        }
        h.supercell = x.supercell.with(withShells(x.supercell.lattice))
        h.bonds = .uniform(hopping.map { -$0 })
    }

    public func writeForce(from rho: DensityMatrix, at x: SiteField, in box: CellBox, to force: inout SiteField) {
        for site in box.siteRanges(in: x.supercell).joined() {
            force.values[site] = slope * (rho.sites.real[site] - 0.5)
        }
    }

    public var onsiteForce: OnsiteForce? { OnsiteForce(factor: slope, center: 0.5) }

    public func background(at x: SiteField) -> Double { slope / 2 * x.values.reduce(0, +) }

    public func classicalPart(on supercell: Supercell, pool: WorkerPool) -> any ClassicalForceField {
        ElasticForceField(supercell, stiffness: stiffness, neighborStiffness: neighborStiffness, pool: pool)
    }

    public func harmonicPart(on lattice: Lattice) -> HarmonicLattice? {
        HarmonicLattice(lattice, stiffness: stiffness, neighborStiffness: neighborStiffness)
    }

    public func validateBonds(of lattice: Lattice) throws {
        do { _ = try lattice.withShells(hopping.count) } catch let error as LatticeError {
            throw ModelError(key: "hopping", problem: "\(hopping): \(error.problem)")
        }
        guard neighborStiffness.count <= max(1, lattice.shellCount) else {
            throw ModelError(
                key: "neighbor_stiffness",
                problem: "\(neighborStiffness) has more numbers than the \(lattice.name) lattice lists shells of bonds; "
                    + "\(max(1, lattice.shellCount)) at most is allowed")
        }
    }

    /// The elastic energy must bind every displacement, because electrons pull on a site with at most D|g|/2.
    public func validateStability(on lattice: Lattice) throws {
        let energy = HarmonicLattice(lattice, stiffness: stiffness, neighborStiffness: neighborStiffness)
        guard let softest = energy.instability() else { return }
        guard stiffness > 0 else {
            throw ModelError(
                key: "stiffness", problem: "\(stiffness) makes the lattice unstable; a number above 0 is allowed")
        }
        func text(_ bound: Double) -> String { String(format: "%.6g", bound) }
        guard neighborStiffness.count == 1 else {
            throw ModelError(
                key: "neighbor_stiffness",
                problem:
                    "\(neighborStiffness) makes the lattice unstable: the mode of wave vector \(softest.text) in reciprocal lattice "
                    + "vectors has the stiffness \(text(softest.stiffness)); smaller numbers are allowed")
        }
        let (lower, upper) = HarmonicLattice.stableNeighborStiffness(lattice, stiffness: stiffness)
        throw ModelError(
            key: "neighbor_stiffness",
            problem:
                "\(neighborStiffness[0]) makes the lattice unstable: the mode of wave vector \(softest.text) in reciprocal lattice "
                + "vectors has the stiffness \(text(softest.stiffness)); with stiffness = \(stiffness), "
                + "\(text(lower)) < neighbor_stiffness < \(text(upper)) is allowed on the \(lattice.name) lattice")
    }

    public func spectrumBounds(_ extent: FieldExtent, on lattice: Lattice) -> SpectrumBounds {
        let (first, second, given) = (-coupling * extent.lowest, -coupling * extent.highest, onsite.extent)
        return SpectrumBounds(
            energiesBetween: min(first, second) + given.lowest, and: max(first, second) + given.highest,
            radius: UniformTightBinding.radius(hopping, on: withShells(lattice)))
    }

    public var energyUnit: Double { abs(hopping[0]) }

    /// The lattice with the bonds that electrons hop along. ``validateBonds(of:)`` has found that it can be had.
    private func withShells(_ lattice: Lattice) -> Lattice {
        hopping.count <= lattice.shellCount ? lattice : (try? lattice.withShells(hopping.count)) ?? lattice
    }

    /// c_i → ±c†_i with the signs of the two sublattices takes Q to −Q, if electrons hop along the bonds alone that the lattice lists,
    /// and no site has an energy of its own.
    public func particleHoleChemicalPotential(on lattice: Lattice) -> Double? {
        onsite.isZero && !hopping.dropFirst(max(1, lattice.shellCount)).contains { $0 != 0 } ? 0 : nil
    }
}

extension AdiabaticModel {
    /// The Holstein model with a reservoir.
    ///
    /// - Throws: ``ModelError``, as the initializer does.
    public static func holstein(
        hopping: Double = 1, coupling: Double, stiffness: Double, neighborStiffness: Double, temperature: Double,
        particles: Reservoir.Particles = .chemicalPotential(0)
    ) throws -> AdiabaticModel {
        var model = HolsteinModel()
        model.hopping = [hopping]
        model.coupling = coupling
        model.stiffness = stiffness
        model.neighborStiffness = [neighborStiffness]
        return try AdiabaticModel(model, Reservoir(temperature: temperature, particles))
    }
}
