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
public protocol LatticeModel: Hashable, Sendable {
    /// As recipes name it: `holstein`.
    static var name: String { get }
    /// The name as a sentence has it: `Holstein model`.
    static var title: String { get }
    /// How the site variable transforms.
    static var components: SiteComponents { get }
    /// Its parameters, in the order in which recipes and reports list them, without those of the reservoir.
    static var parameters: [ModelParameter<Self>] { get }
    /// The elements of the density matrix that ``writeForce(from:at:in:to:)`` reads.
    static var wantedElements: WantedElements { get }

    /// All parameters at their defaults.
    init()

    /// D, how many spins have the same levels.
    var spinDegeneracy: Int { get }

    /// Writes the elements of H(x).
    ///
    /// - Parameters:
    ///   - x: right in the box and as far around it as a force sees.
    ///   - box: the cells whose density matrix is wanted.
    ///   - h: on the supercell of `x`, in whose place the model may put the same cells with bonds of further shells. Elements outside of
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

/// The values that a parameter of a model may have.
public enum ParameterValues: Sendable, Hashable {
    /// Any finite number.
    case finite
    /// A whole number of a range.
    case wholeNumber(ClosedRange<Int>)
    /// A finite number for every shell of bonds, at least one; a single one may stand without brackets.
    case byShell

    /// - Throws: ``ModelError`` naming the key of a value that is not allowed.
    func require(_ key: String, _ values: [Double]) throws {
        for value in values { try ModelError.requireFinite(key, value) }
        switch self {
        case .byShell:
            guard Lattice.shells.contains(values.count) else {
                throw ModelError(
                    key: key, problem: "\(values); a number for each of 1 to \(Lattice.shells.upperBound) shells is needed")
            }
        case .finite, .wholeNumber:
            guard values.count == 1 else { throw ModelError(key: key, problem: "\(values); one number is needed") }
        }
        guard case .wholeNumber(let range) = self else { return }
        guard values[0] == values[0].rounded(), Double(range.lowerBound)...Double(range.upperBound) ~= values[0] else {
            throw ModelError(
                key: key, problem: "\(values[0]); a whole number from \(range.lowerBound) to \(range.upperBound) is needed")
        }
    }
}

/// A parameter of a model: the single source of its recipe key, of the values that the key allows, and of its symbol in tables.
public struct ModelParameter<Model: Sendable>: Sendable {
    /// As recipes spell it: `neighbor_stiffness`.
    public let key: String
    /// As equations and reports write it: κ.
    public let symbol: String
    /// Whether the electronic force depends on it.
    public let isElectronic: Bool
    /// The values that it may have.
    public let allowed: ParameterValues
    /// Reads it from a model.
    let get: @Sendable (Model) -> [Double]
    /// Writes it to a model.
    let set: @Sendable (inout Model, [Double]) -> Void

    /// A parameter that is one finite number.
    public init(
        _ key: String, _ symbol: String, isElectronic: Bool, _ path: WritableKeyPath<Model, Double> & Sendable
    ) {
        (self.key, self.symbol, self.isElectronic) = (key, symbol, isElectronic)
        allowed = .finite
        get = { [$0[keyPath: path]] }
        set = { $0[keyPath: path] = $1[0] }
    }

    /// A parameter that is a whole number.
    public init(
        _ key: String, _ symbol: String, isElectronic: Bool, allowed: ClosedRange<Int>,
        _ path: WritableKeyPath<Model, Int> & Sendable
    ) {
        (self.key, self.symbol, self.isElectronic) = (key, symbol, isElectronic)
        self.allowed = .wholeNumber(allowed)
        get = { [Double($0[keyPath: path])] }
        // Checked against `allowed` before.
        set = { $0[keyPath: path] = Int($1[0]) }
    }

    /// A parameter that has a number for every shell of bonds.
    public init(
        byShell key: String, _ symbol: String, isElectronic: Bool,
        _ path: WritableKeyPath<Model, [Double]> & Sendable
    ) {
        (self.key, self.symbol, self.isElectronic) = (key, symbol, isElectronic)
        allowed = .byShell
        get = { $0[keyPath: path] }
        set = { $0[keyPath: path] = $1 }
    }
}
