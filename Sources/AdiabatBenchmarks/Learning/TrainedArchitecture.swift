import Experiments
import Foundation
import LatticeNumerics
import LearnedForces
import Recipes
import Reports
import Runs

/// An architecture after training, with what that took.
struct TrainedArchitecture {
    let architecture: Architecture
    let trained: TrainedModel
    let facts: TrainingFacts

    /// Trains an architecture for as long as the budget allows, or reads the model if that has been done.
    ///
    /// - Parameters:
    ///   - recipe: with the network and the training of the architecture; its number of epochs follows from the budget.
    ///   - folder: where `IDENTIFIER.safetensors` is kept, with `IDENTIFIER.json` that tells how it was made.
    init(
        _ architecture: Architecture, recipe: Recipe, training: ForceSamples, validation: ForceSamples, budget: TrainingBudget,
        folder: String, pool: WorkerPool
    ) throws {
        self.architecture = architecture
        let (model, facts) = ("\(folder)/\(architecture.identifier).safetensors", "\(folder)/\(architecture.identifier).json")
        if let known = try? JSONFile.read(TrainingFacts.self, from: facts), known.recipe == recipe.resolvedTOML,
            known.budget == budget, known.sites == training.siteCount, let trained = try? ModelFile.read(model)
        {
            (self.trained, self.facts) = (trained, known)
            return
        }
        try RunDirectory(folder).create()
        var run = try TrainingRun(recipe, training: training, validation: validation, budget: budget, pool: pool)
        try run.finish()
        (trained, self.facts) = (run.trained, run.facts)
        try trained.write(to: model)
        try JSONFile.write(self.facts, to: facts)
    }
}

/// How a model was trained.
struct TrainingFacts: Codable {
    let budget: TrainingBudget
    /// On the clock.
    let seconds: Double
    let epochs: Int
    let parameters: Int
    /// Sites of the training data.
    let sites: Int
    /// Those of them that were fitted: least squares take fewer.
    let fittedSites: Int
    /// Root mean square error on the validation trajectories.
    let validationError: Double
    /// As resolved, before the number of epochs was chosen.
    let recipe: String

    /// For people.
    var summary: String {
        String(
            format: "%d parameters, %d sites, %d epochs in %.0f s, validation RMSE %.3g", parameters, fittedSites, epochs,
            seconds,
            validationError)
    }
}
