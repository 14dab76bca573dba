import Foundation
import LatticeNumerics
import Storage
import Testing
import Workflows

/// Committees: training, files, calibration, and what is made of their spread.
@Suite struct CommitteeTests {
    private static let changes: KeyValuePairs = ["epochs = 5": "epochs = 3\ncommittee = 3"]

    private func trained(threads: Int = 1) throws -> StageRun {
        let run = StageRun()
        let recipe = try StageRun.recipe(Self.changes)
        _ = try Stages.generate(run.context(recipe, threads: threads))
        _ = try Stages.train(run.context(recipe, threads: threads))
        return run
    }

    @Test func firstMemberIsTheModelWithoutCommittee() throws {
        let run = try trained()
        let alone = StageRun()
        let recipe = try StageRun.recipe(["epochs = 5": "epochs = 3"])
        _ = try Stages.generate(alone.context(recipe))
        _ = try Stages.train(alone.context(recipe))
        let (committee, single) = (try ModelFile.read(run.directory.model), try ModelFile.read(alone.directory.model))
        #expect(committee.members.count == 3 && single.members.count == 1)
        #expect(committee.parameters == single.parameters && committee.model.constants == single.model.constants)
        #expect(
            committee.calibration.factor > 0 && committee.calibration.floor >= 0 && committee.calibration != single.calibration)
        #expect(single.calibration.factor == 1 && single.calibration.floor == 0)
        // The others have seen other data.
        #expect(Set(committee.members.map(\.parameters)).count == 3)
        #expect(Set(committee.members.map { $0.model.constants["output.scale"]! }).count > 1)
        // Their last states stay, to go on from for more epochs.
        #expect(try run.names(in: run.directory.trainingParts) == ["member-2.checkpoint", "member-3.checkpoint"])
    }

    @Test(arguments: [0, 3, 7]) func interruptedTrainingEndsWithTheSameBits(_ looks: Int) throws {
        let whole = try trained()
        let run = StageRun()
        let recipe = try StageRun.recipe(Self.changes)
        _ = try Stages.generate(run.context(recipe))
        let stops = try run.runInPieces(Stages.train, recipe, looks: looks, threads: 2)
        #expect(stops >= 2)
        try run.expectSameFiles(as: whole)
    }

    @Test func membersAreCheckedWhenRead() throws {
        let run = try trained()
        let file = try Safetensors(contentsOf: run.directory.model)
        func expectRefusal(_ tensors: [Safetensors.Tensor], _ metadata: [String: String]) throws {
            let path = temporaryFile("model.safetensors", "")
            try Safetensors(tensors: tensors, metadata: metadata).write(to: path)
            #expect(throws: StorageError.self) { try ModelFile.read(path) }
        }
        for count in ["0", "-1", "4", "65", "many"] {
            try expectRefusal(file.tensors, file.metadata.merging(["committee": count]) { $1 })
        }
        for name in ["committee.calibration", "member3/output.scale"] {
            try expectRefusal(file.tensors.filter { $0.name != name }, file.metadata)
            let zero = file.tensors.map {
                $0.name == name ? .init(name: name, shape: $0.shape, values: .float64([0, 0].dropLast(2 - $0.shape[0]))) : $0
            }
            try expectRefusal(zero, file.metadata)
        }
    }

    @Test func comparisonTellsTheReliability() throws {
        let run = try trained()
        let recipe = try StageRun.recipe(Self.changes)
        let summary = try Stages.compare(run.context(recipe))
        #expect(summary.facts.contains { $0.name.contains("rank correlation") })
        let comparison = try JSONFile.read(Comparison.self, from: run.directory.comparison)
        let reliability = try #require(comparison.reliability)
        #expect(reliability.members == 3)
        #expect(reliability.bins.reduce(0) { $0 + $1.sites } == comparison.forces.stages[0].sites)
        // The bins hold the whole mean square, of errors and of predictions.
        let sites = Double(comparison.forces.stages[0].sites)
        let error = reliability.bins.reduce(0) { $0 + $1.error * $1.error * Double($1.sites) } / sites
        let predicted = reliability.bins.reduce(0) { $0 + $1.predicted * $1.predicted * Double($1.sites) } / sites
        #expect(abs(error.squareRoot() / comparison.forces.stages[0].rootMeanSquare - 1) < 1e-9)
        #expect(abs(predicted.squareRoot() / reliability.predicted - 1) < 1e-9)
        #expect(reliability.within == reliability.within.sorted() && abs(reliability.rankCorrelation) <= 1)
        _ = try Stages.report(run.context(recipe))
        let page = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        #expect(page.contains("<figure id=\"reliability\">") && page.contains("A committee of 3 expects"))
    }

    @Test func uncertaintyIsTheCalibratedSpread() throws {
        let run = try trained()
        let model = try ModelFile.read(run.directory.model)
        let recipe = ModelRecipe(lattice: try StageRun.recipe().lattice.geometry, model: try StageRun.recipe().model)
        let values = RandomStream(seed: 4, purpose: .testing).normals(count: 2 * 4 * 6, step: 0)
        let input = NPYArray(shape: [2, 4, 6], values: values)
        func forces(_ members: [TrainedModel.Member]) throws -> ForceEvaluation.Result {
            try ForceEvaluation(recipe, source: .trained(model.with(members))).evaluate(
                input, needsDensity: false, needsUncertainty: members.count > 1, threads: 1, progress: SilentProgress(),
                interruption: Interruption())
        }
        let committee = try forces(model.members)
        let alone = try model.members.map { try forces([$0]) }
        #expect(committee.forces.values == alone[0].forces.values && alone[0].uncertainty == nil)
        let uncertainty = try #require(committee.uncertainty)
        #expect(uncertainty.shape == [2, 4, 6] && uncertainty.values.contains { $0 > 1e-6 })
        for (k, value) in uncertainty.values.enumerated() {
            let members = alone.map { $0.forces.values[k] }
            let mean = members.reduce(0, +) / 3
            let spread = (members.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 2).squareRoot()
            #expect(abs(value - model.calibration.error(ofSpread: spread)) < 1e-12)
        }
        #expect(throws: ForceEvaluationError.noCommittee) {
            try ForceEvaluation(recipe, source: .solver(.exactDiagonalization)).requireCommittee()
        }
    }

    /// Normal errors of known strength, with and without a part that the members share.
    @Test(arguments: [0.0, 0.3]) func calibrationFindsFactorAndFloor(_ shared: Double) {
        let random = RandomStream(seed: 9, purpose: .testing)
        let spreads = (0..<40_000).map { 0.01 + random.uniform(step: 0, index: $0) }
        let normals = random.normals(count: spreads.count, step: 1)
        let errors = zip(spreads, normals).map { (shared * shared + 2.5 * $0 * 2.5 * $0).squareRoot() * $1 }
        let found = CommitteeCalibration(errors: errors, spreads: spreads)
        #expect(abs(found.factor / 2.5 - 1) < 0.02 && abs(found.floor - shared) < 0.12)
        #expect(abs(found.error(ofSpread: 0.4) - (shared * shared + 1).squareRoot()) < 0.02)
        // Members that agree by chance where there is an error change little.
        let agreed = spreads.enumerated().map { $0 % 100 == 0 ? 1e-9 : $1 }
        #expect(abs(CommitteeCalibration(errors: errors, spreads: agreed).factor / 2.5 - 1) < 0.05)
    }

    @Test func calibrationOfNothingIsNone() {
        let same = CommitteeCalibration(errors: [1, -1], spreads: [0, 0])
        #expect(same.factor == 1 && same.floor == 1)
        let exact = CommitteeCalibration(errors: [0, 0], spreads: [1, 1])
        #expect(exact.factor == 1 && exact.floor == 0)
        // The larger error where the spread is the smaller: one factor for all.
        let opposite = CommitteeCalibration(errors: [2, 1], spreads: [1, 2])
        #expect(opposite.factor == 1 && opposite.floor == 0)
    }

    @Test func ranksAreCorrelated() {
        #expect(RankCorrelation.spearman([1, 2, 3, 4], [10, 20, 30, 400]) == 1)
        #expect(RankCorrelation.spearman([1, 2, 3, 4], [4, 3, 2, -1]) == -1)
        // Ranks 0, 1.5, 1.5, 3 and 0, 1, 2, 3.
        #expect(abs(RankCorrelation.spearman([1, 2, 2, 3], [1, 2, 3, 4]) - 4.5 / (4.5 * 5).squareRoot()) < 1e-12)
        #expect(RankCorrelation.spearman([1, 1], [1, 2]).isNaN)
    }
}
