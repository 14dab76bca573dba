import ForceFields
import LatticeNumerics
import Lattices

/// The physics of one lattice Hamiltonian whose electrons follow classical site variables x: elements of H(x), the force from elements
/// of the density matrix, and the classical part C(x).
///
///     Ω(x) = −D k_BT Σ_m ln(1 + e^{−(ε_m − μ)/k_BT}) + B(x) + C(x),      F = −∂Ω/∂x
///
/// Solvers see ``TightBinding`` alone, and everything else sees named fields and forces. A model is one file and one line in
/// ``AdiabaticModel/catalogue``, or a call of ``AdiabaticModel/register(_:)`` in another program.
public protocol LatticeModel: Parametrized, Hashable {
    /// As recipes name it: `holstein`.
    static var name: String { get }
    /// The name as a sentence has it: `Holstein model`.
    static var title: String { get }
    /// x: its name, how it transforms, and whether it is free or of length 1.
    static var variable: SiteVariable { get }
    /// The elements of the density matrix that ``writeForce(from:at:in:to:)`` reads.
    static var wantedElements: WantedElements { get }

    /// D, how many spins have the same levels.
    var spinDegeneracy: Int { get }

    /// v_i, energies of sites that no configuration changes; nil of a model that cannot have them.
    var onsiteEnergies: OnsiteEnergies? { get set }

    /// Writes the elements of H(x).
    ///
    /// - Parameters:
    ///   - x: right in the box and as far around it as a force sees.
    ///   - box: the cells whose density matrix is wanted.
    ///   - h: on the supercell of `x`, which knows where it lies in a whole if it is a piece, and in whose place the model may put the same cells with bonds of further shells. Elements outside of
    ///     the box and its surroundings may be anything.
    func writeElements(at x: SiteField, in box: CellBox, to h: inout TightBinding)

    /// Writes the electronic force, −D Σ Tr ρ ∂h/∂x − ∂B/∂x, on the sites of a box.
    func writeForce(from rho: DensityMatrix, at x: SiteField, in box: CellBox, to force: inout SiteField)

    /// The electronic force where it follows from the density of the site alone; nil where it does not. Solvers that find density by
    /// density then write forces in place, without a second field.
    var onsiteForce: OnsiteForce? { get }

    /// B(x), the energy of a background whose force counts as electronic: zero for models without one.
    func background(at x: SiteField) -> Double

    /// C(x).
    func classicalPart(on supercell: Supercell, pool: WorkerPool) -> any ClassicalForceField

    /// Checks that the lattice has what the elements and the classical part need: it comes before all other uses of a lattice.
    ///
    /// - Throws: ``ModelError``
    func validateBonds(of lattice: Lattice) throws

    /// Checks that the classical part binds every configuration: that the softest mode of all wave vectors is stable.
    ///
    /// - Throws: ``ModelError``
    func validateStability(on lattice: Lattice) throws

    /// C(x) as a quadratic form; nil for variables of fixed length.
    func harmonicPart(on lattice: Lattice) -> HarmonicLattice?

    /// An interval that holds the spectrum of every configuration within an extent.
    func spectrumBounds(_ extent: FieldExtent, on lattice: Lattice) -> SpectrumBounds

    /// The energy that temperatures and displacements are compared with, |t|.
    var energyUnit: Double { get }

    /// The μ at which exchanging electrons and holes takes F(x) to −F(−x) if the lattice has two sublattices; nil without that symmetry.
    func particleHoleChemicalPotential(on lattice: Lattice) -> Double?
}

extension LatticeModel {
    public static var wantedElements: WantedElements { .sites }
    public var spinDegeneracy: Int { 1 }
    public var onsiteEnergies: OnsiteEnergies? {
        get { nil }
        set {}
    }
    public var onsiteForce: OnsiteForce? { nil }
    public func validateBonds(of lattice: Lattice) throws {}
    public func validateStability(on lattice: Lattice) throws {}
    public func background(at x: SiteField) -> Double { 0 }
    public func particleHoleChemicalPotential(on lattice: Lattice) -> Double? { nil }
}

/// A force that follows from the density of its site, F_i = factor·(n_i − center), with n of one spin.
public struct OnsiteForce: Sendable, Equatable {
    /// ∂F/∂n
    public let factor: Double
    /// The density without a force.
    public let center: Double

    /// The coefficients of a force.
    public init(factor: Double, center: Double) {
        self.factor = factor
        self.center = center
    }
}
