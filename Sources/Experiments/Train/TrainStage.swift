import Electrons
import Foundation
import LatticeNumerics
import LearnedForces
import Models
import Recipes
import Runs
import Storage
import Training

extension Stages {
    /// Fits the network to `dataset.h5`: `model.safetensors` with the best weights, `training.csv` with the learning curve.
    ///
    /// The state is saved to `training.checkpoint` between epochs; an epoch that was interrupted is repeated, with the same bits.
    /// The last state stays there when training is finished; of a committee that is the first one trained, and the states of the
    /// others are in `training.parts`. From there a finished training goes on for more `training.epochs`. Ranks share the work on
    /// every batch, and all have the same state.
    public static func train(_ context: StageContext) throws -> StageSummary {
        try context.require([.train])
        let context = try context.resolved()
        return try context.recorded {
            let (directory, path) = (context.directory, context.directory.model)
            let earlier = try context.onFirstRank { try earlierTraining(context) }
            let wrapped = context.warnOfWrappedForces(in: .train)
            let model = earlier == .finished ? nil : try trained(context, goesOn: earlier == .shorter)
            return try context.onFirstRank {
                if let model { try ModelFile.write(model, to: path) }
                // A model from elsewhere has left its learning curve there.
                let hasCurve = try model != nil || TrainingCurve.isThere(in: directory)
                return StageSummary(
                    stage: "train", ran: model != nil, outputs: [path] + (hasCurve ? [directory.trainingCurve] : []),
                    inputs: [directory.dataset], facts: facts(of: try ModelFile.read(path)) + wrapped)
            }
        }
    }

    /// What training has made before: no model, one of less training, or all that is asked for.
    private enum EarlierTraining: String, Codable { case none, shorter, finished }

    /// - Throws: ``StageError`` if another recipe made the model, if it was trained for more than is asked for, or if what the
    ///   training would go on from is not there.
    private static func earlierTraining(_ context: StageContext) throws -> EarlierTraining {
        let (directory, path) = (context.directory, context.directory.model)
        guard try context.isComplete(.train, isExtensible: true) else { return .none }
        let model = try ModelFile.read(path)
        let made = try context.recorded(model.recipe, path: path)
        let extents = StageName.train.differences(context.recipe, from: made).filter(\.isExtent).map(\.text)
        guard !extents.isEmpty else {
            // An earlier version of the program may have left a training whose force has no estimate of its error.
            let lacksEstimate = model.uncertainty != context.recipe.training.uncertainty
            return lacksEstimate && directory.hasCheckpoint(directory.trainingCheckpoint) ? .shorter : .finished
        }
        let (old, new) = (made.training, context.recipe.training)
        guard new.goesFurther(than: old) else {
            throw StageError.recipeChanged(path: path, differences: extents, isUnfinished: false, remedy: context.again(.train))
        }
        let states = [directory.trainingCheckpoint] + (1..<old.committee).map { CommitteeTraining.part($0, in: directory) }
        if let missing = states.first(where: { !directory.hasCheckpoint($0) }) {
            throw StageError.mismatch(
                path: missing,
                problem: "is not there, so that \(path) cannot be trained further (\(extents.joined(separator: "; "))); "
                    + context.again(.train))
        }
        return .shorter
    }

    private static func facts(of model: TrainedModel) -> [StageSummary.Fact] {
        var facts = [
            StageSummary.Fact("parameters", "\(model.parameters.count)"),
            .init("validation RMSE of the electronic force", TerminalNumber.text(model.validationError)),
        ]
        if let error = model.poleError { facts.append(.init("part of it from the poles", TerminalNumber.text(error, digits: 2))) }
        if model.trivialError.isFinite {
            facts.append(.init("validation RMSE of predicting zero", TerminalNumber.text(model.trivialError)))
        }
        facts.append(.init("best epoch", "\(model.epoch)"))
        if let spectrum = model.spectrum, let largest = spectrum.fixed.last, let smallest = spectrum.fixed.first {
            facts.append(
                .init(
                    "directions that the data fix",
                    "\(spectrum.fixed.count) of \(spectrum.eigenvalues.count), curvatures over "
                        + "\(TerminalNumber.fixed(log10(largest / smallest), decimals: 1)) decades"))
        }
        if model.uncertainty != .none {
            let (factor, floor) = (model.calibration.factor, model.calibration.floor)
            facts.append(
                .init(
                    "expected error",
                    "σ² = (\(TerminalNumber.text(floor, digits: 3)))² + (\(TerminalNumber.text(factor, digits: 3)) · spread)², from "
                        + model.uncertainty.words(members: model.members.count)))
        }
        return facts
    }

    private static func trained(_ context: StageContext, goesOn: Bool) throws -> TrainedModel {
        let (dataset, digest) = try context.onEveryRank { try context.dataset() }
        try context.doOnFirstRank { try context.enterDirectory() }
        let directory = context.directory
        // What a finished training has left is never discarded.
        return try CommitteeTraining(
            context: goesOn ? context.resuming(.automatic) : context, data: TrainingData(dataset), datasetDigest: digest,
            checkpoint: directory.trainingCheckpoint,
            parts: directory.trainingParts, curve: directory.trainingCurve, stage: "train",
            begins: { try Manifest.recordRecipe(context) }
        ).run()
    }
}

extension StageContext {
    /// The exact data of the run and their SHA-256.
    ///
    /// - Throws: ``StageError`` if they are missing or were made by another recipe, `StorageError`.
    func dataset() throws -> (dataset: Dataset, digest: String) {
        let path = directory.dataset
        try requireInputs(of: .train)
        // First the recipe, for data of another size say so less clearly.
        if isFirstRank { try Provenance(self).requireCurrent(.generate) }
        let dataset = try DatasetFile.read(path, supercell: recipe.supercell)
        try recipe.requireConditionedNetwork(for: dataset, path: path)
        let digest = try Digest.sha256(ofFile: path)
        warnIfChanged(path, digest: digest)
        return (dataset, digest)
    }
}

/// Configurations for training, in pieces that are independent of one another, and those for validation.
struct TrainingData {
    /// Independent pieces, sorted by how they were made: hot configurations, quenches, and what `learn` has added.
    private(set) var training: [[ForceSamples]]
    let validation: ForceSamples

    init(_ dataset: Dataset) {
        training = Dataset.Kind.allCases.map { kind in
            dataset.trajectories(.training).filter { $0.kind == kind }.map(ForceSamples.init)
        }
        validation = Self.joined(dataset.trajectories(.validation).map(ForceSamples.init))
    }

    /// Adds a kind of pieces.
    mutating func append(_ pieces: [ForceSamples]) { training.append(pieces) }

    /// All there is.
    var whole: TrainingSet { TrainingSet(training: Self.joined(training.flatMap(\.self)), validation: validation) }

    /// As many pieces of each kind, drawn with repetition.
    ///
    /// B. Efron, Ann. Stat. 7, 1 (1979), doi:10.1214/aos/1176344552.
    func resampled(seed: UInt64) -> TrainingSet {
        let stream = RandomStream(seed: seed, purpose: .splitting)
        let drawn = training.enumerated().flatMap { kind, pieces in
            pieces.indices.map { pieces[Int(stream.uniform(step: kind, index: $0) * Double(pieces.count))] }
        }
        return TrainingSet(training: Self.joined(drawn), validation: validation)
    }

    private static func joined(_ pieces: [ForceSamples]) -> ForceSamples {
        ForceSamples(
            displacements: pieces.flatMap(\.displacements), forces: pieces.flatMap(\.forces),
            conditions: pieces.flatMap(\.conditions))
    }
}

extension ForceSamples {
    /// The electronic forces on the snapshots of a trajectory.
    init(_ trajectory: Dataset.Trajectory) {
        self.init(
            displacements: trajectory.snapshots.map(\.displacement),
            forces: trajectory.snapshots.map(\.electronicForce),
            conditions: trajectory.snapshots.map { _ in trajectory.electrons })
    }
}

/// What the poles of a Green's-function model contribute to the error of its force.
struct PoleError {
    /// The root mean square by which the force changes with poles a hundred times as accurate, on some of the validation
    /// configurations.
    let rootMeanSquare: Double
    private let tolerance: Double

    /// Configurations that are compared.
    private static let configurations = 4

    /// - Returns: nil for a model without poles.
    /// - Throws: what the forces throw.
    init?(of member: TrainedModel.Member, on validation: ForceSamples, pool: WorkerPool) throws {
        guard var finer = member.model.architecture as? GreensFunctionArchitecture else { return nil }
        tolerance = finer.poleTolerance
        finer.poleTolerance = max(tolerance / 100, 1e-9)
        let count = min(Self.configurations, validation.count)
        let samples = validation.selecting((0..<count).map { (2 * $0 + 1) * validation.count / (2 * count) })
        let models = [member.model, try finer.model(on: member.model.lattice, kind: member.model.kind)]
        let forces = try models.map {
            try $0.predictedForces(member.parameters, on: samples, singlePrecision: false, pool: pool).flatMap(\.values)
        }
        let square = zip(forces[0], forces[1]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        rootMeanSquare = (square / Double(forces[0].count)).squareRoot()
    }

    /// What to say if without the error of the poles the validation error would be less by a tenth and more.
    func warning(besides validationError: Double) -> String? {
        let part = rootMeanSquare / validationError
        guard part > (1 - 0.9 * 0.9).squareRoot() else { return nil }
        let better = TerminalNumber.text(tolerance / (5 * part), digits: 1)
        return
            "the poles of the network err by \(TerminalNumber.text(rootMeanSquare, digits: 2)) (root mean square), which is much of the "
            + "validation RMSE \(TerminalNumber.text(validationError, digits: 2)); with network.pole_tolerance = \(better) they would not "
            + "count"
    }
}

extension Recipe {
    /// The same for data some of whose trajectories were made by other recipes.
    ///
    /// - Parameter path: of the data.
    /// - Throws: ``StageError/mismatch(path:problem:)``
    package func requireConditionedNetwork(for dataset: Dataset, path: String) throws {
        guard !dataset.earlierRecipes.isEmpty else { return }
        let electrons = dataset.trajectories.map(\.electrons)
        let differences = electrons.flatMap {
            $0.electronicDifferences(from: model, ignoring: Set(generate.listedParameters.map(\.key)))
        }
        let unknown = dataset.variedParameters.filter { !network.family.dependsOn($0.key) }
        guard differences.isEmpty, unknown.isEmpty else {
            let values = unknown.map { parameter in
                let values = electrons.reduce(into: [Double?]()) { values, electrons in
                    let value = electrons[parameter.key]
                    if !values.contains(value) { values.append(value) }
                }
                return "\(parameter.key) = " + values.map(AdiabaticModel.text).joined(separator: ", ")
            }
            throw StageError.mismatch(
                path: path,
                problem: "holds trajectories of several recipes (" + (values + differences.prefix(1)).joined(separator: "; ")
                    + "), on which the network \"\(type(of: network.family).name)\" with these keys does not depend; one force cannot "
                    + "be right for all of them")
        }
    }
}
