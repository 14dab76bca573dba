import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Nothing that another recipe made, or that was made from other files, is gone on with, kept or shown.
@Suite struct ProvenanceTests {
    typealias Stage = (StageContext) throws -> StageSummary

    /// A run with everything but a report.
    ///
    /// - Parameter other: whose data it takes; their file names the recipe that made them, and models name the file.
    private func finished(_ recipe: Recipe? = nil, dataOf other: StageRun? = nil) throws -> StageRun {
        let run = StageRun()
        if let other {
            try run.directory.create()
            try run.put(other.bytes(other.directory.dataset), run.directory.dataset)
        }
        for stage in [Stages.generate, Stages.train, Stages.simulate, Stages.compare, Stages.analyze] {
            _ = try stage(run.context(recipe))
        }
        return run
    }

    private func refusal(_ stage: Stage, _ run: StageRun, _ recipe: Recipe? = nil) throws -> String? {
        do {
            _ = try stage(run.context(recipe))
            return nil
        } catch let error where error is StageError || error is ForceEvaluationError { return "\(error)" }
    }

    private func expectRefusal(
        _ stage: Stage, _ run: StageRun, _ recipe: Recipe? = nil, _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let text = try refusal(stage, run, recipe) ?? "done"
        for part in parts { #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation) }
    }

    // MARK: Every key, every stage

    /// The recipe with another value of one key after the other, as far as the run is possible with it. Stages name keys without the
    /// family of the network.
    private static func changedRecipes() throws -> [(key: String, recipe: Recipe)] {
        let (recipe, family) = (try StageRun.recipe(), "network.equivariant-fully-connected")
        return try ChangedKeys.keys("seed", "lattice", "model", "dynamics", "generate", family, "training", "simulate", "compare")
            // For networks of blocks alone, for those that have an estimate of their error, and for more epochs than this training has.
            .filter { !["simulate.tiling", "training.uncertainty", "training.sparsity"].contains($0) }
            .compactMap { key in
                try ChangedKeys.changed(recipe, key).map { (key.replacing(family, with: "network"), $0) }
            }.filter { $0.recipe.obstacles(to: StageName.all(of: $0.recipe)).isEmpty }
    }

    @Test func everyKeyIsNoticedByEveryStage() throws {
        let (run, recipe) = (try finished(), try StageRun.recipe())
        let changes = try Self.changedRecipes()
        #expect(changes.count > 50, "\(changes.map(\.key))")
        let files = try run.names().map { ($0, try run.bytes(run.directory.file($0))) }
        var (refused, idle) = (0, 0)
        for (key, changed) in changes {
            let effects = [BegunStage.generate, .train, .simulate].map { changed.effect(ofChangeFrom: recipe, on: $0) }
            // More of it would be done.
            if effects.contains(.extent) { continue }
            let stale = effects.map { $0 != .nothing }
            for (k, stage) in [Stages.generate, Stages.train, Stages.simulate].enumerated() {
                let text = try refusal(stage, run, changed)
                guard stale[...k].contains(true) else {
                    #expect(text == nil, "\(key): \(text ?? "")")
                    idle += 1
                    continue
                }
                #expect(text?.contains(key) == true && text?.contains("`adiabat ") == true, "\(key): \(text ?? "done")")
                refused += 1
            }
            guard stale.contains(true) || key.hasPrefix("compare.") else { continue }
            for stage in key.hasPrefix("compare.") ? [Stages.report] : [Stages.analyze, Stages.report] {
                let text = try refusal(stage, run, changed)
                #expect(text?.contains(key) == true && text?.contains("`adiabat ") == true, "\(key): \(text ?? "done")")
            }
        }
        #expect(refused > 60 && idle > 40, "\(refused), \(idle)")
        // A refusal changes nothing, and neither does what is complete.
        for (name, bytes) in files {
            let same = try run.bytes(run.directory.file(name)) == bytes
            #expect(same, "\(name)")
        }
        #expect(try run.names() == files.map(\.0))
    }

    /// What is looked at again is made anew where that costs no long run, and the summary says why.
    @Test func comparisonsAndAnalysesAreMadeAnew() throws {
        let run = try finished()
        #expect(try !Stages.compare(run.context()).ran)
        let other = try StageRun.recipe(["twin_steps = 6": "twin_steps = 8"])
        try expectRefusal(Stages.report, run, other, "comparison.json", "compare.twin_steps: 6 → 8", "`adiabat compare RECIPE`")
        let summary = try Stages.compare(run.context(other))
        #expect(summary.ran && summary.facts.last?.value.contains("compare.twin_steps: 6 → 8") == true)
        _ = try Stages.report(run.context(other))
        // The manifest and the recipe of the folder are of one recipe.
        let manifest = try FileInspection(contentsOf: run.directory.manifest).attributes
        #expect(try Recipe(contentsOf: run.directory.recipe).fingerprint() == other.fingerprint())
        #expect(manifest["recipeDigest"] ?? manifest["recipe_digest"] == other.fingerprint())
        // An interrupted stage of another recipe names it in both, too.
        let third = try StageRun.recipe(["twin_steps = 6": "twin_steps = 8", "steps = 20": "steps = 40"])
        #expect(throws: WorkflowInterrupted.self) { try Stages.simulate(run.context(third, interruption: .after(looks: 2))) }
        let after = try FileInspection(contentsOf: run.directory.manifest).attributes
        #expect(after["recipeDigest"] ?? after["recipe_digest"] == third.fingerprint())
        #expect(try Recipe(contentsOf: run.directory.recipe).fingerprint() == third.fingerprint())
    }

    // MARK: Files that are others now

    @Test func longerSimulationsMakeTheAnalysisOld() throws {
        let run = try finished()
        let longer = try StageRun.recipe(["steps = 20": "steps = 30"])
        for stage in [Stages.analyze, Stages.report] {
            try expectRefusal(stage, run, longer, "simulate.steps: 20 → 30", "`adiabat simulate RECIPE` goes on")
        }
        #expect(try Stages.simulate(run.context(longer)).ran)
        try expectRefusal(
            Stages.report, run, longer, "analysis.json", "`adiabat analyze RECIPE` makes it anew")
        #expect(try RunVerification(run.directory).files.contains { $0.name == "analysis.json" && $0.outcome == .outdated })
        _ = try Stages.analyze(run.context(longer))
        // The comparison depends on none of it.
        #expect(try !Stages.compare(run.context(longer)).ran)
        _ = try Stages.report(run.context(longer))
        #expect(try RunVerification(run.directory).isIntact)
    }

    @Test func anotherModelMakesItsResultsOld() throws {
        let (run, other) = (try finished(), StageRun())
        for stage in [Stages.generate, Stages.train] {
            _ = try stage(other.context(StageRun.recipe(["warmup_steps = 2": "warmup_steps = 3"])))
        }
        try run.put(other.bytes(other.directory.model), run.directory.model)
        for stage in [Stages.simulate, Stages.analyze] {
            try expectRefusal(stage, run, nil, "trajectory.h5", "another", "--redo simulate")
        }
        try expectRefusal(Stages.report, run, nil, "was made from another model.safetensors", "--redo simulate")
        try expectRefusal(Stages.train, run, nil, "training.warmup_steps: 3 → 2")
        #expect(try Stages.compare(run.context()).facts.last?.value.contains("another model.safetensors") == true)
        // It is not the model of this folder, and is not removed.
        let refused = #expect(throws: StageError.self) { try Stages.redo(.train, run.context()) }
        #expect(refused?.description.contains("move it away") == true)
        #expect(try run.bytes(run.directory.model) == other.bytes(other.directory.model))
    }

    @Test func otherDataMakeTheModelOld() throws {
        let (run, other) = (try finished(), StageRun())
        // The same numbers, in a file that names another title, are the same data.
        _ = try Stages.generate(other.context(StageRun.recipe(["\"Small\"": "\"Other\""])))
        try run.put(other.bytes(other.directory.dataset), run.directory.dataset)
        #expect(try !Stages.train(run.context()).ran)
        let file = try HDF5File.open(run.directory.dataset, .readWrite)
        try file.writeRow("potential", index: 0, [1.5])
        try file.seal("potential")
        try file.close()
        for stage in [Stages.train, Stages.simulate, Stages.compare, Stages.analyze, Stages.report] {
            try expectRefusal(stage, run, nil, "model.safetensors", "was made from another dataset.h5", "--redo train")
        }
    }

    @Test func changedLatticeFilesAreNoticed() throws {
        func text(_ height: Double) -> String {
            """
            name = "oblique"
            primitive_vectors = [[1.0, 0.0], [0.0, \(height)]]
            basis = [[0.0, 0.0]]
            bonds = [{ from = 0, to = 0, cell = [1, 0] }, { from = 0, to = 0, cell = [0, 1] }]

            """
        }
        let file = temporaryFile("changing.toml", text(1.1))
        func recipe() throws -> Recipe { try StageRun.recipe(["\"square\"": "\"\(file)\"", "epochs = 5": "epochs = 1"]) }
        let run = StageRun()
        for stage in [Stages.generate, Stages.train] { _ = try stage(run.context(recipe())) }
        try text(1.2).write(toFile: file, atomically: true, encoding: .utf8)
        for stage in [Stages.generate, Stages.train] { try expectRefusal(stage, run, recipe(), "lattice.file: the contents of") }
    }

    // MARK: Files from elsewhere

    @Test func modelsFromElsewhereAskForNoLearningCurve() throws {
        let own = StageRun()
        for stage in [Stages.generate, Stages.train] { _ = try stage(own.context()) }
        let run = try StageRun(modelOf: own)
        let recipe = try StageRun.recipe(["steps = 20": "steps = 12"])
        let summaries = try Stages.run(run.context(recipe))
        #expect(summaries[1].stage == "train" && !summaries[1].ran && summaries[1].outputs == [run.directory.model])
        let page = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        let isSilent = !page.contains("learning-curve")
        #expect(isSilent)
        #expect(try Stages.run(run.context(recipe)).allSatisfy { !$0.ran || ["analyze", "report"].contains($0.stage) })
        // A curve that lies there is not taken for that of the model.
        try "epoch,step,learning_rate,loss,validation_rmse,validation_mae\n1,1,0.1,0.1,0.1,0.1\n"
            .write(toFile: run.directory.trainingCurve, atomically: true, encoding: .utf8)
        _ = try Stages.report(run.context(recipe))
        let warned = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        let isLeftOut =
            warned.contains("training.csv is not that of the model") && !warned.contains("<figure id=\"learning-curve")
        #expect(isLeftOut)
        // The model may have been trained in any way, if only this stage needs it.
        let alone = try StageRun(modelOf: own)
        #expect(try Stages.simulate(alone.context(StageRun.recipe(["epochs = 5": "epochs = 9", "seed = 7": "seed = 8"]))).ran)
    }

    @Test func resultsFromElsewhereAreNotShown() throws {
        let (run, other) = (try finished(), try finished(StageRun.recipe(["coupling = 3.5": "coupling = 3"])))
        for (file, stage) in [(\RunDirectory.analysis, "analyze"), (\.comparison, "compare")] {
            let own = try run.bytes(run.directory[keyPath: file])
            try run.put(other.bytes(other.directory[keyPath: file]), run.directory[keyPath: file])
            try expectRefusal(
                Stages.report, run, nil, "is not known to be what `adiabat \(stage)` wrote", "`adiabat \(stage) RECIPE`")
            try run.put(own, run.directory[keyPath: file])
        }
        try run.put(other.bytes(other.directory.trajectory), run.directory.trajectory)
        for stage in [Stages.simulate, Stages.analyze, Stages.report] {
            try expectRefusal(stage, run, nil, "model.coupling: 3.0 → 3.5")
        }
    }

    /// Earlier versions did not record what results were made from.
    @Test func foldersOfEarlierVersionsAreReadAsFarAsTheyTell() throws {
        let run = try finished()
        var manifest = try #require(
            JSONSerialization.jsonObject(with: Data(run.bytes(run.directory.manifest))) as? [String: Any])
        manifest["recipes"] = nil
        manifest["sha256"] = nil
        manifest["stages"] = (manifest["stages"] as? [String: [String: Any]])?.mapValues { stage in
            stage.filter { !["recipe", "inputs"].contains($0.key) }
        }
        let text = try JSONSerialization.data(withJSONObject: manifest, options: [.prettyPrinted, .sortedKeys])
        try JSONFile.sealed(text).write(to: URL(fileURLWithPath: run.directory.manifest))
        for stage in [Stages.generate, Stages.train, Stages.simulate] { #expect(try !stage(run.context()).ran) }
        try expectRefusal(Stages.report, run, nil, "is of an earlier version of this program", "`adiabat compare RECIPE`")
        #expect(try Stages.compare(run.context()).ran)
        try expectRefusal(Stages.report, run, nil, "`adiabat analyze RECIPE`")
        let changed = try StageRun.recipe(["coupling = 3.5": "coupling = 3"])
        try expectRefusal(Stages.analyze, run, changed, "model.coupling: 3.5 → 3.0")
    }

    // MARK: Doing it again

    @Test func aStageAndWhatFollowsIsDoneAgain() throws {
        let (changed, run) = (try StageRun.recipe(["warmup_steps = 2": "warmup_steps = 3"]), try finished())
        let whole = try finished(changed, dataOf: run)
        let data = try FileManager.default.attributesOfItem(atPath: run.directory.dataset)[.modificationDate] as? Date
        try expectRefusal(
            { try Stages.run($0)[0] }, run, changed, "training.warmup_steps: 2 → 3", "`adiabat run RECIPE --redo train`")
        let removed = try Stages.discarded(by: .train, through: .report, run.context(changed))
        #expect(Set(removed).isSuperset(of: [run.directory.model, run.directory.trajectory, run.directory.comparison]))
        #expect(!removed.contains(run.directory.dataset) && run.directory.exists(run.directory.model))
        #expect(try Stages.run(run.context(changed), redo: .train).map(\.ran) == [false, true, true, true, true, true])
        for file in [\RunDirectory.dataset, \.model, \.trainingCurve, \.trajectory, \.analysis] {
            let same = try run.bytes(run.directory[keyPath: file]) == whole.bytes(whole.directory[keyPath: file])
            #expect(same, "\(run.directory[keyPath: file])")
        }
        #expect(try FileManager.default.attributesOfItem(atPath: run.directory.dataset)[.modificationDate] as? Date == data)
        // One stage alone: its results go, and what is made of them; what does not depend on them stays.
        let coarser = try StageRun.recipe(["warmup_steps = 2": "warmup_steps = 3", "frame_interval = 6": "frame_interval = 4"])
        try expectRefusal(Stages.simulate, run, coarser, "simulate.frame_interval: 6 → 4", "--redo simulate")
        #expect(try Stages.redo(.simulate, run.context(coarser)).ran)
        #expect(!run.directory.exists(run.directory.analysis) && !run.directory.exists(run.directory.report))
        #expect(run.directory.exists(run.directory.comparison) && !run.directory.exists(run.directory.figures))
        #expect(try RunVerification(run.directory).isIntact)
    }

    @Test func inputsOfAnotherRecipeAreToBeDoneAgainFirst() throws {
        let run = try finished()
        let before = try StageRun(copying: run)
        let changed = try StageRun.recipe(["coupling = 3.5": "coupling = 3"])
        for stage in [StageName.train, .simulate, .compare, .analyze, .report] {
            try expectRefusal(
                { try Stages.redo(stage, $0) }, run, changed, "dataset.h5", "model.coupling: 3.5 → 3.0", "--redo generate")
            try expectRefusal({ try Stages.run($0, redo: stage)[0] }, run, changed, "dataset.h5", "--redo generate")
        }
        try run.expectSameFiles(as: before)
        #expect(try Stages.redo(.generate, run.context(changed)).ran)
        #expect(try run.names() == ["dataset.h5", "manifest.json", "recipe.toml"])
        // A lock that another has keeps everything.
        let lock = RunLock(run.directory)
        try lock.acquire { Issue.record("\($0)") }
        #expect(throws: StageError.self) { try Stages.redo(.generate, run.context(changed)) }
        lock.release()
        #expect(run.directory.exists(run.directory.dataset))
    }

    /// The same command is repeated until it is done, as after every interruption.
    @Test func whatIsDoneAgainGoesOnAfterAStop() throws {
        let run = try finished()
        let changed = try StageRun.recipe(["widths = [3]": "widths = [2]"])
        let whole = try finished(changed, dataOf: run)
        #expect(try run.runInPieces({ try Stages.run($0, redo: .train)[0] }, changed, looks: 20) > 1)
        for file in [\RunDirectory.model, \.trajectory, \.analysis] {
            let same = try run.bytes(run.directory[keyPath: file]) == whole.bytes(whole.directory[keyPath: file])
            #expect(same)
        }
        // It is over: asked for again, it begins again.
        #expect(throws: WorkflowInterrupted.self) {
            try Stages.run(run.context(changed, interruption: .after(looks: 2)), redo: .train)
        }
        #expect(!run.directory.exists(run.directory.model) && !run.directory.exists(run.directory.trajectory))
    }

    /// A kill may come between a stage's last file and its entry in the manifest: what the stage has left beside the file tells that
    /// it was made here, so that it may be removed.
    @Test func filesWithoutAnEntryAreKnownByWhatIsBesideThem() throws {
        let run = StageRun()
        let stages: [(Stage, StageName, KeyPath<RunDirectory, String>?)] = [
            (Stages.generate, .generate, nil), (Stages.train, .train, \.trainingCheckpoint),
            (Stages.simulate, .simulate, \.simulationCheckpoint),
        ]
        for (stage, name, trace) in stages {
            let hasManifest = run.directory.exists(run.directory.manifest)
            let manifest = hasManifest ? try run.bytes(run.directory.manifest) : []
            #expect(try stage(run.context()).ran)
            for isKnown in [true, false] {
                let killed = try StageRun(copying: run)
                if hasManifest {
                    try killed.put(manifest, killed.directory.manifest)
                } else {
                    try FileManager.default.removeItem(atPath: killed.directory.manifest)
                }
                if let trace, !isKnown {
                    try FileManager.default.removeItem(atPath: killed.directory[keyPath: trace])
                } else if trace == nil, isKnown {
                    try killed.directory.create(killed.directory.datasetParts)
                }
                #expect(try !stage(killed.context()).ran && !killed.directory.exists(killed.directory.datasetParts))
                guard isKnown else {
                    try expectRefusal({ try Stages.redo(name, $0) }, killed, nil, "move it away")
                    continue
                }
                #expect(try Stages.redo(name, killed.context()).ran)
                try killed.expectSameFiles(as: run)
            }
        }
    }

    /// A kill while files are removed: the next plain commands end with the files of an undisturbed run.
    @Test func aKillWhileFilesAreRemovedLosesNothing() throws {
        let whole = try finished()
        let paths = try Stages.discarded(by: .train, through: .report, whole.context())
        for count in paths.indices {
            let run = try StageRun(copying: whole)
            for path in paths[...count] {
                try FileManager.default.removeItem(
                    atPath: run.directory.file(String(path.dropFirst(whole.directory.path.count + 1))))
            }
            for stage in [Stages.generate, Stages.train, Stages.simulate, Stages.analyze] { _ = try stage(run.context()) }
            for file in [\RunDirectory.dataset, \.model, \.trainingCurve, \.trajectory, \.analysis] {
                let same = try run.bytes(run.directory[keyPath: file]) == whole.bytes(whole.directory[keyPath: file])
                #expect(
                    same || (file == \.trainingCurve && !run.directory.exists(run.directory.trainingCurve)), "\(count): \(file)")
            }
        }
    }
}
