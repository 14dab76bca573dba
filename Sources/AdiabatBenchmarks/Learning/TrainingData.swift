import Experiments
import LatticeNumerics
import LearnedForces
import Pipeline
import Recipes
import Reports
import Runs

/// The exact data of a recipe, made once and kept in a folder.
struct TrainingData {
    let recipe: Recipe
    /// What it took to make them, on the clock.
    let seconds: Double
    private let dataset: Dataset

    /// Makes the data, or goes on making them, or reads them.
    ///
    /// - Throws: `StageError` if there are those of another recipe, and what the solver throws.
    init(_ recipe: Recipe, folder: String, threads: Int) throws {
        let directory = RunDirectory(folder)
        let progress = TextProgress(style: .lines) { StandardError.write($0) }
        _ = try Stages.generate(StageContext(recipe: recipe, directory: directory, threads: threads, progress: progress))
        self.recipe = recipe
        dataset = try DatasetFile.read(directory.dataset, supercell: recipe.supercell)
        seconds = try JSONFile.read(ManifestTimes.self, from: directory.manifest).stages["generate"]?.seconds ?? .nan
    }

    /// What is needed of a manifest.
    private struct ManifestTimes: Decodable {
        struct Stage: Decodable { let seconds: Double }
        let stages: [String: Stage]
    }

    /// Configurations of one part with their electronic forces.
    ///
    /// - Parameter count: how many, spread evenly over all trajectories; nil for all.
    func samples(_ split: Dataset.Split, count: Int? = nil) -> ForceSamples {
        let all = dataset.snapshots(split)
        let number = min(count ?? all.count, all.count)
        let snapshots = (0..<number).map { all[(2 * $0 + 1) * all.count / (2 * number)] }
        return ForceSamples(
            displacements: snapshots.map(\.displacement),
            forces: snapshots.map(\.electronicForce),
            conditions: snapshots.map { _ in recipe.model })
    }
}
