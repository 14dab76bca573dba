import Foundation
import Storage

extension StageContext {
    /// Whether a finished file of this recipe is there.
    ///
    /// - Parameters:
    ///   - stage: the stage that makes it.
    ///   - recorded: reads the recipe that the file records.
    ///   - sections: the tables that determine the file's contents.
    /// - Throws: ``StageError/recipeChanged(path:differences:isUnfinished:)`` if another recipe made it.
    func isComplete(
        _ path: String, stage: String, sections: Set<Recipe.Section>, recorded: (String) throws -> String
    ) throws -> Bool {
        guard directory.exists(path) else { return false }
        try requireSameRecipe(try recorded(path), path: path, sections: sections, work: .finished(stage: stage))
        return true
    }

    /// Refuses what another recipe has made, unless it is unfinished and the user forces the stage to go on with it.
    ///
    /// Keys that change no results (``RecipeKeyEffect/conduct``) may always differ. What was forced once is entered in the manifest,
    /// and needs no force again.
    ///
    /// - Parameters:
    ///   - text: the recipe that the file records.
    ///   - sections: the tables that determine the file's contents.
    ///   - isExtensible: whether keys that say how far the work goes (``RecipeKeyEffect/extent``) may differ.
    ///   - work: what the file is a part of; nil for the input of a stage, which can never be forced.
    /// - Throws: ``StageError/recipeChanged(path:differences:isUnfinished:)`` unless the recorded recipe agrees in `sections`.
    func requireSameRecipe(
        _ text: String, path: String, sections: Set<Recipe.Section>, isExtensible: Bool = false, work: StageWork? = nil
    ) throws {
        let other: Recipe
        do {
            // Lattices are looked for as the present run directory's recipe would.
            other = try Recipe(text, file: directory.recipe)
        } catch {
            throw StageError.mismatch(path: path, problem: "holds a recipe that cannot be read: \(error)")
        }
        let differences = recipe.differences(from: other, sections: sections)
            .filter { $0.effect == .results || ($0.effect == .extent && !isExtensible) }.map(\.text)
        guard !differences.isEmpty else { return }
        if let work {
            if Manifest.allows(differences, in: work.stage, of: directory) { return }
            if forcesResume, case .unfinished(let stage, let step) = work {
                try Manifest.allow(Manifest.ForcedResume(stage: stage, step: step, differences: differences), context: self)
                return progress.warning(
                    "\(path): going on, although another recipe made it (\(differences.joined(separator: "; ")))")
            }
        }
        throw StageError.recipeChanged(path: path, differences: differences, isUnfinished: work?.isUnfinished ?? false)
    }

    /// Tells the user if an input of the run is not what the stage that makes it wrote, which may well be meant.
    ///
    /// - Parameter digest: SHA-256 of the file.
    func warnIfChanged(_ path: String, digest: String) {
        let recorded = Manifest.recorded(in: directory)?.stages.values.compactMap { $0.outputs[directory.name(of: path)] }.first
        guard let recorded, recorded != digest else { return }
        progress.warning("\(path) has changed since the manifest was written; `adiabat verify` compares all files")
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

    /// Makes the run directory, keeps others from writing in it and records the resolved recipe in it.
    ///
    /// - Throws: ``StageError/directoryInUse(path:holder:)`` if another process is writing there.
    func prepareDirectory() throws {
        try directory.create()
        if isFirstRank { try lock.acquire(warning: progress.warning) }
        try AtomicFile.write(recipe.resolvedTOML, to: directory.recipe)
    }
}

/// What a file of the run directory belongs to.
enum StageWork {
    /// What a stage has made.
    case finished(stage: String)
    /// What a stage was interrupted in, after `step` steps or epochs where that is known.
    case unfinished(stage: String, step: Int?)

    /// The name of the stage, as in the manifest.
    var stage: String {
        switch self {
        case .finished(let stage), .unfinished(let stage, _): stage
        }
    }

    var isUnfinished: Bool {
        if case .unfinished = self { true } else { false }
    }
}
