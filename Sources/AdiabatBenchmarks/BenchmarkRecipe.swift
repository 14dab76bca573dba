import Dynamics
import EquivariantNetworks
import Foundation
import Lattices
import Workflows

/// A recipe whose network and model are timed.
struct BenchmarkRecipe {
    /// The name of the file: `quickstart` for `runs/quickstart.toml`.
    let name: String
    let recipe: Recipe

    /// - Throws: `RecipeError`
    init(_ path: String) throws {
        name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        recipe = try Recipe(contentsOf: path)
    }

    /// The recipe's random configurations.
    func hotStart() throws -> HotStart {
        try HotStart(
            displacementVariance: recipe.dynamics.initialDisplacementVariance,
            velocityVariance: recipe.dynamics.initialVelocityVariance, seed: recipe.seed)
    }

    /// One of them on side × side cells.
    func configuration(side: Int) throws -> SiteField {
        try hotStart().displacement(on: Supercell(recipe.lattice.geometry, size: [side, side]))
    }

    /// The recipe's network with random weights, normalised for these configurations.
    func network() throws -> (network: any ForceModel, parameters: [Double]) {
        var network = try recipe.network.architecture.model(on: recipe.lattice.geometry, components: .scalar)
        let sample = try configuration(side: 24)
        try network.normalize(ForceSamples(displacements: [sample], forces: [sample], conditions: [recipe.model]))
        return (network, network.initialParameters(seed: recipe.seed))
    }
}
