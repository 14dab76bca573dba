import Foundation
import Testing
import Workflows

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

    private static func keys(_ tables: String...) -> [String] {
        Recipe.keyNames.filter { key in tables.contains { key == $0 || key.hasPrefix($0 + ".") } }
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
            keys: keys("seed", "lattice", "model", "dynamics", "generate", "simulate", "compare")),
        Base(
            name: "several electrons",
            changes: [("trajectories = 4", "trajectories = 4\ncouplings = [3.5, 3.0]")], stages: [.generate],
            keys: ["model.coupling", "model.temperature", "generate.couplings"]),
        Base(
            name: "learned force", changes: [], stages: [.train, .simulate],
            keys: keys("seed", "model", "training", "network.equivariant-fully-connected", "simulate.precision")),
        Base(
            name: "plateaus and a finish",
            changes: [("epochs = 5", "epochs = 5\nschedule = \"reduce-on-plateau\"\nfinish_epochs = 2\ncommittee = 2")],
            stages: [.train],
            keys: [
                "training.plateau_factor", "training.plateau_patience", "training.epochs", "training.finish_epochs",
                "training.committee", "training.early_stopping_patience",
            ]),
        Base(
            name: "learned ends",
            changes: [
                (
                    "radius_squared = 2\nwidths = [3]",
                    "name = \"greens-function\"\ncore = 1\nradius = 1\nlevels = 1\nend_path = 1"
                ),
                ("batch_size = 100\nwarmup_steps = 2\n", ""),
            ], stages: [.train],
            keys: keys(
                "network.greens-function", "training.optimizer", "training.ridge", "training.initial_damping", "training.epochs",
                "training.learning_rate")),
        Base(
            name: "convolution",
            changes: [
                ("radius_squared = 2\nwidths = [3]", "name = \"convolution\"\nchannels = [2]"), ("batch_size = 100\n", ""),
            ], stages: [.train],
            keys: keys("network.convolution")),
        Base(
            name: "learning", changes: [("[simulate]\n", learnTable), ("epochs = 5", "epochs = 2\ncommittee = 2")],
            stages: [.learn], keys: keys("lattice.size", "model.coupling", "learn", "training.epochs", "simulate.precision")),
        Base(
            name: "an ensemble's table", changes: [("[simulate]\n", learnTable), ("epochs = 5", "epochs = 2\ncommittee = 2")],
            stages: [.generate], keys: keys("coarsening")),
        Base(
            name: "selected inversion", changes: solver("selected-inversion"), stages: [.generate, .simulate],
            keys: keys("selected_inversion")),
        Base(
            name: "local diagonalization", changes: solver("local-diagonalization"), stages: [.generate, .simulate],
            keys: keys("local_diagonalization")),
        Base(
            name: "conservative local diagonalization", changes: solver("conservative-local-diagonalization"),
            stages: [.generate, .simulate], keys: keys("conservative_local_diagonalization")),
    ]

    private static let triangular = temporaryFile(
        "triangular.toml",
        """
        name = "triangular"
        primitive_vectors = [[1.0, 0.0], [0.5, 0.8660254037844386]]
        basis = [[0.0, 0.0]]
        [[bonds]]
        cell = [1, 0]
        [[bonds]]
        cell = [0, 1]
        [[bonds]]
        cell = [1, -1]

        """)

    /// Lines of the table that replace those that it has of these keys, where a number or a flag does not speak for itself.
    private static let others: [String: String] = [
        "lattice.file": "file = \"\(triangular)\"", "lattice.size": "size = [4, 9]",
        "lattice.periodic": "periodic = [true, false]",
        "model.name": "", "model.filling": "-chemical_potential\nfilling = 0.45",
        "dynamics.integrator": "integrator = \"langevin-velocity-verlet\"",
        "generate.solver": "solver = \"exact-diagonalization\"|solver = \"selected-inversion\"",
        "generate.snapshot_spacing": "snapshot_spacing = \"early\"",
        "generate.temperatures": "temperatures = [0.1, 0.2]", "generate.chemical_potentials": "chemical_potentials = [0.1]",
        "generate.validation_trajectories": "validation_trajectories = 2", "generate.test_trajectories": "test_trajectories = 2",
        "generate.trajectories": "trajectories = 5", "generate.snapshot_interval": "snapshot_interval = 2",
        "training.optimizer": "optimizer = \"adam\"|optimizer = \"levenberg-marquardt\"",
        "training.batch": "batch = \"configurations\"",
        "training.precision": "precision = \"float64\"",
        "training.schedule": "schedule = \"cosine\"|schedule = \"reduce-on-plateau\"",
        // Another family has other keys.
        "network.equivariant-fully-connected.name": "", "network.greens-function.name": "", "network.convolution.name": "",
        "network.equivariant-fully-connected.activation": "activation = \"published\"",
        "network.equivariant-fully-connected.encoding_scales": "encoding_scales = [1.0]",
        "network.equivariant-fully-connected.widths": "widths = [2]",
        "network.greens-function.nodes": "nodes = [0.3, 1.0]", "network.greens-function.core": "core = 3",
        "network.convolution.symmetry": "symmetry = \"mirrors\"", "network.convolution.fields": "fields = \"scalar\"",
        "network.convolution.channels": "channels = [3]", "network.convolution.encoding_scales": "encoding_scales = [0.1, 0.4]",
        "network.convolution.pair_scales": "pair_scales = [1.0]", "network.convolution.head": "head = \"conservative\"",
        "network.convolution.conditions": "conditions = [\"coupling\"]",
        "network.convolution.baseline_core": "baseline_core = 1", "network.convolution.baseline_radius": "baseline_radius = 1",
        "network.convolution.baseline_levels": "baseline_levels = 2",
        "network.convolution.baseline_poles": "baseline_poles = 8",
        "network.convolution.baseline_greens_functions": "baseline_greens_functions = 1",
        "learn.size": "size = [6, 8]", "learn.disagreement": "disagreement = \"local-diagonalization\"",
        "learn.solver": "solver = \"exact-diagonalization\"", "learn.interval": "interval = 3",
        "simulate.size": "size = [4, 6]", "simulate.force_field": "force_field = \"selected-inversion\"",
        "simulate.precision": "precision = \"float64\"",
        "simulate.frame_fields": "frame_fields = [\"displacement\", \"force\"]",
        "simulate.audit_solver": "audit_solver = \"exact-diagonalization\"", "simulate.audit_action": "audit_action = \"warn\"",
        "compare.solver": "solver = \"exact-diagonalization\"|solver = \"selected-inversion\"",
        "compare.twin_size": "twin_size = [6, 4]",
        "coarsening.sizes": "sizes = [[6, 4]]", "coarsening.quenches": "quenches = [2]",
        "coarsening.fit_window": "fit_window = [0.6, 1.2]",
        "local_diagonalization.core": "core = 3", "local_diagonalization.poles": "-pole_tolerance\npoles = 8",
        "local_diagonalization.precision": "precision = \"single\"|precision = \"double\"",
        "local_diagonalization.accuracy": "",
        "conservative_local_diagonalization.poles": "-pole_tolerance\npoles = 8",
        "conservative_local_diagonalization.precision": "precision = \"single\"|precision = \"double\"",
    ]

    /// The recipe with another value of a key; nil for a key that can have no other.
    private static func changed(_ base: Recipe, _ key: String) throws -> Recipe? {
        var parts = key.split(separator: ".").map(String.init)
        if parts.count == 3 { parts.remove(at: 1) }
        var table = ""
        var lines = base.resolvedTOML.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let (section, name) = parts.count == 2 ? (parts[0], parts[1]) : ("", parts[0])
        func isKey(_ line: String, _ name: String) -> Bool { line.hasPrefix(name + " = ") }
        func replacing(_ replacements: [String], _ names: [String]) -> String {
            table = ""
            var result: [String] = []
            for line in lines {
                if line.hasPrefix("[") { table = String(line.dropFirst().dropLast()) }
                if table == section, names.contains(where: { isKey(line, $0) }) { continue }
                result.append(line)
                if line == "[\(section)]" { result += replacements }
            }
            return section.isEmpty ? (replacements + result).joined(separator: "\n") : result.joined(separator: "\n")
        }
        if !section.isEmpty, !lines.contains("[\(section)]") { lines += ["", "[\(section)]"] }
        var candidates: [String] = []
        var gone = [name]
        if let given = others[key] {
            if given.isEmpty { return nil }
            let texts = given.split(separator: "\n").map(String.init)
            gone += texts.filter { $0.hasPrefix("-") }.map { String($0.dropFirst()) }
            candidates = texts.filter { !$0.hasPrefix("-") }.flatMap { $0.split(separator: "|").map(String.init) }
        } else {
            var table = ""
            for line in lines {
                if line.hasPrefix("[") { table = String(line.dropFirst().dropLast()) }
                guard table == section, isKey(line, name) else { continue }
                let value = String(line.dropFirst(name.count + 3))
                if let number = Int(value) {
                    candidates = [number + 1, number + 2, number - 1, 2].map { "\(name) = \($0)" }
                } else if let number = Double(value) {
                    candidates = [number * 0.75, number * 1.25, number + 0.25].map { "\(name) = \($0)" }
                } else if value == "true" || value == "false" {
                    candidates = ["\(name) = \(value == "false")"]
                }
            }
            // A list that is empty, or a key that is not written.
            candidates += ["\(name) = 2", "\(name) = [3.0, 2.5]"]
        }
        for candidate in candidates {
            guard let recipe = try? Recipe(replacing([candidate], gone), file: suppliedRecipe("small")),
                recipe.resolvedTOML != base.resolvedTOML
            else { continue }
            return recipe
        }
        throw NoOtherValue(key: key)
    }

    /// A key of which the test knows no other value; ``others`` needs one.
    private struct NoOtherValue: Error { let key: String }

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
        #expect(Recipe.keyNames.filter { !walked.contains($0) && !$0.hasPrefix("learn.") } == [])
    }

    @Test(arguments: bases) func everyKeyIsRefusedOrCarriedOver(_ base: Base) throws {
        let recipe = try base.recipe()
        var tried: [String: Int] = [:]
        for stage in base.stages {
            let begun = try begun(stage, recipe)
            for key in base.keys {
                guard let changed = try Self.changed(recipe, key) else { continue }
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
