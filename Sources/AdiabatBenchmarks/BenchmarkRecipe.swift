import Dynamics
import Experiments
import ForceFields
import Foundation
import Lattices
import Pipeline
import Recipes
import Runs

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
        try hotStart().displacement(
            on: Supercell(recipe.lattice.geometry, size: [side, side]), kind: recipe.model.variable.kind)
    }
}

extension Recipe {
    /// The states of a quench at some of its steps, by the dynamics of the recipe.
    ///
    /// - Parameters:
    ///   - forceField: electronic and elastic forces.
    ///   - seed: of the hot start and of the noise.
    ///   - steps: in ascending order.
    /// - Throws: `DynamicsError`, and what the force field throws.
    func quench(
        _ forceField: any ForceField, on supercell: Supercell, seed: UInt64, steps: [Int]
    ) throws -> [PhaseSpaceState] {
        let integrator = try dynamics.integrator.make(
            timeStep: dynamics.timeStep, mass: dynamics.mass, damping: dynamics.damping, temperature: model.temperature,
            seed: seed)
        var state = try HotStart(
            displacementVariance: dynamics.initialDisplacementVariance, velocityVariance: dynamics.initialVelocityVariance,
            seed: seed
        ).state(on: supercell, kind: model.variable.kind, forceField: forceField)
        let simulation = Simulation(integrator: integrator, forceField: forceField)
        return try steps.map { step in
            _ = try simulation.run(&state, to: step)
            return state
        }
    }
}
