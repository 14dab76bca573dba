import Dynamics
import Electrons
import Experiments
import ForceFields
import LatticeNumerics
import Lattices
import Models
import Pipeline
import Recipes
import Reports
import Runs
import Synchronization

/// Snapshots of exact quenches from hot starts, through all their stages, with their exact electronic forces.
struct HeldOutQuenches: Sendable {
    let model: AdiabaticModel
    let snapshots: [SiteField]
    let forces: [SiteField]

    /// Steps at which snapshots are taken, denser at the beginning, where the configurations change most.
    static let steps = [0, 20, 40, 80, 120, 160, 240, 320, 440, 600, 800, 1000]

    /// - Parameters:
    ///   - recipe: of the dynamics and the electrons, which are solved for by selected inversion along the way and by
    ///     diagonalization in the snapshots; the seeds are others than those of its data.
    ///   - side: of the lattice.
    ///   - count: of the quenches.
    init(_ recipe: Recipe, side: Int, count: Int, pool: WorkerPool) throws {
        let supercell = try Supercell(recipe.lattice.geometry, size: [side, side])
        let exact = ElectronicForceField(recipe.model, ExactDiagonalization())
        let quenches = Mutex([[(SiteField, SiteField)]](repeating: [], count: count))
        try pool.tryForEach(count: count) { index, _ in
            let forceField = AdiabaticSumForceField(
                ElectronicForceField(recipe.model, SelectedInversion()), recipe.model.classicalPart(on: supercell))
            let states = try recipe.quench(
                forceField, on: supercell, seed: recipe.seed &+ 0x4e1d &+ UInt64(index), steps: Self.steps)
            let solved = try states.map { ($0.displacement, try exact.forces(at: $0.displacement)) }
            quenches.withLock { $0[index] = solved }
        }
        let solved = quenches.withLock { $0.flatMap(\.self) }
        self.init(model: recipe.model, snapshots: solved.map(\.0), forces: solved.map(\.1))
    }

    private init(model: AdiabaticModel, snapshots: [SiteField], forces: [SiteField]) {
        self.model = model
        self.snapshots = snapshots
        self.forces = forces
    }

    /// Some of the snapshots, by index.
    func selecting(_ isSelected: (Int) -> Bool) -> HeldOutQuenches {
        let indices = snapshots.indices.filter(isSelected)
        return HeldOutQuenches(model: model, snapshots: indices.map { snapshots[$0] }, forces: indices.map { forces[$0] })
    }

    /// √⟨F²⟩ of the exact electronic forces: the error of predicting none.
    var rootMeanSquareForce: Double { ErrorSummary(forces.flatMap(\.values)).rootMeanSquare }

    /// The errors of a force field on all sites of all snapshots.
    func errors(of forceField: any ForceField) throws -> ErrorSummary {
        ErrorSummary(
            try zip(snapshots, forces).flatMap { snapshot, exact in
                zip(try forceField.forces(at: snapshot).values, exact.values).map { $0 - $1 }
            })
    }
}
