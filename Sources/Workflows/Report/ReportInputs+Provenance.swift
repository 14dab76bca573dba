import Foundation
import Storage

extension StageContext {
    /// Looks at everything that a report would show: what does not belong to this recipe, or was not made from what is there.
    ///
    /// - Returns: tables and audits that are to be left out, with the reason. They are not stages of a run, or have been left by one
    ///   whose output is another now.
    /// - Throws: ``StageError/recipeChanged(path:differences:isUnfinished:remedy:)``,
    ///   ``StageError/outdated(path:problem:remedy:)`` for everything else.
    func outdatedSources() throws -> [ReportInputs.Source: String] {
        let provenance = Provenance(self)
        try provenance.requireCurrentInputs(of: .report)
        var outdated: [ReportInputs.Source: String] = [:]
        func leaveOut(_ source: ReportInputs.Source, unless belongs: () throws -> Bool, _ reason: String) throws {
            guard directory.exists(source.path(in: directory)), try !belongs() else { return }
            outdated[source] = directory.name(of: source.path(in: directory)) + " " + reason
        }
        func makesModel(_ table: String) throws -> Bool {
            try [StageName.train, .learn].contains { try provenance.belongs(table, to: $0) }
        }
        let hasModel = directory.exists(directory.model)
        try leaveOut(
            .training,
            unless: {
                try hasModel
                    ? TrainingCurve.isThere(in: directory) : makesModel(directory.trainingCurve) || isTraining()
            }, "is not that of the model")
        try leaveOut(
            .learning, unless: { try makesModel(directory.learningTable) || (!hasModel && isTraining()) },
            "is not that of the model")
        try leaveOut(
            .simulationAudit, unless: { try provenance.belongs(directory.auditTable, to: .simulate) || isSimulating() },
            "is not of the trajectory")
        try leaveOut(
            .costs, unless: { try provenance.belongs(directory.costs, to: .compare) },
            "is not known to be what `adiabat compare` wrote here with the comparison")
        do { try provenance.requireCurrent(.audit) } catch let error as StageError {
            outdated[.audit] = "\(error)"
        }
        for reason in outdated.values.sorted() { progress.warning("left out: \(reason)") }
        return outdated
    }

    /// Whether a training of this recipe is under way.
    private func isTraining() throws -> Bool {
        if let text = FileManager.default.contents(atPath: directory.rounds + "/recipe.toml") {
            let other = try recorded(String(decoding: text, as: UTF8.self), path: directory.rounds)
            return StageName.learn.differences(recipe, from: other).allSatisfy(\.isExtent)
        }
        guard let checkpoint = try Checkpoint.load(directory.trainingCheckpoint)?.checkpoint.contents else { return false }
        let other = try recorded(try checkpoint.metadataValue("recipe"), path: directory.trainingCheckpoint)
        return StageName.train.differences(recipe, from: other).allSatisfy(\.isExtent)
    }

    /// Whether the trajectory is one that is still going on.
    private func isSimulating() throws -> Bool {
        guard directory.exists(directory.trajectory) else { return false }
        return try !TrajectoryFile.open(directory.trajectory, lattice: recipe.lattice.geometry).isMerged
    }
}
