import ForceFields
import Lattices
import Models

/// The electrons of a model as some solver finds them: their state and the force that they exert at any configuration.
public protocol SolvedElectrons: ForceField {
    /// Whose electrons they are.
    var model: AdiabaticModel { get }

    /// The electrons' state at a configuration.
    ///
    /// - Parameters:
    ///   - x: the configuration.
    ///   - wanted: elements of the density matrix; those that the model's force needs if nil.
    /// - Throws: ``ElectronicStructureError``, and whatever keeps the solver from a result.
    func solve(_ x: SiteField, wanted: WantedElements?) throws -> ElectronicState

    /// How far, in cells along any direction, the force on a site sees at given μ; nil if it depends on all of the lattice.
    func surroundings(on lattice: Lattice) -> Int?

    /// The densities n_i of one spin in place of forces.
    var densities: any ForceField { get }
}

extension SolvedElectrons {
    /// The electrons' state with the elements of the density matrix that the model's force needs.
    public func solve(_ x: SiteField) throws -> ElectronicState { try solve(x, wanted: nil) }

    /// State, forces and potential at a configuration, from one solution of the electrons.
    ///
    /// - Throws: what ``solve(_:)`` throws.
    public func solution(at x: SiteField) throws -> AdiabaticSolution {
        let state = try solve(x)
        let electronicForce = model.electronicForce(from: state.densityMatrix, at: x)
        var force = SiteField(x.supercell, kind: x.kind)
        let classical = try model.classicalPart(on: x.supercell).computeForcesAndPotential(at: x, into: &force)
        for k in force.values.indices { force.values[k] += electronicForce.values[k] }
        return AdiabaticSolution(
            state: state, electronicForce: electronicForce, force: force,
            potential: state.potential.map { model.electronicPotential($0, at: x) + classical })
    }
}

/// The electronic part of the forces of a model, from any solver; the part that networks learn.
///
/// The classical part is ``AdiabaticModel/classicalPart(on:pool:)``. With a ``PotentialSolver`` the forces are conservative, with the
/// potential ``AdiabaticModel/electronicPotential(_:at:)``.
public struct ElectronicForceField<Solver: ElectronicSolver>: SolvedElectrons {
    public let model: AdiabaticModel
    /// What finds the density matrix.
    public var solver: Solver

    /// The electrons of a model, found by a solver.
    public init(_ model: AdiabaticModel, _ solver: Solver) {
        self.model = model
        self.solver = solver
    }

    public func solve(_ x: SiteField, wanted: WantedElements?) throws -> ElectronicState {
        try solver.solve(model.tightBinding(at: x), model.reservoir, wanted: wanted ?? model.wantedElements)
    }

    public func surroundings(on lattice: Lattice) -> Int? { solver.surroundings(on: lattice) }

    public func computeForces(at x: SiteField, into forces: inout SiteField) throws {
        forces = model.electronicForce(from: try solve(x).densityMatrix, at: x)
    }

    public var densities: any ForceField { Densities(electrons: self) }

    public func atStep(_ step: Int, seed: UInt64) -> Self { Self(model, solver.atStep(step, seed: seed)) }
}

extension ElectronicForceField: TiledForceField where Solver == LocalDiagonalization {
    public var blockSide: Int { solver.options.core }
    public var tiling: BlockTiling { solver.options.tiling }

    public func tiled(_ tiling: BlockTiling) -> Self { Self(model, solver.tiled(tiling)) }
}

extension ElectronicForceField: ConservativeForceField where Solver: PotentialSolver {
    /// The electrons' state at a configuration with ``ElectronicState/potential``.
    public func solveWithPotential(_ x: SiteField, wanted: WantedElements? = nil) throws -> ElectronicState {
        try solver.solveWithPotential(model.tightBinding(at: x), model.reservoir, wanted: wanted ?? model.wantedElements)
    }

    public func computeForcesAndPotential(at x: SiteField, into forces: inout SiteField) throws -> Double {
        let state = try solveWithPotential(x)
        forces = model.electronicForce(from: state.densityMatrix, at: x)
        return model.electronicPotential(state.potential!, at: x)
    }
}

/// A force field whose values are the densities of electrons.
private struct Densities<Electrons: SolvedElectrons>: ForceField {
    let electrons: Electrons

    func computeForces(at x: SiteField, into densities: inout SiteField) throws {
        densities = SiteField(x.supercell, values: try electrons.solve(x).density.values)
    }
}
