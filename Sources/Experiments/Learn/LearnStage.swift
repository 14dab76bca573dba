import Electrons
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Recipes
import Runs
import Storage

extension Stages {
    /// Active learning: trains a committee on `dataset.h5` and on what the rounds before have added, runs its dynamics from new hot
    /// starts on a larger lattice, solves the configurations exactly on which it is least to be trusted, and begins again, until
    /// the error in configurations chosen evenly is small enough.
    ///
    /// Every round is a folder of `rounds`, a line of `learning.csv` and one on the terminal. The model of the last round becomes
    /// `model.safetensors`. What a stop or a kill leaves is gone on with, with the same bits.
    ///
    /// - Throws: ``RecipeError`` without the table `[learn]`, ``StageError``, ``WorkflowInterrupted``, `StorageError`, and errors of
    ///   training and numerics.
    public static func learn(_ context: StageContext) throws -> StageSummary {
        try context.require([.learn])
        return try context.recordedOnFirstRank { context in
            let stage = try LearnStage(context)
            let wrapped = context.warnOfWrappedForces(in: .learn)
            let (rounds, ran) = try stage.run()
            let directory = context.directory
            let last = rounds[rounds.count - 1]
            let verdict = last.auditError <= stage.settings.accuracy ? "reached" : "not reached"
            return StageSummary(
                stage: "learn", ran: ran, outputs: [directory.model, directory.trainingCurve, directory.learningTable],
                inputs: [directory.dataset],
                facts: [
                    .init("rounds", "\(rounds.count)"),
                    .init("training configurations", "\(last.configurations)"),
                    .init(
                        "audit RMSE of the electronic force",
                        TerminalNumber.text(last.auditError, error: last.auditUncertainty, errorDigits: 2)),
                    .init("accuracy asked for", TerminalNumber.text(stage.settings.accuracy) + ", " + verdict),
                ] + wrapped)
        }
    }
}

/// One run of the stage.
private struct LearnStage {
    let context: StageContext
    let settings: LearnSettings
    private let supercell: Supercell

    private var recipe: Recipe { context.recipe }
    private var directory: RunDirectory { context.directory }

    init(_ context: StageContext) throws {
        guard let settings = context.recipe.learn else { preconditionFailure("a recipe with the table [learn]") }
        self.context = context
        self.settings = settings
        supercell = context.recipe.supercell(settings.size)
    }

    /// - Returns: the rounds, and whether there was anything to do.
    func run() throws -> ([LearningRound], Bool) {
        let (dataset, digest) = try context.dataset()
        let recorded = directory.rounds + "/recipe.toml"
        let isBegun = directory.exists(recorded)
        let finished = isBegun ? try finishedRounds() : []
        try refuseOtherModel(finished)
        if isFinal(finished.last), isCopied(finished.last!) {
            // More rounds, or another accuracy, go on with those there are.
            try context.requireSameRecipe(text(of: recorded), path: directory.rounds, of: .learn, isExtensible: true)
            // The rounds are there; was it these data that they began with?
            _ = try context.model(ofRound: RoundDirectory(1, in: directory.rounds), datasetDigest: digest)
            return (finished, false)
        }
        try context.settleUnfinished(stage: "learning", exists: isBegun) { try directory.remove(directory.rounds) }
        try context.enterDirectory()
        try directory.create(directory.rounds)
        if directory.exists(recorded), try hasBegun(1) {
            try context.requireSameRecipe(text(of: recorded), path: directory.rounds, unfinished: .learn) { finished.count }
        }
        try Manifest.recordRecipe(context)
        try AtomicFile.write(recipe.resolvedTOML, to: recorded)

        var rounds: [LearningRound] = []
        var data = TrainingData(dataset)
        var digests = [digest]
        repeat {
            let folder = RoundDirectory(rounds.count + 1, in: directory.rounds)
            try directory.create(folder.path)
            let joined = digests.count == 1 ? digest : Digest.sha256(of: Data(digests.joined(separator: "\n").utf8))
            let context = context.following(try recipe(ofRound: rounds.count + 1))
            let round = try LearningRoundWork(
                context: context, settings: context.recipe.learn ?? settings, supercell: supercell, number: rounds.count + 1,
                folder: folder, data: data,
                datasetDigest: joined
            ).run()
            rounds.append(round)
            try LearningTable.write(rounds, to: directory.learningTable)
            let added = try DatasetFile.read(folder.dataset, supercell: supercell)
            data.append(added.trajectories.flatMap(\.singleSnapshots).map(ForceSamples.init))
            digests.append(try Digest.sha256(ofFile: folder.dataset))
        } while !isFinal(rounds.last)

        let last = RoundDirectory(rounds.count, in: directory.rounds)
        try copy(last.trainingCurve, to: directory.trainingCurve)
        try copy(last.model, to: directory.model)
        return (rounds, true)
    }

    /// Whether anything was made in a round.
    private func hasBegun(_ round: Int) throws -> Bool {
        let folder = RoundDirectory(round, in: directory.rounds)
        guard directory.exists(folder.path) else { return false }
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).contains {
            folder.path + "/" + $0 != folder.recipe
        }
    }

    /// The recipe of a round, which is the present one unless another has begun the round.
    private func recipe(ofRound round: Int) throws -> Recipe {
        let folder = RoundDirectory(round, in: directory.rounds)
        if directory.exists(folder.record) { return recipe }
        if directory.exists(folder.recipe), try hasBegun(round) {
            let other = try context.recorded(text(of: folder.recipe), path: folder.recipe)
            return StageName.learn.differences(recipe, from: other).allSatisfy(\.isExtent) ? recipe : other
        }
        try AtomicFile.write(recipe.resolvedTOML, to: folder.recipe)
        return recipe
    }

    private func isFinal(_ round: LearningRound?) -> Bool {
        guard let round else { return false }
        return round.auditError <= settings.accuracy || round.round >= settings.rounds
    }

    /// Rounds whose record is there, from the first without a gap.
    private func finishedRounds() throws -> [LearningRound] {
        var rounds: [LearningRound] = []
        while true {
            let path = RoundDirectory(rounds.count + 1, in: directory.rounds).record
            guard directory.exists(path) else { return rounds }
            rounds.append(try JSONFile.read(LearningRound.self, from: path))
        }
    }

    /// Whether `model.safetensors` is the model of a round.
    private func isCopied(_ round: LearningRound) -> Bool {
        let own = try? Digest.sha256(ofFile: directory.model)
        let path = RoundDirectory(round.round, in: directory.rounds).model
        return own != nil && own == (try? Digest.sha256(ofFile: path))
    }

    /// - Throws: ``StageError/mismatch(path:problem:)`` if there is a model that is not kept in one of the rounds.
    private func refuseOtherModel(_ finished: [LearningRound]) throws {
        guard directory.exists(directory.model), !finished.contains(where: isCopied) else { return }
        throw StageError.mismatch(
            path: directory.model,
            problem: "exists already and was not made by `adiabat learn`, which would replace it; choose another --output, or "
                + context.again(.learn))
    }

    private func contents(of file: String) throws -> Data {
        guard let contents = FileManager.default.contents(atPath: file) else {
            throw StorageError(.unreadable, path: file, problem: "cannot be read")
        }
        return contents
    }

    private func text(of file: String) throws -> String { String(decoding: try contents(of: file), as: UTF8.self) }

    private func copy(_ file: String, to target: String) throws { try AtomicFile.write(contents(of: file), to: target) }
}

extension StageContext {
    /// The committee of a round.
    ///
    /// - Throws: ``StageError/outdated(path:problem:remedy:)`` if it was trained on other data, `StorageError`.
    func model(ofRound round: RoundDirectory, datasetDigest: String) throws -> TrainedModel {
        let model = try ModelFile.read(round.model)
        guard model.datasetDigest == datasetDigest else {
            throw StageError.outdated(
                path: round.model, problem: "was trained on another \(directory.name(of: directory.dataset))",
                remedy: again(.learn))
        }
        return model
    }
}

extension Dataset.Trajectory {
    /// Its snapshots as trajectories of their own.
    fileprivate var singleSnapshots: [Dataset.Trajectory] {
        snapshots.map {
            Dataset.Trajectory(kind: kind, split: split, seed: seed, electrons: electrons, snapshots: [$0])
        }
    }
}
