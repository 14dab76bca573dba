import Electrons
import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Data of several temperatures, couplings and chemical potentials.
@Suite struct ConditionTests {
    private static let lists = "temperatures = [0.05, 0.2]\ncouplings = [1.5, 3.5]\nchemical_potentials = [0.0, 0.25]\n"

    private func dataset(_ changes: KeyValuePairs<String, String>, threads: Int = 1) throws -> (Dataset, Recipe, StageRun) {
        let run = StageRun()
        let recipe = try StageRun.recipe(changes)
        _ = try Stages.generate(run.context(recipe, threads: threads))
        return (try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell), recipe, run)
    }

    @Test func everyCombinationOccursEvenly() throws {
        let (dataset, recipe, run) = try dataset([
            "random_configurations = 8": "random_configurations = 20", "trajectories = 4": "trajectories = 20\n" + Self.lists,
            "steps = 9": "steps = 3",
        ])
        #expect(recipe.electrons.count == 8)
        for kind in Dataset.Kind.allCases {
            let counts = recipe.electrons.map { electrons in
                dataset.trajectories.count { $0.kind == kind && $0.electrons == electrons }
            }
            #expect(counts.min()! >= 2 && counts.max()! <= 3, "\(kind): \(counts)")
        }
        let training = dataset.trajectories(.training)
        #expect(
            recipe.electrons.allSatisfy { electrons in training.contains { $0.kind == .quench && $0.electrons == electrons } })
        // Each is solved with its own electrons.
        for trajectory in dataset.trajectories {
            let snapshot = trajectory.snapshots[0]
            let solution = try recipe.generate.solver.solver(trajectory.electrons).solution(at: snapshot.displacement)
            #expect(solution.density.values == snapshot.density.values && solution.force.values == snapshot.force.values)
        }
        let file = try HDF5File.open(run.directory.dataset)
        #expect(Set(try file.readDoubles("trajectories/temperature").values) == [0.05, 0.2])
        #expect(Set(try file.readDoubles("trajectories/coupling").values) == [1.5, 3.5])
        #expect(Set(try file.readDoubles("trajectories/chemical_potential").values) == [0, 0.25])
    }

    /// Nothing but the electrons' parameters decides: a list of the model's own value changes no number.
    @Test func listOfTheModelsOwnValueChangesNothing() throws {
        let (plain, _, _) = try dataset([:])
        let (listed, _, _) = try dataset(["steps = 9": "temperatures = [0.1]\ncouplings = [3.5]\nsteps = 9"], threads: 2)
        #expect(plain.trajectories == listed.trajectories)
        let (filled, recipe, _) = try dataset([
            "coupling = 3.5": "coupling = 3.5\nfilling = 0.4", "trajectories = 4": "trajectories = 4\ntemperatures = [0.1, 0.3]",
        ])
        #expect(Set(filled.trajectories.map(\.electrons.temperature)) == [0.1, 0.3])
        #expect(filled.trajectories.allSatisfy { $0.electrons.reservoir.particles == recipe.model.reservoir.particles })
    }

    @Test func earlySnapshotsAreDenserAtTheBeginning() throws {
        let (dataset, _, _) = try dataset(["snapshot_interval = 3": "snapshot_interval = 1\nsnapshot_spacing = \"early\""])
        let quenches = dataset.trajectories.filter { $0.kind == .quench }
        #expect(quenches.allSatisfy { $0.snapshots.map(\.step) == [1, 2, 3, 4, 5, 6, 7, 8, 9] })
        let (wider, _, _) = try self.dataset(["snapshot_interval = 3": "snapshot_interval = 2\nsnapshot_spacing = \"early\""])
        #expect(wider.trajectories.last?.snapshots.map(\.step) == [1, 2, 5, 9])
    }

    @Test(arguments: [
        ("temperatures = [0.1, 0.1]", "generate.temperatures", "twice"),
        ("temperatures = [-0.1]", "generate.temperatures", "from 0"),
        ("temperatures = [0.1, 0.2, 0.3]", "generate.temperatures", "3 combinations"),
        ("temperatures = [0.1, 0.2]\ncouplings = [1.0, 2.0]", "generate.couplings", "4 combinations"),
        ("temperatures = [0.0]\nsolver = \"selected-inversion\"", "generate.temperatures", "above 0"),
        ("snapshot_spacing = \"late\"", "generate.snapshot_spacing", "'even' or 'early'"),
    ])
    func wrongListsAreRefused(_ text: String, _ key: String, _ part: String) {
        let error = #expect(throws: RecipeError.self) {
            try StageRun.recipe(["steps = 9": text + "\nsteps = 9"]).runnable()
        }
        #expect(error?.key == key && error?.problem.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test func listsMustSuitReservoirAndSymmetry() throws {
        let filling = #expect(throws: RecipeError.self) {
            try StageRun.recipe([
                "coupling = 3.5": "filling = 0.5", "steps = 9": "chemical_potentials = [0.0]\nsteps = 9",
            ])
        }
        #expect(filling?.key == "generate.chemical_potentials")
        let odd = #expect(throws: RecipeError.self) {
            try StageRun.recipe([
                "widths = [3]": "widths = [3]\nparticle_hole_odd = true", "steps = 9": "chemical_potentials = [0.2]\nsteps = 9",
            ]).runnable()
        }
        #expect(odd?.key == "network.particle_hole_odd" && odd?.problem.contains("0.2") == true)
    }

    /// A network that is not told the temperature cannot be right for two of them.
    @Test func networksThatAreNotToldAreRefused() throws {
        let recipe = try StageRun.recipe(["steps = 9": "temperatures = [0.1, 0.2]\nsteps = 9"])
        let run = StageRun()
        _ = try Stages.generate(run.context(recipe))
        for stage in [Stages.train, Stages.run] as [(StageContext) throws -> Any] {
            #expect { try stage(run.context(recipe)) } throws: { "\($0)".contains("does not depend on the temperature") }
        }
        #expect(!run.directory.exists(run.directory.trainingCheckpoint))
    }

    /// One value that is not the model's is learned, and is then the only one that is known.
    @Test func modelKnowsTheElectronsOfItsDataAlone() throws {
        let recipe = try StageRun.recipe(["steps = 9": "temperatures = [0.3]\nsteps = 9", "twin_steps = 6": "twin_steps = 2"])
        let run = StageRun()
        _ = try Stages.generate(run.context(recipe))
        _ = try Stages.train(run.context(recipe))
        let error = #expect(throws: ForceEvaluationError.self) { try Stages.simulate(run.context(recipe)) }
        #expect(error?.description.contains("temperature = 0.3, the recipe's temperature = 0.1") == true)
        #expect(throws: ForceEvaluationError.self) { try Stages.compare(run.context(recipe)) }
        let alone = try StageRun.recipe([
            "steps = 9": "temperatures = [0.3]\nsteps = 9", "twin_size = [4, 4]": "twin_trajectories = 0",
        ])
        #expect(try Stages.compare(run.context(alone)).ran)
        let warm = try StageRun.recipe(["coupling = 3.5": "coupling = 3.5\ntemperature = 0.3\nstiffness = 1.1"])
        let other = try StageRun(modelOf: run)
        #expect(try Stages.simulate(other.context(warm)).ran)
    }

    /// A network that solves the electrons serves the whole range of its data, and nothing beyond.
    @Test func modelOfARangeServesTheRange() throws {
        let network = "name = \"greens-function\"\ncore = 1\nradius = 0\nlevels = 1\nnodes = [0.3]"
        func recipe(_ model: String = "coupling = 3.5") throws -> Recipe {
            try StageRun.recipe([
                "radius_squared = 2\nwidths = [3]": network, "epochs = 5\nbatch_size = 100\nwarmup_steps = 2": "epochs = 1",
                "steps = 9": "temperatures = [0.05, 0.2]\nchemical_potentials = [-0.5, 0.5]\nsteps = 3",
                "trajectories = 4": "trajectories = 6", "coupling = 3.5": model, "twin_steps = 6": "twin_steps = 2",
                "steps = 20": "steps = 6",
            ])
        }
        let run = StageRun()
        for stage in [Stages.generate, Stages.train, Stages.compare] { _ = try stage(run.context(recipe())) }
        let comparison = try JSONFile.read(Comparison.self, from: run.directory.comparison)
        let kinds = try #require(comparison.forces.electrons)
        #expect(kinds.reduce(0) { $0 + $1.sites } == comparison.forces.stages[0].sites)
        #expect(kinds.allSatisfy { $0.name.hasPrefix("k_BT = 0.") && $0.name.contains("μ = ") })

        let warmer = try recipe("temperature = 0.15\nchemical_potential = 0.25")
        let copy = try StageRun(modelOf: run)
        #expect(try Stages.simulate(copy.context(warmer)).ran)
        for (model, part) in [
            ("temperature = 0.25", "temperature from 0.05 to 0.2, the recipe's temperature = 0.25"),
            ("chemical_potential = -1", "chemical_potential from -0.5 to 0.5, the recipe's chemical_potential = -1.0"),
            ("coupling = 3.0", "coupling = 3.5, the recipe's coupling = 3.0"), ("hopping = 2.0", "hopping = 1.0"),
            ("filling = 0.5", "filling = 0.5"),
        ] {
            let text = "[lattice]\n[model]\n" + model + "\n"
            let other = try ModelRecipe(contentsOf: temporaryFile("other.toml", text)).model
            let error = #expect(throws: ForceEvaluationError.self) {
                try ForceEvaluation.Source.network(contentsOf: run.directory.model, for: other)
            }
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        }
    }
}
