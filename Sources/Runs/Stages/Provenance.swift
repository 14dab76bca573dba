import Foundation
import Recipes
import Storage

/// Compares the recipes and inputs of a run's files with the present recipe and the present files.
///
/// A file that the manifest lists with its present digest is the run's own. The recipe that made it must agree with the present
/// one in the keys that decide its contents, and its inputs, if they still exist, must be unchanged. Data, networks and
/// trajectories may also come from another folder, because they record their recipe and network themselves. Any other file that
/// the manifest does not list is not known to belong to the run.
package final class Provenance {
    private let context: StageContext
    private let manifest: Manifest?
    private var digests: [String: String] = [:]
    private var checked: Set<StageName> = []

    private var recipe: Recipe { context.recipe }
    private var directory: RunDirectory { context.directory }

    /// Reads the manifest of the context's run.
    package init(_ context: StageContext) {
        self.context = context
        manifest = Manifest.recorded(in: context.directory)
    }

    private func digest(_ path: String) throws -> String {
        if let known = digests[path] { return known }
        let digest = try Digest.sha256(ofFile: path)
        digests[path] = digest
        return digest
    }

    // MARK: What belongs to the run

    /// The stage that wrote the present output, with its entry; nil if the output came from elsewhere or has changed since.
    private func maker(of stage: StageName) throws -> (stage: StageName, entry: Manifest.Stage)? {
        let makers: [StageName] = stage.makesModel ? [.train, .learn] : [stage]
        for maker in makers {
            if let entry = manifest?.stages[maker.rawValue], try wrote(maker, stage.output(in: directory)) {
                return (maker, entry)
            }
        }
        return nil
    }

    /// Whether a file is the one that a stage wrote, or found, under this name.
    private func wrote(_ stage: StageName, _ path: String) throws -> Bool {
        guard let listed = manifest?.stages[stage.rawValue]?.outputs[directory.name(of: path)], directory.exists(path) else {
            return false
        }
        return try listed == digest(path)
    }

    /// Whether a table that a stage writes beside its output belongs to that output, or, if the output is gone, was made by
    /// this recipe.
    package func belongs(_ table: String, to stage: StageName) throws -> Bool {
        if directory.exists(stage.output(in: directory)) {
            guard let maker = try maker(of: stage)?.stage else { return false }
            return try wrote(maker, table)
        }
        guard try wrote(stage, table), let recorded = manifest?.stages[stage.rawValue]?.recipe else { return false }
        guard recorded != recipe.fingerprint(), let other = manifest?.recipes?[recorded] else { return true }
        return try stage.differences(recipe, from: context.recorded(other.text, path: table)).isEmpty
    }

    /// Whether the stage made the present output, and did not find it.
    package func isOwn(_ stage: StageName) throws -> Bool { try maker(of: stage).map { $0.entry.found != true } ?? false }

    // MARK: What is current

    /// Refuses the output of a stage, if it exists, and the files that it was made from, unless the present recipe and the
    /// present files would make the same again. If several files are wrong, the error names the first in the order of the stages.
    ///
    /// - Throws: ``StageError/recipeChanged(path:differences:isUnfinished:remedy:)``, ``StageError/outdated(path:problem:remedy:)``,
    ///   and `StorageError` for a file that cannot be read.
    package func requireCurrent(_ stage: StageName) throws {
        guard directory.exists(stage.output(in: directory)), checked.insert(stage).inserted else { return }
        // The data of a network from elsewhere are not here. The stages that use it check its lattice and its electrons.
        if stage.makesModel, try maker(of: stage) == nil { return }
        try requireCurrentInputs(of: stage)
        try requireMade(stage)
    }

    /// The same for everything that a stage reads.
    package func requireCurrentInputs(of stage: StageName) throws {
        for input in stage.inputs(of: recipe) { try requireCurrent(input) }
    }

    /// The same for the output of the stage alone, which exists.
    ///
    /// - Parameter isExtensible: whether keys that say how far the stage goes may differ.
    package func requireMade(_ stage: StageName, isExtensible: Bool = false) throws {
        let path = stage.output(in: directory)
        guard let (maker, entry) = try maker(of: stage), entry.found != true, let digest = entry.recipe,
            let recorded = manifest?.recipes?[digest]
        else { return try requireRecorded(stage, path, isExtensible) }
        if digest != recipe.fingerprint() {
            try context.requireSameRecipe(
                recorded.text, lattice: recorded.lattice, path: path, of: stage, isExtensible: isExtensible)
        }
        guard maker == stage || !stage.makesModel else {
            throw StageError.outdated(
                path: path, problem: "was made by `adiabat \(maker.rawValue)`, not by `adiabat \(stage.rawValue)`",
                remedy: context.again(stage))
        }
        for (name, digest) in (entry.inputs ?? [:]).sorted(by: { $0.key < $1.key }) {
            try requireSame(directory.path(ofInput: name), digest, stage)
        }
        if stage == .audit { try requireAudit() }
    }

    /// The same by the records in the file itself.
    private func requireRecorded(_ stage: StageName, _ path: String, _ isExtensible: Bool) throws {
        func requireSameRecipe(_ text: String) throws {
            try context.requireSameRecipe(text, path: path, of: stage, isExtensible: isExtensible)
        }
        switch stage {
        case .generate: try requireSameRecipe(DatasetFile.recipe(of: path))
        case .train, .learn:
            let model = try ModelFile.read(path)
            try requireSameRecipe(model.recipe)
            // A network from elsewhere was trained on data of this recipe, which need not be the present file.
            guard stage == .train, try isOwn(stage), directory.exists(directory.dataset) else { return }
            try require(digest(directory.dataset) == model.datasetDigest, directory.dataset, stage)
        case .simulate:
            let file = try TrajectoryFile.open(path, lattice: recipe.lattice.geometry)
            try requireSameRecipe(file.recipe)
            if !file.modelDigest.isEmpty { try requireSame(directory.model, file.modelDigest, stage) }
        case .coarsen, .compare, .analyze, .audit, .report:
            throw StageError.outdated(
                path: path,
                problem:
                    "is not known to be what `adiabat \(stage.rawValue)` wrote here: it came from elsewhere, has changed, or is of an "
                    + "earlier version of this program",
                remedy: context.again(stage))
        }
    }

    /// - Parameter recorded: the digest of the input when the stage read it.
    private func requireSame(_ input: String, _ recorded: String, _ stage: StageName) throws {
        guard directory.exists(input) else { return }
        try require(Manifest.digest(ofInput: input, digest) == recorded, input, stage)
    }

    private func require(_ isSame: Bool, _ input: String, _ stage: StageName) throws {
        guard !isSame else { return }
        throw StageError.outdated(
            path: stage.output(in: directory), problem: "was made from another \(directory.name(ofInput: input))",
            remedy: context.again(stage))
    }

    /// An audit stays that of a trajectory that goes on.
    private func requireAudit() throws {
        guard directory.exists(directory.trajectory), directory.exists(directory.auditFrames) else { return }
        let file = try TrajectoryFile.open(directory.trajectory, lattice: recipe.lattice.geometry)
        let recorded = try AuditFile.identity(of: directory.auditFrames, names: [AuditFile.trajectoryKey])[0]
        guard try recorded != file.identity(context) else { return }
        throw StageError.outdated(
            path: directory.audit, problem: "is an audit of another trajectory than \(directory.name(of: directory.trajectory))",
            remedy: context.again(.audit))
    }
}

extension StageName {
    /// What is wrong with the output of the stage; nil if the present recipe and files would make the same again.
    ///
    /// - Throws: `StorageError` if a file cannot be read.
    public func problem(_ context: StageContext) throws -> String? {
        let context = try context.resolved()
        do {
            if self != .report { try Provenance(context).requireCurrent(self) }
            return nil
        } catch let error as StageError { return "\(error)" }
    }

    /// Whether it is one of the two stages that make `model.safetensors`.
    package var makesModel: Bool { [.train, .learn].contains(self) }

    /// The stages whose files it reads, if they exist.
    package func inputs(of recipe: Recipe) -> [StageName] {
        let fit: StageName = recipe.learn == nil ? .train : .learn
        return switch self {
        case .generate: []
        case .train, .learn: [.generate]
        case .simulate, .coarsen: recipe.simulate.forceField == .model ? [fit] : []
        case .compare: [.generate, fit]
        case .analyze: [.simulate]
        case .audit: [fit, .simulate]
        case .report: [.generate, fit, .simulate, .coarsen, .compare, .analyze]
        }
    }

    /// The keys in which two recipes differ and that decide the stage's output, and whether they say how far the stage goes.
    ///
    /// Every key says for each stage what it decides, in its declaration (``RecipeKeyEffects``).
    package func differences(_ recipe: Recipe, from other: Recipe) -> [(text: String, isExtent: Bool)] {
        func among(_ sections: Set<Recipe.Section>) -> [Recipe.Difference] {
            recipe.differences(from: other, sections: sections)
        }
        // An analysis and an ensemble are of simulations.
        let begun = BegunStage(rawValue: rawValue) ?? .simulate
        let deciding: [Recipe.Difference] =
            switch self {
            case .generate, .train, .learn, .simulate, .analyze:
                recipe.differences(from: other).filter { $0.effects[begun] != .nothing }
            case .coarsen:
                // The quenches have sizes and numbers of their own.
                recipe.differences(from: other).filter {
                    $0.effects[begun] != .nothing && !["simulate.size", "simulate.quench"].contains($0.key)
                        || $0.key.hasPrefix("coarsening.")
                }
            case .compare:
                among([.lattice, .model, .dynamics, .generate, .compare])
                    + among([.simulate]).filter {
                        ["simulate.precision", "simulate.tiling", "simulate.size"].contains($0.key)
                    }
            case .audit: among([.lattice, .model])
            case .report: []
            }
        return deciding.map { (text: $0.text, isExtent: $0.effects[begun] == .extent) }
    }
}

extension StageContext {
    /// The command that makes the files of a stage again.
    package func again(_ stage: StageName) -> String {
        // Rounds of active learning are trainings, too.
        let isRound = stage == .train && recipe.learn != nil && directory.exists(directory.rounds)
        let stage = quenchOf ?? (isRound ? .learn : stage)
        switch stage {
        // They are made anew whenever their inputs have changed.
        case .coarsen where quenchOf == nil, .compare, .analyze, .report:
            return "`adiabat \(stage.rawValue) \(arguments)` makes it anew"
        case .audit: return "`adiabat audit MODEL TRAJECTORY --redo` makes it anew"
        case .generate, .train, .learn, .simulate, .coarsen:
            // Without data there is no whole run, but a simulation with a solver.
            let isWhole = stage == .generate || directory.exists(directory.dataset) || directory.exists(directory.model)
            let command =
                isWhole && recipe.lattice.isPeriodic
                ? "run \(arguments) --redo \(stage.rawValue)" : "\(stage.rawValue) \(arguments) --redo"
            return "`adiabat \(command)` makes it and all later results anew"
        }
    }

    /// The command that goes on with the output of a stage.
    func goOn(_ stage: StageName) -> String {
        guard [.generate, .train, .learn, .simulate].contains(stage) else { return again(stage) }
        return "`adiabat \((quenchOf ?? stage).rawValue) \(arguments)` goes on with it"
    }
}
