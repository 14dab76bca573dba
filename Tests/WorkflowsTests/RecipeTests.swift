import Electrons
import Experiments
import Foundation
import LearnedForces
import Pipeline
import Recipes
import Reports
import Runs
import Testing
import Training

extension Recipe {
    /// This recipe, refused as `adiabat run` refuses it at its start.
    @discardableResult
    func runnable() throws -> Recipe {
        try require(StageName.all(of: self))
        return self
    }
}

/// The header of every recipe; tests append to it.
let header = """
    [lattice]
    file = "square"
    size = [6, 4]
    [model]
    name = "holstein"

    """

@Suite struct RecipeTests {
    @Test func defaultsFollowFromOtherKeys() throws {
        let recipe = try Recipe(
            header + "neighbor_stiffness = 0.125\n[dynamics]\nmass = 2\ntime_step = 0.125\n", file: "runs/weak.toml")
        #expect(recipe.title == "weak")
        #expect(recipe.seed == 2026)
        #expect(recipe.dynamics.initialVelocityVariance == 2.5)
        // Four times 0.125 would be more than 0.3 √(m/(K + 4κ)).
        #expect(recipe.generate.timeStep == 0.25)
        #expect(recipe.compare.twinTimeStep == 0.25)
        #expect(recipe.simulate.size == [24, 16])
        #expect(recipe.compare.twinSize == [6, 4])
        #expect(recipe.simulate.forceField == .model)
        #expect(recipe.model.reservoir.particles == .chemicalPotential(0))
        #expect(recipe.supercell.siteCount == 24)
    }

    /// Lattice and model alone are the run that the documentation recommends.
    @Test func defaultsFollowTheAdvice() throws {
        func recipe(_ model: String = "", _ rest: String = "") throws -> Recipe {
            try Recipe("[lattice]\n[model]\n\(model)\n\(rest)\n")
        }
        let usual = try recipe()
        #expect(usual.generate.solver == .selectedInversion && usual.compare.solver == .selectedInversion)
        let network = try #require(usual.network.architecture as? GreensFunctionArchitecture)
        #expect((network.core, network.radius, network.levels) == (1, 3, 3))
        #expect(usual.training.optimizer == .levenbergMarquardt && usual.simulate.forceField == .model)
        #expect(usual.lattice.size == [24, 24] && usual.simulate.size == [96, 96])
        #expect(usual.generate.timeStep == 0.2 && usual.generate.snapshotInterval == 8)
        #expect(usual.generate.validationTrajectories == 1 && usual.generate.testTrajectories == 1)
        #expect(try Recipe(usual.resolvedTOML) == usual)

        // Neither selected inversion nor Green's functions know k_BT = 0.
        for cold in [try recipe("temperature = 0"), try recipe("", "[generate]\ntemperatures = [0.1, 0]")] {
            #expect(cold.generate.solver == .exactDiagonalization && cold.compare.solver == .exactDiagonalization)
            #expect((cold.network.architecture as? ConvolutionArchitecture)?.particleHole == true)
        }
        // Electrons and holes are alike only with as many of each.
        for model in ["temperature = 0\nfilling = 0.3", "temperature = 0\nchemical_potential = 0.2"] {
            #expect((try recipe(model).network.architecture as? ConvolutionArchitecture)?.particleHole == false)
        }
        // Nor do they know several hoppings, and second neighbours are on the same sublattice.
        let second = try recipe("hopping = [1.0, -0.3]")
        #expect((second.network.architecture as? ConvolutionArchitecture)?.particleHole == false)
        #expect(second.generate.solver == .selectedInversion && second.model.values[0] == [1, -0.3])
        #expect(try recipe("hopping = [1.5]") == recipe("hopping = 1.5"))
        // Fixed filling makes every force dear.
        #expect(try recipe("filling = 0.3").generate.trajectories == 6 && usual.generate.trajectories == 12)
        // A named solver is the simulation's too, on a lattice that it can do.
        #expect(try recipe("", "[simulate]\nforce_field = \"selected-inversion\"").simulate.size == [24, 24])
        #expect(try recipe("", "[simulate]\nforce_field = \"local-diagonalization\"").simulate.size == [96, 96])
        // Intervals follow the steps.
        let short = try recipe("", "[generate]\nsteps = 3\n[simulate]\nsteps = 3\n[compare]\ntwin_steps = 3")
        #expect(short.generate.snapshotInterval == 1 && short.compare.twinSampleInterval == 1)
        #expect(short.simulate.frameInterval == 3 && short.simulate.observableInterval == 3)
        // Without a name the keys tell the family.
        let published = try recipe("", "[network]\nradius_squared = 2\nwidths = [3]")
        #expect((published.network.architecture as? FullyConnectedArchitecture)?.widths == [3])
    }

    /// As much elastic energy as in the published start, which is 5/κ, whatever κ.
    @Test(arguments: [(1.0, 0.18), (1, 0), (1, -0.1), (4, 0.5)]) func theHotStartHasADefault(_ stiffness: Double, _ other: Double)
        throws
    {
        let recipe = try Recipe("[lattice]\n[model]\nstiffness = \(stiffness)\nneighbor_stiffness = \(other)\n")
        #expect(recipe.dynamics.initialDisplacementVariance * stiffness == 5 / 0.18)
    }

    @Test(arguments: [("chain", 1, [576], 6), ("triangular", 2, [24, 24], 3), ("cubic", 3, [8, 8, 8], 1)])
    func defaultsFollowTheLattice(_ name: String, _ dimension: Int, _ size: [Int], _ radius: Int) throws {
        let axes = (0..<dimension).map { axis in (0..<dimension).map { $0 == axis ? 1.0 : 0 } }
        let vectors = name == "triangular" ? [[1, 0], [0.5, 0.75.squareRoot()]] : axes
        let cells = axes.map { $0.map(Int.init) } + (name == "triangular" ? [[1, -1]] : [])
        let file = temporaryFile(
            "\(name).toml",
            "name = \"\(name)\"\nprimitive_vectors = \(vectors)\nbasis = [\(axes[0].map { _ in 0.0 })]\n"
                + cells.map { "[[bonds]]\ncell = \($0)\n" }.joined())
        let recipe = try Recipe("[lattice]\nfile = \"\(file)\"\n[model]\nneighbor_stiffness = 0.1\n")
        #expect(recipe.lattice.size == size && recipe.simulate.size == size.map { 4 * $0 })
        #expect((recipe.network.architecture as? GreensFunctionArchitecture)?.radius == radius)
        #expect(try Recipe(recipe.resolvedTOML) == recipe)
    }

    @Test func valuesReplaceDefaults() throws {
        let recipe = try Recipe(
            """
            title = "a \\"title\\""
            seed = 7
            [lattice]
            size = [3, 5]
            [model]
            coupling = 2
            filling = 0.3
            [dynamics]
            integrator = "velocity-verlet"
            [network]
            widths = []
            activation = "published"
            encoding_scales = [1, 2.5]
            [training]
            batch = "configurations"
            schedule = "reduce-on-plateau"
            precision = "float64"
            learning_rate = 1
            [simulate]
            force_field = "exact-diagonalization"
            size = [8, 8]
            """)
        #expect(recipe.title == "a \"title\"")
        #expect(recipe.model["coupling"] == 2)
        #expect(recipe.model.reservoir.particles == .filling(0.3))
        #expect(recipe.dynamics.integrator == .velocityVerlet)
        let network = try #require(recipe.network.architecture as? FullyConnectedArchitecture)
        #expect(network.widths == [])
        #expect(network.activation == .published)
        #expect(network.encodingScales == [1, 2.5])
        #expect(recipe.training.batch == .configurations)
        #expect(recipe.training.schedule == .reduceOnPlateau)
        #expect(recipe.training.precision == .float64)
        #expect(recipe.training.learningRate == 1)
        #expect(recipe.simulate.forceField == .solver(.exactDiagonalization))
        #expect(recipe.simulate.size == [8, 8])
        #expect(try Recipe("seed = 7\n" + header, overrides: .init(seed: 8)).seed == 8)
    }

    @Test func resolvedRecipeReadsBackEqual() throws {
        let texts = [
            header,
            "title = \"tab\\t, quote \\\", line\\n, ü, \\u0007\"\n" + header + "filling = 0.1\n",
            header + "temperature = 1e-300\nhopping = 0.1\n[network]\nencoding_scales = [0.3333333333333333, 1e22]\n",
        ]
        for text in texts {
            let recipe = try Recipe(text, file: "some/name.toml")
            let again = try Recipe(recipe.resolvedTOML, file: "elsewhere/recipe.toml")
            #expect(again == recipe)
            #expect(again.resolvedTOML == recipe.resolvedTOML)
            #expect(again.fingerprint() == recipe.fingerprint())
        }
    }

    @Test func differencesNameKeysAndValues() throws {
        let old = try Recipe(header)
        let new = try Recipe("seed = 1\n" + header + "filling = 0.5\n[generate]\nsteps = 300\n[training]\nepochs = 3\n")
        #expect(old.keyDifferences(from: old) == [])
        #expect(
            new.keyDifferences(from: old, sections: [.model, .generate]) == [
                "seed: 2026 → 1", "model.chemical_potential: 0.0 → —", "model.filling: — → 0.5",
                "generate.random_configurations: 30 → 15", "generate.trajectories: 12 → 6", "generate.steps: 200 → 300",
                "generate.snapshot_interval: 8 → 12",
            ])
        #expect(new.keyDifferences(from: old).contains("training.epochs: 12 → 3"))
    }

    @Test func fingerprintsCoverTheirSectionsAndTheSeed() throws {
        let old = try Recipe("title = \"one\"\n" + header)
        let new = try Recipe("title = \"two\"\n" + header + "[training]\nepochs = 3\n")
        #expect(old.fingerprint(of: [.lattice, .model, .generate]) == new.fingerprint(of: [.lattice, .model, .generate]))
        #expect(old.fingerprint(of: [.training]) != new.fingerprint(of: [.training]))
        #expect(old.fingerprint() != (try Recipe("seed = 3\n" + header)).fingerprint())
        #expect(old.fingerprint().count == 64)
    }

    @Test(arguments: ["quickstart", "weak-coupling", "fan-chern-2026", "local-quench", "active-learning"])
    func suppliedRecipesAreValid(_ name: String) throws {
        let recipe = try Recipe(contentsOf: suppliedRecipe(name))
        #expect(try Recipe(recipe.resolvedTOML) == recipe)
        #expect(try ModelRecipe(contentsOf: suppliedRecipe(name)).model == recipe.model)
    }

    @Test func publishedRunHasThePublishedNumbers() throws {
        let recipe = try Recipe(contentsOf: suppliedRecipe("fan-chern-2026"))
        let snapshots = recipe.generate.trajectories * recipe.generate.steps / recipe.generate.snapshotInterval
        #expect(snapshots == 400)
        #expect(recipe.generate.randomConfigurations == 200)
        #expect(recipe.lattice.size == [40, 40])
        #expect(recipe.simulate.size == [200, 200])
        #expect(recipe.simulate.steps == 25_000)
        #expect(recipe.dynamics.integrator == .langevinVelocityVerlet)
        #expect(recipe.dynamics.initialDisplacementVariance == 5 / 0.18)
        #expect((recipe.network.architecture as? FullyConnectedArchitecture)?.widths == [32, 8, 4])
    }

    @Test func modelRecipeNeedsOnlyTwoTables() throws {
        let path = temporaryFile(
            "model.toml", "[lattice]\nfile = \"square\"\n[model]\ncoupling = 1.5\n[training]\nnonsense = 1\n")
        let recipe = try ModelRecipe(contentsOf: path)
        #expect(recipe.model["coupling"] == 1.5)
        #expect(recipe.lattice.name == "square")
    }

    /// A recipe of forces meets the same refusals as that of a run: no list reaches a lattice that does not have its shells.
    @Test func shellsThatTheLatticeDoesNotHave() throws {
        let square = "[lattice]\nfile = \"square\"\n[model]\n"
        let many = (0..<65).map { "\($0)" }.joined(separator: ", ")
        for (key, list) in [("neighbor_stiffness", "0.1, 0.2"), ("neighbor_stiffness", ""), ("hopping", many), ("hopping", "")] {
            let path = temporaryFile("shells.toml", square + "\(key) = [\(list)]\n")
            for read in [{ _ = try ModelRecipe(contentsOf: path) }, { _ = try Recipe(contentsOf: path) }] as [() throws -> Void] {
                let error = #expect(throws: RecipeError.self) { try read() }
                #expect(error?.key == "model.\(key)")
            }
        }
    }
}

/// The path of a recipe in `runs/`.
func suppliedRecipe(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).appendingPathComponent("../../../runs/\(name).toml").standardized.path
}

/// The path of a lattice in `lattices/`.
func suppliedLattice(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).appendingPathComponent("../../../lattices/\(name).toml").standardized.path
}
