import Experiments
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

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

    /// One member is the model that is trained without a committee; the one with the lowest validation error answers.
    @Test func theBestMemberAnswers() throws {
        let run = try trained()
        let alone = StageRun()
        let recipe = try StageRun.recipe(["epochs = 5": "epochs = 3"])
        _ = try Stages.generate(alone.context(recipe))
        _ = try Stages.train(alone.context(recipe))
        let (committee, single) = (try ModelFile.read(run.directory.model), try ModelFile.read(alone.directory.model))
        #expect(committee.members.count == 3 && single.members.count == 1)
        #expect(committee.uncertainty == .committee && single.uncertainty == .none)
        let same = try #require(committee.members.first { $0.parameters == single.parameters })
        #expect(same.model.constants == single.model.constants)
        #expect(committee.validationError <= single.validationError)
        let dataset = try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell)
        let errors = try committee.members.map { try validationError($0, dataset) }
        #expect(errors[0] == errors.min()! && abs(errors[0] / committee.validationError - 1) < 1e-5)
        // The learning curve is that of the answer.
        let curve = try String(contentsOfFile: run.directory.trainingCurve, encoding: .utf8)
        #expect(curve.contains("\(committee.validationError)"))
        #expect(
            committee.calibration.factor > 0 && committee.calibration.floor >= 0 && committee.calibration != single.calibration)
        #expect(single.calibration.factor == 1 && single.calibration.floor == 0)
        // The others have seen other data.
        #expect(Set(committee.members.map(\.parameters)).count == 3)
        #expect(Set(committee.members.map { $0.model.constants["output.scale"]! }).count > 1)
        // Their last states stay, to go on from for more epochs.
        #expect(try run.names(in: run.directory.trainingParts) == ["member-2.checkpoint", "member-3.checkpoint"])
    }

    private func validationError(_ member: TrainedModel.Member, _ dataset: Dataset) throws -> Double {
        var (square, count) = (0.0, 0)
        for trajectory in dataset.trajectories(.validation) {
            let field = try member.model.forceField(
                parameters: member.parameters, conditions: trajectory.electrons, supercell: dataset.supercell,
                singlePrecision: true, pool: WorkerPool(threads: 1))
            for snapshot in trajectory.snapshots {
                let exact = snapshot.electronicForce.values
                square += zip(try field.forces(at: snapshot.displacement).values, exact).reduce(0) {
                    $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
                }
                count += exact.count
            }
        }
        return (square / Double(count)).squareRoot()
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

    /// A fit by least squares without a committee; another estimate in place of the default if one is given.
    private func learnedEnds(_ lines: String = "") throws -> Recipe {
        try StageRun.recipe([
            StageRun.network: StageRun.learnedEnds, "epochs = 5\nbatch_size = 100\nwarmup_steps = 2": "epochs = 3\n" + lines,
        ])
    }

    private static let laplace = "uncertainty = \"laplace\""

    private func trained(_ recipes: Recipe..., threads: Int = 1) throws -> StageRun {
        let run = StageRun()
        _ = try Stages.generate(run.context(recipes[0], threads: threads))
        for recipe in recipes { #expect(try Stages.train(run.context(recipe, threads: threads)).ran) }
        return run
    }

    /// Least squares tell the error to expect without a committee, from training to report.
    @Test func laplaceTellsTheErrorOfOneTraining() throws {
        let (recipe, none) = (try learnedEnds(Self.laplace), try learnedEnds("uncertainty = \"none\""))
        #expect(recipe.training.uncertainty == .laplace && recipe.training.committee == 1)
        let (run, other) = (try trained(recipe), try trained(none))
        let (model, alone) = (try ModelFile.read(run.directory.model), try ModelFile.read(other.directory.model))
        #expect(model.uncertainty == .laplace && model.members.count == 17 && model.parameters == alone.parameters)
        #expect(alone.uncertainty == .none && alone.members.count == 1 && alone.spectrum == model.spectrum)
        let spectrum = try #require(model.spectrum)
        #expect(spectrum.eigenvalues.count == model.parameters.count && spectrum.ridge > 0 && !spectrum.fixed.isEmpty)
        #expect(Set(model.members.map(\.parameters)).count == 17)

        let summary = try Stages.compare(run.context(recipe))
        #expect(summary.facts.contains { $0.name == "expected error (laplace)" })
        let reliability = try #require(try JSONFile.read(Comparison.self, from: run.directory.comparison).reliability)
        #expect(reliability.estimate == .laplace && reliability.predicted > 0 && reliability.worstShare > 0)
        _ = try Stages.report(run.context(recipe))
        let page = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        #expect(page.contains("16 models around the fitted one"))

        let input = NPYArray(shape: [4, 6], values: RandomStream(seed: 4, purpose: .testing).normals(count: 24, step: 0))
        func uncertainty(_ model: TrainedModel) throws -> NPYArray? {
            try ForceEvaluation(
                ModelRecipe(lattice: recipe.lattice.geometry, model: recipe.model), source: .trained(model)
            ).evaluate(
                input, needsDensity: false, needsUncertainty: true, threads: 1, progress: SilentProgress(),
                interruption: Interruption()
            ).uncertainty
        }
        #expect(try #require(try uncertainty(model)).values.allSatisfy { $0 > 0 && $0.isFinite })
        #expect(throws: ForceEvaluationError.noUncertainty) { try uncertainty(alone) }
    }

    /// The estimate is added to a finished training; the bits are those of the whole, with any threads and stops.
    @Test func laplaceFollowsAFinishedTraining() throws {
        let (recipe, none) = (try learnedEnds(Self.laplace), try learnedEnds("uncertainty = \"none\""))
        let whole = try trained(recipe)
        let added = try trained(none, recipe, threads: 2)
        let (model, other) = (try ModelFile.read(added.directory.model), try ModelFile.read(whole.directory.model))
        #expect(model.members.map(\.parameters) == other.members.map(\.parameters))
        #expect(model.calibration == other.calibration && model.spectrum == other.spectrum && model.recipe == other.recipe)
        #expect(try !Stages.train(added.context(recipe)).ran)
        let run = StageRun()
        _ = try Stages.generate(run.context(recipe))
        #expect(try run.runInPieces(Stages.train, recipe, looks: 0) > 1)
        try run.expectSameFiles(as: whole)
    }

    /// Where patches are solved, larger ones tell the error, against forces that are made and averaged here.
    @Test func largerPatchesTellTheErrorOfPatches() throws {
        let recipe = try learnedEnds()
        #expect(recipe.training.uncertainty == .largerPatches)
        let run = try trained(recipe)
        let model = try ModelFile.read(run.directory.model)
        #expect(model.uncertainty == .largerPatches && model.members.count == 1 && model.calibration.factor > 0)
        var larger = try #require(model.model.architecture as? GreensFunctionArchitecture)
        larger.radius += 1
        let patches = try larger.model(on: recipe.lattice.geometry, kind: .scalar)
        let values = RandomStream(seed: 4, purpose: .testing).normals(count: 48, step: 0)
        let configuration = SiteField(try Supercell(recipe.lattice.geometry, size: [8, 6]), values: values)
        func forces(_ model: any ForceModel, _ parameters: [Double]) throws -> [Double] {
            try model.forceField(
                parameters: parameters, conditions: recipe.model, supercell: configuration.supercell, singlePrecision: false,
                pool: WorkerPool(threads: 1)
            ).forces(at: configuration).values
        }
        let answers = try forces(model.model, model.parameters)
        let others = try forces(patches, patches.initialParameters(seed: 0))
        let squares: [Double] = zip(answers, others).map { ($0 - $1) * ($0 - $1) }
        let found = try #require(
            try ForceEvaluation(
                ModelRecipe(lattice: recipe.lattice.geometry, model: recipe.model), source: .trained(model)
            ).evaluate(
                NPYArray(shape: [6, 8], values: values), needsDensity: false, needsUncertainty: true, threads: 2,
                progress: SilentProgress(), interruption: Interruption()
            ).uncertainty
        ).values
        for site in 0..<48 {
            let (y, x) = (site / 8, site % 8)
            var sum = squares[(y + 1) % 6 * 8 + x]
            sum += squares[(y + 5) % 6 * 8 + x]
            sum += squares[y * 8 + (x + 1) % 8]
            sum += squares[y * 8 + (x + 7) % 8]
            let spread: Double = (0.8 * squares[site] + 0.05 * sum).squareRoot()
            #expect(spread > 1e-6 && abs(found[site] - model.calibration.error(ofSpread: spread)) < 1e-9)
        }
        #expect(try Stages.compare(run.context(recipe)).facts.contains { $0.name == "expected error (larger-patches)" })
        let reliability = try #require(try JSONFile.read(Comparison.self, from: run.directory.comparison).reliability)
        #expect(reliability.members == 1 && reliability.worstShare > 0)

        // A file whose network has no patches is refused.
        let other = StageRun()
        let convolution = try StageRun.recipe([:])
        _ = try Stages.generate(other.context(convolution))
        _ = try Stages.train(other.context(convolution))
        let file = try Safetensors(contentsOf: other.directory.model)
        let path = temporaryFile("model.safetensors", "")
        let names = ["uncertainty": "larger-patches", "version": "2"]
        try Safetensors(tensors: file.tensors, metadata: file.metadata.merging(names) { $1 }.filter { $0.key != "sha256" }).write(
            to: path)
        let error = #expect(throws: StorageError.self) { try ModelFile.read(path) }
        #expect(error?.description.contains("no patches") == true, "\(error?.description ?? "")")
    }

    /// An unconstrained network: the spread of its answers under the eight operations, against a naive sum.
    @Test func groupTellsTheErrorOfAnUnconstrainedNetwork() throws {
        func recipe(_ symmetry: String) throws -> Recipe {
            try StageRun.recipe([
                StageRun.network: "name = \"convolution\"\nchannels = [2]\nsymmetry = \"\(symmetry)\"",
                "epochs = 5\nbatch_size = 100": "epochs = 2\nuncertainty = \"group\"",
            ])
        }
        let recipe = try recipe("none")
        let run = try trained(recipe)
        let model = try ModelFile.read(run.directory.model)
        #expect(model.uncertainty == .group && model.members.count == 1 && model.calibration.factor > 0)
        let values = RandomStream(seed: 4, purpose: .testing).normals(count: 25, step: 0)
        func evaluate(_ shape: [Int], _ values: [Double], needsUncertainty: Bool) throws -> ForceEvaluation.Result {
            try ForceEvaluation(
                ModelRecipe(lattice: recipe.lattice.geometry, model: recipe.model), source: .trained(model)
            ).evaluate(
                NPYArray(shape: shape, values: values), needsDensity: false, needsUncertainty: needsUncertainty, threads: 1,
                progress: SilentProgress(), interruption: Interruption())
        }
        let found = try #require(try evaluate([5, 5], values, needsUncertainty: true).uncertainty).values
        // Turn by quarters and transpose, about the first site.
        var answers: [[Double]] = []
        for (turns, mirrored) in [(0, false), (1, false), (2, false), (3, false), (0, true), (1, true), (2, true), (3, true)] {
            func image(_ site: Int) -> Int {
                var (x, y) = (site % 5, site / 5)
                if mirrored { (x, y) = (y, x) }
                for _ in 0..<turns { (x, y) = ((5 - y) % 5, x) }
                return y * 5 + x
            }
            var moved = values
            for site in 0..<25 { moved[image(site)] = values[site] }
            let forces = try evaluate([5, 5], moved, needsUncertainty: false).forces.values
            answers.append((0..<25).map { forces[image($0)] })
        }
        for site in 0..<25 {
            let mean = answers.reduce(0) { $0 + $1[site] } / 8
            let spread = (answers.reduce(0) { $0 + ($1[site] - mean) * ($1[site] - mean) } / 7).squareRoot()
            #expect(spread > 1e-6 && abs(found[site] - model.calibration.error(ofSpread: spread)) < 1e-9)
        }
        #expect(try Stages.compare(run.context(recipe)).facts.contains { $0.name == "expected error (group)" })
        let reliability = try #require(try JSONFile.read(Comparison.self, from: run.directory.comparison).reliability)
        #expect(reliability.members == 1 && reliability.worstShare > 0)

        // Where no operation is missing there is nothing to tell.
        for (symmetry, size) in [("full", "size = [6, 6]"), ("mirrors", "size = [6, 8]")] {
            let error = #expect(throws: RecipeError.self) {
                try StageRun.recipe([
                    StageRun.network: "name = \"convolution\"\nsymmetry = \"\(symmetry)\"", "size = [6, 6]": size,
                    "epochs = 5": "uncertainty = \"group\"",
                ])
            }
            #expect(error?.key == "training.uncertainty" && error?.description.contains("zero everywhere") == true)
        }
        #expect(
            try StageRun.recipe([
                StageRun.network: "name = \"convolution\"\nsymmetry = \"mirrors\"", "epochs = 5": "uncertainty = \"group\"",
            ]).training.uncertainty == .group)
    }

    /// Blocks of three cells: the spread of the answers of blocks that begin elsewhere, against forces of moved configurations.
    @Test func tilingTellsTheErrorOfBlocks() throws {
        func recipe(_ core: Int) throws -> Recipe {
            try StageRun.recipe([
                StageRun.network: StageRun.learnedEnds.replacing("core = 1", with: "core = \(core)"),
                "epochs = 5\nbatch_size = 100\nwarmup_steps = 2": "epochs = 2\nuncertainty = \"tiling\"",
            ])
        }
        let error = #expect(throws: RecipeError.self) { try recipe(1) }
        #expect(error?.key == "training.uncertainty" && error?.description.contains("zero everywhere") == true)
        let recipe = try recipe(3)
        let run = try trained(recipe)
        let model = try ModelFile.read(run.directory.model)
        let mean = try #require(model.meanCalibration)
        #expect(model.uncertainty == .tiling && model.members.count == 1 && model.calibration != mean)

        let values = RandomStream(seed: 4, purpose: .testing).normals(count: 36, step: 0)
        func evaluate(_ shift: Int, _ tiling: BlockTiling, needsUncertainty: Bool = false) throws -> ForceEvaluation.Result {
            func moved(_ values: [Double], by shift: Int) -> [Double] {
                (0..<36).map { values[($0 / 6 + 6 - shift) % 6 * 6 + ($0 % 6 + 6 - shift) % 6] }
            }
            return try ForceEvaluation(
                ModelRecipe(lattice: recipe.lattice.geometry, model: recipe.model), source: .trained(model), tiling: tiling
            ).evaluate(
                NPYArray(shape: [6, 6], values: moved(values, by: shift)), needsDensity: false,
                needsUncertainty: needsUncertainty, threads: 1, progress: SilentProgress(), interruption: Interruption())
        }
        let answers = try (0..<3).map { shift in
            let forces = try evaluate(shift, .fixed).forces.values
            return (0..<36).map { forces[($0 / 6 + shift) % 6 * 6 + ($0 % 6 + shift) % 6] }
        }
        for (tiling, calibration) in [(BlockTiling.fixed, model.calibration), (.sampled, mean)] {
            let found = try #require(try evaluate(0, tiling, needsUncertainty: true).uncertainty).values
            for site in 0..<36 {
                let middle = answers.reduce(0) { $0 + $1[site] } / 3
                let spread = (answers.reduce(0) { $0 + ($1[site] - middle) * ($1[site] - middle) } / 2).squareRoot()
                #expect(abs(found[site] - calibration.error(ofSpread: spread)) < 1e-9)
            }
        }
        #expect(Set(answers).count == 3)
    }

    @Test(arguments: [
        ("epochs = 5", "epochs = 5\nuncertainty = \"laplace\"", "optimizer = \"adam\""),
        ("epochs = 5", "epochs = 5\nuncertainty = \"committee\"", "committee = 1"),
        ("epochs = 5", "epochs = 5\nuncertainty = \"larger-patches\"", "greens-function"),
        ("epochs = 5", "epochs = 5\ncommittee = 3\nuncertainty = \"none\"", "committee = 3"),
        ("epochs = 5", "epochs = 5\nuncertainty = \"comittee\"", "'committee'"),
    ])
    func estimatesThatCannotBeAreRefused(_ old: String, _ new: String, _ part: String) {
        let error = #expect(throws: RecipeError.self) { try StageRun.recipe([old: new]) }
        #expect(error?.key == "training.uncertainty" && error?.description.contains(part) == true, "\(error?.description ?? "")")
    }

    /// σ that is larger where the error is finds as much of it as there is; σ that is the same everywhere finds by chance.
    @Test func sharesOfTheErrorAreFound() throws {
        let random = RandomStream(seed: 3, purpose: .testing)
        let spreads = (0..<20).map { c in (0..<500).map { exp(2 * random.normal(step: c, index: $0)) } }
        let errors = spreads.enumerated().map { c, values in
            values.enumerated().map { $1 * random.normal(step: 100 + c, index: $0) }
        }
        let run = try trained(learnedEnds())
        let model = try ModelFile.read(run.directory.model)
        func reliability(_ predicted: [[Double]]) -> Comparison.Reliability {
            .init(of: model, errors: errors, predicted: predicted)
        }
        let squares = errors.joined().map { $0 * $0 }.sorted(by: >)
        let oracle = squares.prefix(100).reduce(0, +) / squares.reduce(0, +)
        let (known, perfect) = (reliability(spreads), reliability(errors.map { $0.map(abs) }))
        #expect(abs(perfect.worstShare - oracle) < 1e-12 && abs(known.largestShare - oracle) < 1e-12)
        #expect(known.worstShare > 0.5 * oracle && known.worstShare < oracle)
        #expect(perfect.configurationCorrelation > 0.999 && abs(known.within[0] - 0.683) < 0.02)
        let shuffled = spreads.map { Array($0.dropFirst(1) + $0.prefix(1)) }
        #expect(reliability(shuffled).worstShare < 0.3 * oracle)
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
        #expect(summary.facts.contains { $0.name == "expected error (committee)" })
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
        #expect(reliability.worstShare > 0 && reliability.worstShare <= reliability.largestShare)
        _ = try Stages.report(run.context(recipe))
        let page = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        #expect(page.contains("<figure id=\"reliability\">") && page.contains("Its own estimate (a committee of 3)"))
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
        #expect(throws: ForceEvaluationError.noUncertainty) {
            try ForceEvaluation(recipe, source: .solver(.exactDiagonalization)).validate(input, needsUncertainty: true)
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
        // Few sites with enormous spreads change little.
        let enormous = spreads.enumerated().map { $0 % 1000 == 0 ? 1000 * $1 : $1 }
        #expect(abs(CommitteeCalibration(errors: errors, spreads: enormous).factor / 2.5 - 1) < 0.05)
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
