import ForceFields
import LatticeNumerics
import Lattices
import Synchronization

/// A lattice model and the reservoir of its electrons: all that a potential Ω(x) and its forces depend on.
///
/// Everything above the solvers knows this type alone. A recipe names one of the models of ``catalogue``.
public struct AdiabaticModel: Sendable, Hashable {
    /// The models that recipes can name: those of this program, and those that ``register(_:)`` has added.
    public static var catalogue: [any LatticeModel.Type] { known.withLock { $0 } }
    private static let known = Mutex<[any LatticeModel.Type]>([HolsteinModel.self])

    /// Adds a model that recipes can name from then on. A model that is there already stays as it is.
    ///
    /// - Throws: ``ModelError`` for the name of another model, and for a parameter whose key is that of another parameter, of the
    ///   reservoir, or `name`.
    public static func register(_ model: any LatticeModel.Type) throws {
        var taken: Set = ["name"]
        if model.init().onsiteEnergies != nil { taken.formUnion(OnsiteEnergies.keys) }
        for parameter in parameters(of: model) where !taken.insert(parameter.key).inserted {
            throw ModelError(key: parameter.key, problem: "is taken; the \(model.title) needs another key for a parameter")
        }
        try known.withLock { known in
            guard let other = known.first(where: { $0.name == model.name }) else { return known.append(model) }
            guard other == model else {
                throw ModelError(key: "name", problem: "'\(model.name)' is the \(other.title); another name is allowed")
            }
        }
    }

    /// Elements of H, forces and the classical part.
    public let hamiltonian: any LatticeModel
    /// k_BT, and μ or filling.
    public let reservoir: Reservoir

    /// - Throws: ``ModelError`` for a parameter, of the model or of the reservoir, whose value is not allowed.
    public init(_ hamiltonian: any LatticeModel, _ reservoir: Reservoir) throws {
        self.hamiltonian = hamiltonian
        self.reservoir = reservoir
        for (parameter, value) in zip(parameters, values) where !value.isEmpty {
            try parameter.allowed.require(parameter.key, value)
        }
    }

    /// A model whose parameters are known to be allowed.
    init(checked hamiltonian: any LatticeModel, _ reservoir: Reservoir) {
        self.hamiltonian = hamiltonian
        self.reservoir = reservoir
    }

    public static func == (a: Self, b: Self) -> Bool {
        func isEqual<Model: LatticeModel>(_ model: Model) -> Bool { model == b.hamiltonian as? Model }
        return a.reservoir == b.reservoir && isEqual(a.hamiltonian)
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(reservoir)
        hamiltonian.hash(into: &hasher)
    }

    /// As recipes name it.
    public var name: String { type(of: hamiltonian).name }
    /// As sentences name it.
    public var title: String { type(of: hamiltonian).title }
    /// x
    public var variable: SiteVariable { type(of: hamiltonian).variable }
    /// k_BT of the electrons.
    public var temperature: Double { reservoir.temperature }
    /// |t|
    public var energyUnit: Double { hamiltonian.energyUnit }
    /// D
    public var spinDegeneracy: Int { hamiltonian.spinDegeneracy }
    /// ``LatticeModel/onsiteForce``
    public var onsiteForce: OnsiteForce? { hamiltonian.onsiteForce }

    /// ``LatticeModel/wantedElements``
    public var wantedElements: WantedElements { type(of: hamiltonian).wantedElements }

    // MARK: parameters

    /// The parameters of the lattice model, then those of the reservoir.
    public var parameters: [Parameter] { Self.parameters(of: type(of: hamiltonian)) }

    /// The parameters of a lattice model, then those of the reservoir.
    public static func parameters(of type: any LatticeModel.Type) -> [Parameter] {
        func parameters<Owner: Parametrized>(_: Owner.Type) -> [Parameter] { Owner.parameters.map(\.statement) }
        return parameters(type) + parameters(Reservoir.self)
    }

    /// The parameters of which data may have several values, and which a force field may be told: those that have a
    /// ``Parameter/listKey``. The temperature comes first: trajectories are dealt out to combinations in this order.
    public var listedParameters: [Parameter] { Self.listedParameters(of: type(of: hamiltonian)) }

    /// The same of a lattice model.
    public static func listedParameters(of type: any LatticeModel.Type) -> [Parameter] {
        let listed = parameters(of: type).filter { $0.listKey != nil }
        return listed.filter { $0.key == "temperature" } + listed.filter { $0.key != "temperature" }
    }

    /// The values of ``parameters``; empty for one that is not given, as μ at fixed filling.
    public var values: [[Double]] {
        func values<Owner: Parametrized>(_ owner: Owner) -> [[Double]] { Owner.parameters.map { $0.get(owner) } }
        return values(hamiltonian) + values(reservoir)
    }

    /// The value of a parameter, of the first shell if it has one for every shell; nil if there is none of this key, or it is not
    /// given, as μ at fixed filling.
    public subscript(key: String) -> Double? {
        func values<Owner: Parametrized>(_ owner: Owner) -> [Double]? {
            Owner.parameters.first { $0.statement.key == key }?.get(owner)
        }
        return (values(reservoir) ?? values(hamiltonian))?.first
    }

    /// The same model with another value of a parameter.
    ///
    /// - Throws: ``ModelError`` for a value that is not allowed, or a key that the model does not have.
    public func with(_ key: String, _ value: Double) throws -> AdiabaticModel { try with(key, [value]) }

    /// The same for a parameter that may have several values.
    public func with(_ key: String, _ values: [Double]) throws -> AdiabaticModel {
        func changed<Owner: Parametrized>(_ owner: Owner) throws -> Owner? {
            guard let parameter = Owner.parameters.first(where: { $0.statement.key == key }) else { return nil }
            try parameter.statement.allowed.require(key, values)
            var owner = owner
            parameter.set(&owner, values)
            return owner
        }
        func changed<Model: LatticeModel>(model: Model) throws -> (any LatticeModel)? { try changed(model) }
        if let reservoir = try changed(reservoir) { return try AdiabaticModel(hamiltonian, reservoir) }
        guard let model = try changed(model: hamiltonian) else {
            throw ModelError(key: key, problem: "the \(title) has no such parameter")
        }
        return try AdiabaticModel(model, reservoir)
    }

    // MARK: physics

    /// H(x).
    ///
    /// - Parameters:
    ///   - x: the configuration.
    ///   - box: the cells whose density matrix is wanted; all if nil.
    /// - Throws: ``ModelError`` if energies of sites that were given cannot be had.
    public func tightBinding(at x: SiteField, in box: CellBox? = nil) throws -> TightBinding {
        try onsiteEnergies?.validate()
        precondition(x.kind == variable.kind, "a configuration of the site variable of the \(title)")
        var h = TightBinding(x.supercell, onsite: .scaled(slope: 0, x), bonds: .uniform([]))
        hamiltonian.writeElements(at: x, in: box ?? CellBox(x.supercell), to: &h)
        return h
    }

    /// The electronic force on every site, from elements of the density matrix.
    public func electronicForce(from rho: DensityMatrix, at x: SiteField) -> SiteField {
        var force = SiteField(x.supercell, kind: variable.kind)
        hamiltonian.writeForce(from: rho, at: x, in: CellBox(x.supercell), to: &force)
        return force
    }

    /// The electronic force of a model whose force follows from the density of each site.
    public func electronicForce(from density: SiteField) -> SiteField {
        guard let law = onsiteForce else { preconditionFailure("a force that follows from the density of its site") }
        var force = density
        for site in force.values.indices { force.values[site] = law.factor * (density.values[site] - law.center) }
        return force
    }

    /// The density of each site from the electronic force; nil if the force does not tell it.
    public func density(fromElectronicForce force: SiteField) -> SiteField? {
        guard let law = onsiteForce, law.factor != 0 else { return nil }
        var density = force
        for site in density.values.indices { density.values[site] = force.values[site] / law.factor + law.center }
        return density
    }

    /// Whether the total force tells the densities: |∂F/∂n| > 10⁻⁶ of the stiffest classical mode, where rounding of the classical
    /// force leaves an error of some 10⁻¹⁰ |x|.
    public func forceTellsDensity(on lattice: Lattice) -> Bool {
        guard let law = onsiteForce else { return false }
        return abs(law.factor) > 1e-6 * (hamiltonian.harmonicPart(on: lattice)?.stiffnessBound ?? 0)
    }

    /// The electronic part of the potential with its background, D·Ω_e + B(x), from Ω_e of one spin.
    public func electronicPotential(_ potential: Double, at x: SiteField) -> Double {
        Double(spinDegeneracy) * potential + hamiltonian.background(at: x)
    }

    /// C(x).
    public func classicalPart(on supercell: Supercell, pool: WorkerPool = WorkerPool(threads: 1)) -> any ClassicalForceField {
        hamiltonian.classicalPart(on: supercell, pool: pool)
    }

    /// An interval that holds the spectrum of every configuration within an extent.
    public func spectrumBounds(_ extent: FieldExtent, on lattice: Lattice) -> SpectrumBounds {
        hamiltonian.spectrumBounds(extent, on: lattice)
    }

    /// Whether there are as many electrons as holes, so that F(−x) = −F(x) if the lattice has two sublattices.
    public func hasParticleHoleSymmetry(on lattice: Lattice) -> Bool {
        guard let value = hamiltonian.particleHoleChemicalPotential(on: lattice) else { return false }
        return [.chemicalPotential(value), .filling(0.5)].contains(reservoir.particles)
    }
}
