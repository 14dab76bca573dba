import Foundation
import Recipes
import Storage

extension StageContext {
    /// - Throws: ``StageError/missingInput(path:stage:)`` if an input of the stage is missing. Of several, the last in the order of the
    ///   stages is named.
    package func requireInputs(of stage: StageName) throws {
        for input in stage.inputs(of: recipe).reversed() where !directory.exists(input.output(in: directory)) {
            throw StageError.missingInput(path: input.output(in: directory), stage: input.rawValue)
        }
    }

    /// Whether the output of a stage exists and was made by this recipe from the present inputs.
    ///
    /// - Parameter isExtensible: whether keys that say how far the stage goes may have had other values.
    /// - Throws: ``StageError`` if another recipe made it, or if it was made from other files.
    package func isComplete(_ stage: StageName, isExtensible: Bool = false) throws -> Bool {
        guard directory.exists(stage.output(in: directory)) else { return false }
        let provenance = Provenance(self)
        try provenance.requireCurrentInputs(of: stage)
        try provenance.requireMade(stage, isExtensible: isExtensible)
        return true
    }

    /// Refuses the output of a stage if another recipe made it.
    ///
    /// - Parameters:
    ///   - text: the recipe that made the output.
    ///   - lattice: the text of its lattice file, if that was recorded too.
    ///   - isExtensible: whether keys that say how far the stage goes (``RecipeKeyEffect/extent``) may differ.
    /// - Throws: ``StageError/recipeChanged(path:differences:isUnfinished:remedy:)``
    package func requireSameRecipe(
        _ text: String, lattice: String? = nil, path: String, of stage: StageName, isExtensible: Bool
    ) throws {
        var other = try recorded(text, path: path)
        if let lattice { other.lattice.geometry = try LatticeFile.parse(lattice, file: path) }
        let differences = stage.differences(recipe, from: other).filter { !isExtensible || !$0.isExtent }
        guard !differences.isEmpty else { return }
        throw StageError.recipeChanged(
            path: path, differences: differences.map(\.text), isUnfinished: false,
            remedy: differences.allSatisfy(\.isExtent) ? goOn(stage) : again(stage))
    }

    /// Refuses the unfinished work of a stage if another recipe began it, unless the user forces the stage to go on and the change
    /// can be carried over.
    ///
    /// Keys on which the stage does not depend (``RecipeKeyEffect/nothing``), or that say how far it goes
    /// (``RecipeKeyEffect/extent``), may always differ. A forced difference is entered in the manifest, and needs no force again.
    ///
    /// - Parameters:
    ///   - text: the recipe that the file records.
    ///   - begin: checks the existing work before the force is entered in the manifest, and returns the steps or epochs that were done if
    ///     it knows them; if it throws, the work is refused.
    /// - Returns: the differences with which the work goes on; existing work has to keep the former values.
    /// - Throws: ``StageError/recipeChanged(path:differences:isUnfinished:remedy:)`` and
    ///   ``StageError/notCarriedOver(path:reasons:)``.
    @discardableResult
    package func requireSameRecipe(
        _ text: String, path: String, unfinished stage: BegunStage, goingOnFrom begin: () throws -> Int?
    ) throws -> [String] {
        let differences = try recipe.differences(from: recorded(text, path: path)).filter {
            ![.nothing, .extent].contains($0.effects[stage])
        }
        guard !differences.isEmpty else { return [] }
        let texts = differences.map(\.text)
        let remedy = again(stage.name)
        var reasons = differences.compactMap { difference -> String? in
            guard case .fixed(let reason) = difference.effects[stage] else { return nil }
            return "\(difference.text): \(reason)"
        }
        if isOneOfMany { reasons = texts.map { "\($0): all quenches of an ensemble have one recipe" } }
        guard reasons.isEmpty else {
            if forcesResume { throw StageError.notCarriedOver(path: path, reasons: reasons) }
            throw StageError.recipeChanged(path: path, differences: texts, isUnfinished: false, remedy: remedy)
        }
        if Manifest.allows(texts, in: stage.rawValue, of: directory) { return texts }
        guard forcesResume else {
            throw StageError.recipeChanged(path: path, differences: texts, isUnfinished: true, remedy: remedy)
        }
        try Manifest.allow(
            Manifest.ForcedResume(stage: stage.rawValue, step: begin(), differences: texts), context: self)
        progress.warning("\(path): going on, although another recipe made it (\(texts.joined(separator: "; ")))")
        return texts
    }

    /// A recipe that a file records. Its lattice is looked for as the present run directory's recipe would.
    ///
    /// - Throws: ``StageError/mismatch(path:problem:)`` if it cannot be read.
    package func recorded(_ text: String, path: String) throws -> Recipe {
        do { return try Recipe(recorded: text, file: directory.recipe) } catch {
            throw StageError.mismatch(path: path, problem: "holds a recipe that cannot be read: \(error)")
        }
    }

    /// Tells the user if an input of the run is not the file that its stage wrote, which may well be intended.
    ///
    /// - Parameter digest: SHA-256 of the file.
    package func warnIfChanged(_ path: String, digest: String) {
        let recorded = Manifest.recorded(in: directory)?.stages.values.compactMap { $0.outputs[directory.name(of: path)] }.first
        guard let recorded, recorded != digest else { return }
        progress.warning("\(path) has changed since the manifest was written; `adiabat verify` compares all files")
    }

    /// The newest checkpoint that can be read, with a warning if there was a newer one; nil if there is none.
    ///
    /// - Throws: `StorageError` if there are checkpoints but all are damaged.
    package func restoredCheckpoint(_ path: String) throws -> Safetensors? {
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
    package func settleUnfinished(stage: String, exists: Bool, discard: () throws -> Void) throws {
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
    package func enterDirectory() throws {
        try directory.create()
        if isFirstRank { try lock.acquire(warning: progress.warning) }
    }

    /// The same, and records the resolved recipe in it and in its manifest.
    package func prepareDirectory() throws {
        try enterDirectory()
        try Manifest.recordRecipe(self)
    }
}
