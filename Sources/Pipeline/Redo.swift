import Experiments
import Foundation
import Recipes
import Reports
import Runs
import Storage

extension Stages {
    /// Does a stage again: removes what it has made, finished or not, and all that was made from it, and runs it.
    ///
    /// - Throws: as ``discarded(by:through:_:)`` does, with nothing removed, and what the stage throws.
    public static func redo(_ stage: StageName, _ context: StageContext) throws -> StageSummary {
        try context.require([stage])
        let context = try context.resolved()
        try discard(stage, through: stage, context)
        return try stage.run(context)
    }

    /// The files and folders that doing a stage again would remove.
    ///
    /// - Parameters:
    ///   - last: the last stage that is done again: the stage itself, or `report` for a whole run.
    ///   - context: the run.
    /// - Throws: ``StageError`` if an input of the stage is missing, is not of the present recipe or was not made from the
    ///   present files, so that it has to be made again first; and if the data, the network or the trajectory to be removed
    ///   came from elsewhere.
    public static func discarded(by stage: StageName, through last: StageName, _ context: StageContext) throws -> [String] {
        let context = try context.resolved()
        let directory = context.directory
        if goesOn(Manifest.Redo(stage: stage, through: last, recipe: context.recipe.fingerprint()), context) { return [] }
        let files = try stages(discardedBy: stage, through: last, context).flatMap { $0.files(in: directory) }
        return files.enumerated().filter { directory.exists($1) && files.firstIndex(of: $1) == $0 }.map(\.element)
    }

    /// Removes these files, those of the last stage first, so that a kill in between leaves no file whose inputs are gone.
    ///
    /// A redo with the same recipe that was stopped goes on, unless the policy is ``ResumePolicy/fresh``: the same command can be
    /// repeated until it is done.
    static func discard(_ stage: StageName, through last: StageName, _ context: StageContext) throws {
        try context.doOnFirstRank {
            let directory = context.directory
            guard directory.exists(directory.path) else { return }
            try context.lock.acquire(warning: context.progress.warning)
            defer { context.lock.release() }
            let redo = Manifest.Redo(stage: stage, through: last, recipe: context.recipe.fingerprint())
            if goesOn(redo, context) {
                return context.progress.message("going on with the stage that --redo began; --no-resume begins it again")
            }
            for stage in try stages(discardedBy: stage, through: last, context) {
                try stage.discard(in: directory)
                try Manifest.change(context) { $0.stages[stage.rawValue] = nil }
            }
            try Manifest.change(context) { $0.redo = redo }
        }
    }

    private static func goesOn(_ redo: Manifest.Redo, _ context: StageContext) -> Bool {
        context.resume != .fresh && Manifest.recorded(in: context.directory)?.redo == redo
    }

    /// The stages whose files go, the last first.
    private static func stages(
        discardedBy stage: StageName, through last: StageName, _ context: StageContext
    ) throws -> [StageName] {
        let (directory, provenance) = (context.directory, Provenance(context))
        if stage == last, stage != .report { try context.requireInputs(of: stage) }
        try provenance.requireCurrentInputs(of: stage)
        let readsModel = Manifest.recorded(in: directory)?.stages[StageName.audit.rawValue]?.inputs?.isEmpty == false
        var stages: Set<StageName> = [stage]
        // In the order of the cases every stage comes after those that it reads.
        for later in StageName.allCases {
            var inputs = Set(later.inputs(of: context.recipe))
            if later == .audit, !readsModel { inputs = [.simulate] }
            if !inputs.isDisjoint(with: stages) { stages.insert(later) }
            if later.makesModel, stages.contains(where: \.makesModel) { stages.formUnion([.train, .learn]) }
        }
        for stage in stages where stage.isUnderWay(in: directory) == false {
            guard try !provenance.isOwn(stage) else { continue }
            throw StageError.mismatch(
                path: stage.output(in: directory),
                problem:
                    "was not made in this folder, or has changed since, and is not removed; move it away, or choose another --output"
            )
        }
        return StageName.allCases.reversed().filter(stages.contains)
    }
}

extension StageName {
    /// Everything that the stage leaves in a run's folder, finished or not, in the order in which it can be removed.
    func files(in directory: RunDirectory) -> [String] {
        func checkpoint(_ path: String) -> [String] { [path + ".partial", Checkpoint.previousPath(of: path), path] }
        func figures(_ isOfStage: (String) -> Bool) -> [String] {
            FigureCatalogue.entries.map(\.name).filter(isOfStage).flatMap { name in
                ["png", "svg"].map { "\(directory.figures)/\(name).\($0)" }
            }
        }
        return switch self {
        case .generate: [directory.dataset, directory.datasetParts]
        case .train, .learn:
            [directory.model, directory.trainingCurve, directory.learningTable] + checkpoint(directory.trainingCheckpoint)
                + [directory.trainingParts, directory.rounds]
        case .simulate:
            [directory.trajectory, directory.trajectory + ".partial", TrajectoryFrames(of: directory.trajectory).folder]
                + checkpoint(directory.simulationCheckpoint) + [directory.auditTable, directory.diverged]
        case .coarsen: [directory.coarsening, directory.coarseningTable, directory.quenches]
        case .compare: [directory.comparison, directory.costs]
        case .analyze: [directory.analysis]
        case .audit:
            [directory.audit, directory.auditFrameTable, directory.auditFrames, directory.auditParts]
                + figures { $0.hasPrefix("audit") && $0 != "audit-simulation" }
        case .report: [directory.report] + figures { _ in true }
        }
    }

    /// Removes these files. A folder takes another name first, so that a kill never leaves a part of it under its own name.
    func discard(in directory: RunDirectory) throws {
        for file in files(in: directory) {
            let discarded = file + ".discarded"
            try directory.remove(discarded)
            guard directory.exists(file) else { continue }
            do {
                try FileManager.default.moveItem(atPath: file, toPath: discarded)
            } catch {
                throw StorageError(.unwritable, path: file, problem: "cannot be removed: \(error.localizedDescription)")
            }
            try directory.remove(discarded)
        }
        // The user's own figures keep the folder.
        if self == .report { rmdir(directory.figures) }
    }

    /// Whether the stage's data, network or trajectory is unfinished, which only this program leaves; nil if it does not exist,
    /// or if the stage makes none of them.
    fileprivate func isUnderWay(in directory: RunDirectory) -> Bool? {
        guard [.generate, .train, .learn, .simulate].contains(self), directory.exists(output(in: directory)) else { return nil }
        return self == .simulate && directory.exists(TrajectoryFrames(of: directory.trajectory).folder)
    }
}
