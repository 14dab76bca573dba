import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Testing

/// Every key of every table, changed under unfinished work of every stage that depends on it.
@Suite struct ForcedKeyTests {
    /// A recipe whose keys are changed, one after the other.
    struct Base: CustomTestStringConvertible, Sendable {
        let name: String
        let changes: [(String, String)]
        /// Stages that are begun with it.
        let stages: [BegunStage]
        /// The keys that are changed; those of its networks have the family before the key.
        let keys: [String]

        var testDescription: String { name }

        func recipe() throws -> Recipe {
            let text = changes.reduce(StageRun.recipeText) { text, change in
                #expect(text.contains(change.0))
                return text.replacing(change.0, with: change.1)
            }
            return try Recipe(text, file: suppliedRecipe("small"))
        }
    }

    private static let learnTable = """
        [learn]
        size = [8, 6]
        trajectories = 2
        steps = 6
        interval = 2
        rounds = 2
        configurations = 2
        audits = 2
        accuracy = 1e-9
        [coarsening]
        sizes = [[6, 4], [4, 4]]
        fit_window = [0.6, 1.8]
        [simulate]

        """

    private static func solver(_ name: String, _ options: String = "") -> [(String, String)] {
        [
            ("[generate]\n", "[generate]\nsolver = \"\(name)\"\n"),
            ("[simulate]\n", options + "[simulate]\nforce_field = \"\(name)\"\n"),
        ]
    }

    static let bases = [
        Base(
            name: "data and dynamics", changes: solver("exact-diagonalization"), stages: [.generate, .simulate],
            keys: ChangedKeys.keys("seed", "lattice", "model", "dynamics", "generate", "simulate", "compare")
                .filter { !["simulate.tiling", "model.onsite"].contains($0) }),
        // A file is for lattices of its size.
        Base(
            name: "energies of sites", changes: solver("exact-diagonalization") + [("size = [6, 4]", "size = [6, 6]")],
            stages: [.generate, .simulate], keys: ["model.onsite", "model.onsite_sha256", "model.onsite_disorder"]),
        Base(
            name: "several electrons",
            changes: [("trajectories = 4", "trajectories = 4\ncouplings = [3.5, 3.0]")], stages: [.generate],
            keys: ["model.coupling", "model.temperature", "generate.couplings"]),
        Base(
            name: "learned force", changes: [], stages: [.train, .simulate],
            keys: ChangedKeys.keys("seed", "model", "training", "network.equivariant-fully-connected", "simulate.precision")
                // Without a committee this network has no estimate of its error, and five epochs are too few for the default of
                // `sparsity_epoch`.
                .filter { !["training.uncertainty", "training.sparsity", "model.onsite"].contains($0) }),
        Base(
            name: "plateaus and a finish",
            changes: [("epochs = 5", "epochs = 5\nschedule = \"reduce-on-plateau\"\nfinish_epochs = 2\ncommittee = 2")],
            stages: [.train],
            keys: [
                "training.plateau_factor", "training.plateau_patience", "training.epochs", "training.finish_epochs",
                "training.committee", "training.early_stopping_patience",
            ]),
        Base(
            name: "couplings removed", changes: [("epochs = 5", "epochs = 5\nsparsity = 0.5\nsparsity_epoch = 2")],
            stages: [.train],
            keys: ["training.sparsity", "training.sparsity_epoch"]),
        Base(
            name: "learned ends",
            changes: [
                (StageRun.network, StageRun.learnedEnds),
                ("batch_size = 100\nwarmup_steps = 2\n", ""),
            ], stages: [.train],
            keys: ChangedKeys.keys(
                "network.greens-function", "training.optimizer", "training.ridge", "training.initial_damping", "training.epochs",
                "training.learning_rate", "training.uncertainty")),
        Base(
            name: "learned blocks",
            changes: [
                (StageRun.network, StageRun.learnedEnds.replacing("core = 1", with: "core = 2")),
                ("batch_size = 100\nwarmup_steps = 2\n", ""),
            ], stages: [.train, .simulate], keys: ["simulate.tiling"]),
        Base(
            name: "convolution",
            changes: [
                (StageRun.network, "name = \"convolution\"\nchannels = [2]\nsymmetry = \"none\""), ("batch_size = 100\n", ""),
            ], stages: [.train],
            keys: ChangedKeys.keys("network.convolution")),
        Base(
            name: "learning", changes: [("[simulate]\n", learnTable), ("epochs = 5", "epochs = 2\ncommittee = 2")],
            stages: [.learn],
            keys: ChangedKeys.keys("lattice.size", "model.coupling", "learn", "training.epochs", "simulate.precision")),
        Base(
            name: "an ensemble's table", changes: [("[simulate]\n", learnTable), ("epochs = 5", "epochs = 2\ncommittee = 2")],
            stages: [.generate], keys: ChangedKeys.keys("coarsening")),
        Base(
            name: "selected inversion", changes: solver("selected-inversion"), stages: [.generate, .simulate],
            keys: ChangedKeys.keys("selected_inversion")),
        Base(
            name: "local diagonalization", changes: solver("local-diagonalization"), stages: [.generate, .simulate],
            keys: ChangedKeys.keys("local_diagonalization").filter { $0 != "local_diagonalization.tiling" }),
        Base(
            name: "blocks", changes: solver("local-diagonalization", "[local_diagonalization]\ncore = 2\n"),
            stages: [.generate, .simulate], keys: ["local_diagonalization.tiling"]),
        Base(
            name: "conservative local diagonalization", changes: solver("conservative-local-diagonalization"),
            stages: [.generate, .simulate], keys: ChangedKeys.keys("conservative_local_diagonalization")),
    ]

    private static func run(_ stage: BegunStage, _ context: StageContext) throws -> StageSummary {
        switch stage {
        case .generate: try Stages.generate(context)
        case .train: try Stages.train(context)
        case .learn: try Stages.learn(context)
        case .simulate: try Stages.simulate(context)
        }
    }

    /// Unfinished work of a stage.
    private func begun(_ stage: BegunStage, _ recipe: Recipe) throws -> StageRun {
        let run = StageRun()
        if stage != .generate, !(stage == .simulate && recipe.simulate.forceField != .model) {
            _ = try Stages.generate(run.context(recipe))
        }
        if stage == .simulate, recipe.simulate.forceField == .model { _ = try Stages.train(run.context(recipe)) }
        let sign =
            switch stage {
            case .generate: run.directory.datasetParts + "/trajectory-9.safetensors"
            case .train: run.directory.trainingCheckpoint
            case .learn: run.directory.rounds + "/01/training.checkpoint"
            case .simulate: run.directory.simulationCheckpoint
            }
        var looks = stage == .train ? 2 : 10
        repeat {
            #expect(throws: WorkflowInterrupted.self) {
                try Self.run(stage, run.context(recipe, interruption: .after(looks: looks)))
            }
            looks += 2
        } while !run.directory.exists(sign) && looks < 100
        #expect(run.directory.exists(sign))
        return run
    }

    @Test func noKeyIsLeftOut() {
        let walked = Set(Self.bases.flatMap(\.keys))
        #expect(Recipe.keyNames().filter { !walked.contains($0) && !$0.hasPrefix("learn.") } == [])
    }

    @Test(arguments: bases) func everyKeyIsRefusedOrCarriedOver(_ base: Base) throws {
        let recipe = try base.recipe()
        var tried: [String: Int] = [:]
        for stage in base.stages {
            let begun = try begun(stage, recipe)
            for key in base.keys {
                guard let changed = try ChangedKeys.changed(recipe, key) else { continue }
                let effect = changed.effect(ofChangeFrom: recipe, on: stage)
                tried["\(effect)".prefix { $0 != "(" }.description, default: 0] += 1
                // Tables of other stages are not looked at.
                if effect == .nothing,
                    !["seed", "lattice", "model", "dynamics", stage.rawValue].contains(where: { key.hasPrefix($0) })
                {
                    continue
                }
                try tryOut(key, stage, effect, changed, StageRun(copying: begun))
            }
        }
        #expect(tried["fixed", default: 0] + tried["onward", default: 0] + tried["nothing", default: 0] > 0)
    }

    private func tryOut(
        _ key: String, _ stage: BegunStage, _ effect: RecipeKeyEffect, _ changed: Recipe, _ run: StageRun
    ) throws {
        let comment = Comment(rawValue: "\(key), \(stage.rawValue)")
        func manifest() throws -> String {
            guard run.directory.exists(run.directory.manifest) else { return "" }
            return String(decoding: try run.bytes(run.directory.manifest), as: UTF8.self)
        }
        switch effect {
        case .nothing:
            #expect(try Self.run(stage, run.context(changed, forcesResume: true)).ran, comment)
            #expect(try !manifest().contains("forced_resumes"), comment)
        case .extent:
            do {
                #expect(try Self.run(stage, run.context(changed, forcesResume: true)).ran, comment)
            } catch is StageError {}
            #expect(try !manifest().contains("forced_resumes"), comment)
        case .onward:
            #expect(throws: (any Error).self, comment) { try Self.run(stage, run.context(changed)) }
            #expect(try !manifest().contains("forced_resumes"), comment)
            do {
                #expect(try Self.run(stage, run.context(changed, forcesResume: true)).ran, comment)
            } catch let error as ForceEvaluationError {
                // The model of the run knows no such electrons.
                #expect(stage == .simulate && error.description.contains("recipe's"), comment)
                return
            } catch let error as StageError where stage == .simulate {
                // Nor can what the model was trained on be forced to belong to them.
                #expect(error.description.contains("dataset.h5: was made by another recipe"), comment)
                #expect(try !manifest().contains("forced_resumes"), comment)
                return
            }
            #expect(try manifest().contains("forced_resumes"), comment)
            // It is now work of the recipe that it was gone on with.
            #expect(try !Self.run(stage, run.context(changed)).ran, comment)
            try expectTruth(stage, changed, run, comment)
        case .fixed:
            let before = try run.names()
            // Some values are none for the network in any case.
            let error = #expect(throws: (any Error).self, comment) {
                try Self.run(stage, run.context(changed, forcesResume: true))
            }
            let name = key.split(separator: ".").last!
            #expect(error is StageError || error is RecipeError, comment)
            #expect(error.map { "\($0)".contains(name) } == true, comment)
            #expect(try run.names() == before, comment)
            #expect(try !manifest().contains("forced_resumes"), comment)
        }
    }

    /// What the files say of what was made before and after the change.
    private func expectTruth(_ stage: BegunStage, _ recipe: Recipe, _ run: StageRun, _ comment: Comment) throws {
        switch stage {
        case .generate:
            let dataset = try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell)
            #expect(dataset.earlierRecipes.count == 1 && dataset.trajectories.contains { $0.earlierRecipe == 0 }, comment)
            #expect(dataset.recipe == recipe.resolvedTOML, comment)
            #expect(try dataset.contradictions(file: suppliedRecipe("small")) == [], comment)
        case .simulate:
            let file = try TrajectoryFile.open(run.directory.trajectory, lattice: recipe.lattice.geometry)
            #expect(file.isMerged && file.pastPieces.count == 1 && file.recipe == recipe.resolvedTOML, comment)
            #expect(try file.contradictions(file: suppliedRecipe("small")) == [], comment)
        case .train: #expect(try ModelFile.read(run.directory.model).recipe == recipe.resolvedTOML, comment)
        case .learn: #expect(try LearningTable.read(run.directory.learningTable).map(\.round) == [1, 2], comment)
        }
    }
}
