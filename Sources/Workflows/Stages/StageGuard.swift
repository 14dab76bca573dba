import Foundation
import Storage

extension StageContext {
    /// Whether a finished file of this recipe is there.
    ///
    /// - Parameters:
    ///   - recorded: reads the recipe that the file records.
    ///   - sections: the tables that determine the file's contents.
    /// - Throws: ``StageError/recipeChanged(path:differences:)`` if another recipe made it.
    func isComplete(_ path: String, sections: Set<Recipe.Section>, recorded: (String) throws -> String) throws -> Bool {
        guard directory.exists(path) else { return false }
        try requireSameRecipe(try recorded(path), path: path, sections: sections)
        return true
    }

    /// - Parameter ignored: the beginnings of the names of keys that may differ.
    /// - Throws: ``StageError/recipeChanged(path:differences:)`` unless the recorded recipe agrees in `sections`.
    func requireSameRecipe(_ text: String, path: String, sections: Set<Recipe.Section>, ignoring ignored: [String] = []) throws {
        let other: Recipe
        do {
            // Lattices are looked for as the present run directory's recipe would.
            other = try Recipe(text, file: directory.recipe)
        } catch {
            throw StageError.mismatch(path: path, problem: "holds a recipe that cannot be read: \(error)")
        }
        let differences = recipe.keyDifferences(from: other, sections: sections)
            .filter { difference in !ignored.contains { difference.hasPrefix($0) } }
        guard differences.isEmpty else { throw StageError.recipeChanged(path: path, differences: differences) }
    }

    /// The newest checkpoint that can be read, with a warning if there was a newer one; nil if there is none.
    ///
    /// - Throws: `StorageError` if there are checkpoints but all are damaged.
    func restoredCheckpoint(_ path: String) throws -> Safetensors? {
        do {
            guard let restored = try Checkpoint.load(path) else { return nil }
            if let warning = restored.warning { progress.warning(warning) }
            return restored.checkpoint.contents
        } catch let error as StorageError where error.kind == .malformed {
            throw StorageError(.malformed, path: error.path, problem: error.problem + "; `--no-resume` discards it")
        }
    }

    /// Applies the resume policy to unfinished work.
    ///
    /// - Parameters:
    ///   - stage: what the work is called in messages.
    ///   - exists: whether there is any.
    ///   - discard: removes it.
    func settleUnfinished(stage: String, exists: Bool, discard: () throws -> Void) throws {
        switch resume {
        case .automatic: break
        case .required: if !exists { throw StageError.nothingToResume(stage: stage, directory: directory.path) }
        case .fresh: if exists { try discard() }
        }
    }

    /// - Throws: ``StageError/openEnds(stage:periodic:)`` unless the lattice is periodic in every direction.
    func requirePeriodic(stage: String) throws {
        guard recipe.lattice.isPeriodic else { throw StageError.openEnds(stage: stage, periodic: recipe.lattice.periodic) }
    }

    /// Makes the run directory and records the resolved recipe in it.
    func prepareDirectory() throws {
        try directory.create()
        try AtomicFile.write(recipe.resolvedTOML, to: directory.recipe)
    }
}
