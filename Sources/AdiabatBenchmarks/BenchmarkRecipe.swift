import Dynamics
import Foundation
import Lattices
import Workflows

/// A recipe whose lattice, electrons and configurations are used.
struct BenchmarkRecipe {
    /// The name of the file: `quickstart` for `runs/quickstart.toml`.
    let name: String
    let recipe: Recipe

    /// - Throws: `RecipeError`
    init(_ path: String) throws {
        self.init(
            name: URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent, recipe: try Recipe(contentsOf: path))
    }

    init(name: String, recipe: Recipe) {
        self.name = name
        self.recipe = recipe
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
}
