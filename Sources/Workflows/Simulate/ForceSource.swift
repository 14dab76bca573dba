import ElectronicStructure
import EquivariantNetworks
import Lattices
import Storage

/// Where the forces of a simulation come from: a solver of the electrons, or the model of the run.
struct ForceSource {
    /// SHA-256 of the model file; empty if a solver gives the force.
    let modelDigest: String
    private let make: (Supercell) throws -> AdiabaticForceField

    /// Reads the model if the recipe asks for it.
    ///
    /// - Throws: ``StageError`` if there is no model, or one of another recipe; what reading it throws.
    init(_ context: StageContext) throws {
        let recipe = context.recipe
        switch recipe.simulate.forceField {
        case .solver(let name):
            modelDigest = ""
            make = { AdiabaticForceField(recipe.solver(name, pool: context.pool), on: $0, pool: context.pool) }
        case .model:
            let file = context.directory.model
            try context.requireInputs(of: .simulate)
            let model = try ModelFile.read(file)
            // One from elsewhere may have been trained in any way, if only it knows the electrons.
            try context.doOnFirstRank { try Provenance(context).requireCurrentInputs(of: .simulate) }
            try model.requireElectrons(recipe.model, path: file)
            modelDigest = try Digest.sha256(ofFile: file)
            make = { supercell in
                let learned = try model.forceField(
                    on: supercell, conditions: recipe.model, singlePrecision: recipe.simulate.precision == .float32,
                    tiling: recipe.simulate.tiling, pool: context.pool)
                return AdiabaticForceField(learned: learned, model: recipe.model, on: supercell, pool: context.pool)
            }
        }
    }

    /// The force field on a supercell.
    func forceField(on supercell: Supercell) throws -> AdiabaticForceField { try make(supercell) }
}
