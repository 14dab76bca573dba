import Experiments
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Pipeline
import Recipes
import Reports
import Runs
import Training

/// A model whose force and training are timed.
struct BenchmarkModel {
    let name: String
    let model: any ForceModel
    let parameters: [Double]
    /// How it is trained.
    let options: TrainingOptions
    /// The configurations and electrons it is timed with.
    let recipe: BenchmarkRecipe
    /// A configuration like those it is trained with.
    let sample: SiteField

    /// The model of a recipe, normalised for its configurations, with random parameters.
    ///
    /// Those are the model's own before training, each moved by a normal deviate of 0.05: a model that begins from something
    /// known is then as general as any.
    init(_ recipe: BenchmarkRecipe) throws {
        let sample = try recipe.configuration(side: 24)
        var model = try recipe.recipe.network.architecture.model(
            on: recipe.recipe.lattice.geometry, kind: recipe.recipe.model.variable.kind)
        try model.normalize(
            ForceSamples(displacements: [sample], forces: [sample], conditions: [recipe.recipe.model]))
        let initial = model.initialParameters(seed: recipe.recipe.seed)
        let deviates = RandomStream(seed: recipe.recipe.seed, purpose: .weightInitialization).substream(1)
            .normals(count: initial.count, step: 0)
        name = recipe.name
        self.model = model
        parameters = zip(initial, deviates).map { $0 + 0.05 * $1 }
        options = recipe.recipe.training
        self.recipe = recipe
        self.sample = sample
    }

    /// That of an architecture's file, with the configurations and electrons of a recipe.
    init(_ architecture: Architecture, basedOn recipe: BenchmarkRecipe) throws {
        try self.init(
            BenchmarkRecipe(name: architecture.identifier, recipe: architecture.recipe(basedOn: recipe.recipe)))
    }

    /// The model in a file, with the configurations and electrons of its training.
    init(contentsOf path: String) throws {
        let trained = try ModelFile.read(path)
        name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
        model = trained.model
        parameters = trained.parameters
        recipe = BenchmarkRecipe(name: name, recipe: try Recipe(recorded: trained.recipe, file: path))
        options = recipe.recipe.training
        sample = try recipe.configuration(side: 24)
    }

    /// Writes the model, as training does.
    func write(to path: String) throws {
        try TrainedModel(single: model, parameters: parameters, recipe: recipe.recipe.resolvedTOML).write(to: path)
    }
}
