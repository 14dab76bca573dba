import Foundation
import Storage

extension StageContext {
    /// Whether the output of a stage exists and was made by this recipe from the present inputs.
    ///
    /// - Parameter isExtensible: whether keys that say how far the stage goes may have had other values.
    /// - Throws: ``StageError`` if another recipe made it, or if it was made from other files.
    func isComplete(_ stage: StageName, isExtensible: Bool = false) throws -> Bool {
        guard directory.exists(stage.output(in: directory)) else { return false }
        let provenance = Provenance(self)
        try provenance.requireCurrentInputs(of: stage)
        try provenance.requireMade(stage, isExtensible: isExtensible)
        return true
    }

    /// Refuses a file of another recipe, unless it is unfinished, the user forces the stage to go on with it, and the change
    /// can be carried over.
    ///
    /// Keys on which the stage does not depend (``RecipeKeyEffect/nothing``) may always differ. A forced difference is entered
    /// in the manifest, and needs no force again.
    ///
    /// - Parameters:
    ///   - text: the recipe that the file records.
    ///   - sections: the tables that determine the file's contents.
    ///   - isExtensible: whether keys that say how far the work goes (``RecipeKeyEffect/extent``) may differ.
    ///   - work: what the file is a part of; nil for the input of a stage, which can never be forced.
    ///   - maker: the stage that made an input, where its keys alone count.
    ///   - begin: checks the existing work before the force is entered in the manifest, and returns the steps that were done if
    ///     it knows them; if it throws, the work is refused.
    /// - Returns: the differences with which the work goes on; existing work has to keep the former values.
    /// - Throws: ``StageError/recipeChanged(path:differences:isUnfinished:remedy:)`` and ``StageError/notCarriedOver(path:reasons:)`` unless
    ///   the recorded recipe agrees in `sections`.
    @discardableResult
    func requireSameRecipe(
        _ text: String, path: String, sections: Set<Recipe.Section>, isExtensible: Bool = false, work: StageWork? = nil,
        madeBy maker: BegunStage? = nil, goingOnFrom begin: () throws -> Int? = { nil }
    ) throws -> [String] {
        let other = try recorded(text, path: path)
        let stage = work.flatMap { BegunStage(rawValue: $0.stage) } ?? maker
        let differences = recipe.differences(from: other, sections: sections).filter { difference in
            guard let stage else { return !difference.effects.isNothing }
            let effect = difference.effects[stage]
            return effect != .nothing && (effect != .extent || !isExtensible)
        }
        let texts = differences.map(\.text)
        let remedy = stage.flatMap { StageName(rawValue: $0.rawValue) }.map(again)
        guard let stage, let work, work.isUnfinished, !differences.isEmpty else {
            if texts.isEmpty { return [] }
            throw StageError.recipeChanged(path: path, differences: texts, isUnfinished: false, remedy: remedy)
        }
        var reasons = differences.compactMap { difference -> String? in
            guard case .fixed(let reason) = difference.effects[stage] else { return nil }
            return "\(difference.text): \(reason)"
        }
        if isOneOfMany { reasons = texts.map { "\($0): all quenches of an ensemble have one recipe" } }
        guard reasons.isEmpty else {
            if forcesResume { throw StageError.notCarriedOver(path: path, reasons: reasons) }
            throw StageError.recipeChanged(path: path, differences: texts, isUnfinished: false, remedy: remedy)
        }
        if Manifest.allows(texts, in: work.stage, of: directory) { return texts }
        guard forcesResume, case .unfinished(let name, let step) = work else {
            throw StageError.recipeChanged(path: path, differences: texts, isUnfinished: true, remedy: remedy)
        }
        let done = try begin() ?? step
        try Manifest.allow(Manifest.ForcedResume(stage: name, step: done, differences: texts), context: self)
        progress.warning("\(path): going on, although another recipe made it (\(texts.joined(separator: "; ")))")
        return texts
    }

    /// A recipe that a file records. Its lattice is looked for as the present run directory's recipe would.
    ///
    /// - Throws: ``StageError/mismatch(path:problem:)`` if it cannot be read.
    func recorded(_ text: String, path: String) throws -> Recipe {
        do { return try Recipe(text, file: directory.recipe) } catch {
            throw StageError.mismatch(path: path, problem: "holds a recipe that cannot be read: \(error)")
        }
    }

    /// Tells the user if an input of the run is not the file that its stage wrote, which may well be intended.
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

    /// Makes the run directory and keeps others from writing in it. Existing files are left as they are, so that a stage may
    /// still refuse them.
    ///
    /// - Throws: ``StageError/directoryInUse(path:holder:)`` if another process is writing there.
    func enterDirectory() throws {
        try directory.create()
        if isFirstRank { try lock.acquire(warning: progress.warning) }
    }

    /// The same, and records the resolved recipe in it and in its manifest.
    func prepareDirectory() throws {
        try enterDirectory()
        try Manifest.recordRecipe(self)
    }
}

/// The work that a file of the run directory belongs to.
enum StageWork {
    /// The output of a stage.
    case finished(stage: String)
    /// Interrupted work of a stage, after `step` steps or epochs if that is known.
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
