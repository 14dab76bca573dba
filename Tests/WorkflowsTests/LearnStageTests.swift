import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Active learning on lattices of a few sites.
@Suite struct LearnStageTests {
    private static let table = """
        [learn]
        size = [8, 6]
        trajectories = 2
        steps = 8
        interval = 2
        rounds = 2
        configurations = 3
        audits = 2
        accuracy = 1e-9
        [simulate]
        """

    private func recipe(_ changes: KeyValuePairs<String, String> = [:]) throws -> Recipe {
        var text = StageRun.recipeText.replacing("[simulate]\n", with: Self.table + "\n")
            .replacing("epochs = 5", with: "epochs = 2\ncommittee = 2")
        for (old, new) in changes {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        return try Recipe(text, file: suppliedRecipe("small"))
    }

    private func learned(_ recipe: Recipe, threads: Int = 1) throws -> StageRun {
        let run = StageRun()
        _ = try Stages.generate(run.context(recipe, threads: threads))
        #expect(try Stages.learn(run.context(recipe, threads: threads)).ran)
        return run
    }

    /// Every file below the run's folder but the manifest.
    private func expectSame(_ run: StageRun, _ other: StageRun) throws {
        func files(_ run: StageRun) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: run.directory.path).filter { $0 != "manifest.json" }.sorted()
        }
        #expect(try files(run) == files(other))
        for name in try files(run) {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: run.directory.file(name), isDirectory: &isFolder), !isFolder.boolValue
            else { continue }
            let same = try run.bytes(run.directory.file(name)) == other.bytes(other.directory.file(name))
            #expect(same, "\(name) differs")
        }
    }

    @Test func roundsAddWhatTheyPick() throws {
        let recipe = try recipe()
        let run = try learned(recipe, threads: 2)
        let rounds = try LearningTable.read(run.directory.learningTable)
        #expect(rounds.map(\.round) == [1, 2])
        #expect(rounds[1].configurations == rounds[0].configurations + 5)
        #expect(rounds[1].sites == rounds[0].sites + 5 * 48)
        #expect(rounds.allSatisfy { $0.frames == 10 && $0.stoppedTrajectories == 0 && $0.auditError > 0 && $0.pickedError > 0 })
        #expect(rounds.allSatisfy { $0.disagreement > 0 && $0.largestDisagreement >= $0.disagreement })
        for round in 1...2 {
            let folder = run.directory.rounds + "/0\(round)"
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(names == ["dataset.h5", "model.safetensors", "round.json", "selection.json", "training.csv"])
            let selection = try JSONFile.read(FrameSelection.self, from: folder + "/selection.json")
            #expect(selection.frames.count { $0.purpose == .picked } == 3 && selection.frames.count { $0.purpose == .audit } == 2)
            let labelled = try DatasetFile.read(folder + "/dataset.h5", supercell: recipe.supercell([8, 6]))
            #expect(labelled.snapshotCount == 5 && labelled.trajectories.allSatisfy { $0.split == .training })
            #expect(labelled.trajectories.flatMap(\.snapshots).map(\.step) == selection.chosen.map { selection.frames[$0].step })
            #expect(try JSONFile.read(LearningRound.self, from: folder + "/round.json") == rounds[round - 1])
        }
        // The last model is the result, and the other stages go on from it.
        let last = run.directory.rounds + "/02/model.safetensors"
        #expect(try run.bytes(run.directory.model) == run.bytes(last))
        #expect(try !Stages.learn(run.context(recipe)).ran)
        // The dynamics of the rounds had a precision, too: in another the model is one of another recipe.
        let changed = try self.recipe(["frame_interval = 6": "frame_interval = 6\nprecision = \"float64\""])
        for stage in [Stages.learn, Stages.simulate, Stages.compare, Stages.report] {
            let error = #expect(throws: StageError.self) { try stage(run.context(changed)) }
            #expect(error?.description.contains("simulate.precision: \"float32\" → \"float64\"") == true)
            #expect(error?.description.contains("--redo learn") == true)
        }
        #expect(try Stages.simulate(run.context(recipe)).ran && Stages.compare(run.context(recipe)).ran)
        _ = try Stages.report(run.context(recipe))
        #expect(try String(contentsOfFile: run.directory.report, encoding: .utf8).contains("<figure id=\"active-learning\">"))
    }

    @Test(arguments: [0, 2, 5, 11]) func interruptedLearningEndsWithTheSameBits(_ looks: Int) throws {
        let recipe = try recipe()
        let run = StageRun()
        _ = try Stages.generate(run.context(recipe))
        #expect(try run.runInPieces(Stages.learn, recipe, looks: looks, threads: 2) > 2)
        try expectSame(run, learned(recipe))
    }

    @Test func damagedIntermediatesAreMadeAgain() throws {
        let recipe = try recipe()
        let run = StageRun()
        _ = try Stages.generate(run.context(recipe))
        let trajectory = run.directory.rounds + "/01/trajectories/trajectory-0.safetensors"
        var looks = 1
        while !run.directory.exists(trajectory) {
            #expect(throws: WorkflowInterrupted.self) {
                try Stages.learn(run.context(recipe, interruption: .after(looks: looks)))
            }
            looks += 1
        }
        try run.damage(trajectory)
        _ = try Stages.learn(run.context(recipe))
        #expect(run.progress.warnings.contains { $0.contains("making it again") })
        try expectSame(run, learned(recipe))
    }

    @Test func accuracyEndsTheLearningAndMoreRoundsGoOn() throws {
        let run = try learned(recipe(["accuracy = 1e-9": "accuracy = 1e9"]))
        #expect(try LearningTable.read(run.directory.learningTable).count == 1)
        let stricter = try recipe()
        #expect(try Stages.learn(run.context(stricter)).ran)
        let whole = try learned(stricter)
        #expect(try LearningTable.read(run.directory.learningTable) == LearningTable.read(whole.directory.learningTable))
    }

    @Test func localSolverInPlaceOfACommittee() throws {
        let recipe = try recipe([
            "committee = 2": "committee = 1", "accuracy = 1e-9": "accuracy = 1e-9\ndisagreement = \"local-diagonalization\"",
        ])
        let run = try learned(recipe)
        let rounds = try LearningTable.read(run.directory.learningTable)
        #expect(rounds.count == 2 && rounds.allSatisfy { $0.disagreement > 0 })
        // The local solver is nearly exact, so that its difference from the force is nearly the error.
        #expect(rounds.allSatisfy { $0.pickedError > 0.5 * $0.disagreement })
    }

    /// A step far too long for the dynamics: every trajectory leaves all bounds, and what came before is learned from.
    @Test func runawaysAreStoppedAndUsed() throws {
        let recipe = try recipe(["accuracy = 1e-9": "accuracy = 1e-9\ntime_step = 8.0", "interval = 2": "interval = 1"])
        let run = try learned(recipe)
        let rounds = try LearningTable.read(run.directory.learningTable)
        #expect(rounds.count == 2 && rounds.allSatisfy { $0.stoppedTrajectories == 2 && $0.frames >= 2 && $0.frames < 18 })
        #expect(run.progress.warnings.contains { $0.contains("the learned dynamics was stopped") })
        #expect(rounds.allSatisfy { $0.auditError.isFinite })
    }

    @Test func otherModelsAndRecipesAreNotReplaced() throws {
        let recipe = try recipe()
        let run = StageRun()
        _ = try Stages.generate(run.context(recipe))
        let missing = #expect(throws: StageError.self) { try Stages.simulate(run.context(recipe)) }
        #expect(missing?.description.contains("`adiabat learn` makes it") == true)
        _ = try Stages.train(run.context(recipe))
        let model = try run.bytes(run.directory.model)
        let error = #expect(throws: StageError.self) { try Stages.learn(run.context(recipe)) }
        #expect(error?.description.contains("choose another --output") == true)
        #expect(try run.bytes(run.directory.model) == model)

        let other = try learned(recipe)
        let changed = try self.recipe(["audits = 2": "audits = 1"])
        let refusal = #expect(throws: StageError.self) { try Stages.learn(other.context(changed)) }
        #expect(refusal?.description.contains("learn.audits: 2 → 1") == true)
        #expect(throws: RecipeError.self) { try Stages.learn(other.context(StageRun.recipe())) }
    }

    @Test(arguments: [
        ("committee = 2", "committee = 1", "learn.disagreement"), ("interval = 2", "interval = 9", "learn.interval"),
        ("configurations = 3", "configurations = 9", "learn.configurations"), ("rounds = 2", "rounds = 0", "learn.rounds"),
        ("audits = 2", "audits = 0", "learn.audits"), ("size = [8, 6]", "size = [8]", "learn.size"),
        ("accuracy = 1e-9", "accuracy = 0", "learn.accuracy"),
        ("accuracy = 1e-9", "accuracy = 1\ndisagreement = \"commitee\"", "learn.disagreement"),
        ("accuracy = 1e-9", "acuracy = 1", "learn.acuracy"),
    ])
    func wrongTablesAreRefused(_ old: String, _ new: String, _ key: String) {
        let error = #expect(throws: RecipeError.self) { try recipe([old: new]) }
        #expect(error?.key == key, "\(error?.description ?? "")")
    }

    @Test func costsAreTold() throws {
        let cost = try CostEstimate(recipe(), threads: 1)
        #expect(cost.stages.map(\.stage) == ["generate", "learn", "simulate", "compare", "analyze", "report"])
        #expect(cost.stages.allSatisfy { $0.seconds > 0 && $0.seconds.isFinite && $0.bytes > 0 })
        #expect(try Recipe(recipe().resolvedTOML) == recipe())
    }

    @Test func selectionKeepsItsDistance() {
        // Two trajectories of ten frames; the disagreement falls off from frame 0 of each.
        let frames = (0..<20).map { index -> FrameSelection.Frame in
            let (trajectory, step) = (index / 10, index % 10)
            let disagreement = 10.5 - Double(step) - 0.5 * Double(trajectory)
            return FrameSelection.Frame(
                trajectory: trajectory, step: step, disagreement: disagreement, largestDisagreement: 20)
        }
        let selection = FrameSelection(frames, picked: 3, audits: 2)
        #expect(selection.frames.indices.filter { selection.frames[$0].purpose == .audit } == [5, 15])
        // At least three frames apart in one trajectory.
        #expect(selection.frames.indices.filter { selection.frames[$0].purpose == .picked } == [0, 3, 10])
        // With nothing left at that distance, nearer ones are taken.
        let many = FrameSelection(frames, picked: 17, audits: 2)
        #expect(many.chosen.count == 19 && many.frames.count { $0.purpose == .picked } == 17)
        #expect(FrameSelection(Array(frames.prefix(1)), picked: 3, audits: 2).chosen == [0])
    }
}
