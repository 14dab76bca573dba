import Electrons
import Experiments
import LatticeNumerics
import Pipeline
import Recipes
import Testing

/// Which solver a recipe uses with which options.
@Suite struct SolverSettingsTests {
    @Test func solversHaveTheirDefaults() throws {
        let recipe = try Recipe(header)
        #expect(recipe.generate.solver == .selectedInversion)
        #expect(recipe.compare.solver == .selectedInversion)
        #expect(recipe.resolvedTOML.contains("\n[selected_inversion]\ntolerance = 1e-10\n"))
        #expect(!recipe.resolvedTOML.contains("[local_diagonalization]"))
        let exact = try Recipe(header + "[generate]\nsolver = \"exact-diagonalization\"\n")
        #expect(!exact.resolvedTOML.contains("[selected_inversion]"))
        let solver =
            SolverName.selectedInversion.solver(recipe.model, settings: recipe.solvers)
            as? ElectronicForceField<SelectedInversion>
        #expect(solver?.solver.tolerance == 1e-10)
        #expect(
            SolverName.allCases.map(\.rawValue).prefix(3) == [
                "exact-diagonalization", "selected-inversion", "local-diagonalization",
            ])
        #expect(SolverName(rawValue: "guessing") == nil)
    }

    @Test(arguments: [
        "[generate]\nsolver = \"local-diagonalization\"\n[local_diagonalization]\nradius = 2\nlevels = 3\nprecision = \"double\"\n",
        "[generate]\nsolver = \"local-diagonalization\"\n[local_diagonalization]\naccuracy = 0.001\n",
        "[local_diagonalization]\naccuracy = 0.001\n[selected_inversion]\ntolerance = 1e-8\n",
        "[generate]\nsolver = \"local-diagonalization\"\n[compare]\nsolver = \"exact-diagonalization\"\n",
        "[generate]\nsolver = \"exact-diagonalization\"\n", "temperature = 0\n", "filling = 0.3\n",
        "[simulate]\nforce_field = \"selected-inversion\"\n[selected_inversion]\ntolerance = 1e-7\n",
    ]) func resolvedRecipeReadsBackEqual(_ text: String) throws {
        let recipe = try Recipe(header + text)
        let again = try Recipe(recipe.resolvedTOML, file: "recipe.toml")
        #expect(again == recipe)
        #expect(again.resolvedTOML == recipe.resolvedTOML)
        #expect(again.fingerprint() == recipe.fingerprint())
        #expect(try recipe != Recipe(header))
    }

    @Test func optionsReachTheSolver() throws {
        let text = "[local_diagonalization]\nradius = 3\nlevels = 1\npole_tolerance = 1e-7\nprecision = \"double\"\n"
        let recipe = try Recipe(header + text)
        let solver =
            SolverName.localDiagonalization.solver(recipe.model, settings: recipe.solvers)
            as? ElectronicForceField<LocalDiagonalization>
        #expect(solver?.solver.options == .init(radius: 3, levels: 1, poleTolerance: 1e-7, precision: .double))
        // What is not given follows the radius.
        for (text, options) in [
            ("radius = 5\n", LocalDiagonalization.Options(radius: 5, levels: 2)),
            ("poles = 7\n", LocalDiagonalization.Options(radius: 1, levels: 2, poles: 7)),
        ] {
            let recipe = try Recipe(header + "[local_diagonalization]\n" + text)
            for recipe in [recipe, try Recipe(recipe.resolvedTOML)] {
                let solver = SolverName.localDiagonalization.solver(recipe.model, settings: recipe.solvers)
                #expect((solver as? ElectronicForceField<LocalDiagonalization>)?.solver.options == options)
            }
        }
    }

    @Test(arguments: [
        ("[selected_inversion]\ntolerance = 0\n", "selected_inversion.tolerance", "between 0"),
        ("[selected_inversion]\nradius = 1\n", "selected_inversion.radius", "tolerance"),
        ("[local_diagonalization]\nradius = -1\n", "local_diagonalization.radius", "0 to"),
        ("[local_diagonalization]\naccuracy = 1e-3\nlevels = 2\n", "local_diagonalization.accuracy", "beside levels"),
        ("[local_diagonalization]\npoles = 8\npole_tolerance = 1e-3\n", "local_diagonalization.pole_tolerance", "beside poles"),
        ("[local_diagonalization]\npoles = 0\n", "local_diagonalization.poles", "1 to 64"),
        ("[local_diagonalization]\naccuracy = 0\n", "local_diagonalization.accuracy", "above 0"),
        ("[exact_diagonalization]\n", "exact_diagonalization", "is not a key of a recipe"),
        ("[generate]\nsolver = \"selected-inversoin\"\n", "generate.solver", "did you mean 'selected-inversion'"),
        ("[compare]\nsolver = \"guess\"\n", "compare.solver", "local-diagonalization"),
        ("temperature = 0\n[generate]\nsolver = \"selected-inversion\"\n", "model.temperature", "above 0"),
        ("temperature = 0\n[simulate]\nforce_field = \"local-diagonalization\"\n", "model.temperature", "simulate.force_field"),
        ("temperature = 0\n[compare]\nsolver = \"selected-inversion\"\n", "model.temperature", "compare.solver"),
        ("temperature = 0\n[simulate]\naudit_interval = 5\n", "model.temperature", "audit_solver = \"selected-inversion\""),
    ]) func wrongOptionsAreNamed(_ text: String, _ key: String, _ part: String) throws {
        let error = #expect(throws: RecipeError.self) { try Recipe(header + text).runnable() }
        #expect(error?.key == key)
        #expect(error?.problem.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test func zeroTemperatureIsForDiagonalizationAlone() throws {
        let audited = "temperature = 0\n[simulate]\naudit_interval = 5\naudit_solver = "
        #expect(try Recipe(header + audited + "\"exact-diagonalization\"\n").model.temperature == 0)
        #expect(throws: RecipeError.self) {
            try Recipe(header + audited + "\"conservative-local-diagonalization\"\n").runnable()
        }
        // What is not used does not matter.
        let unused = try Recipe(header + "temperature = 0\n[compare]\nsolver = \"selected-inversion\"\ntwin_trajectories = 0\n")
        #expect(!unused.resolvedTOML.contains("[selected_inversion]"))
        let stages = try CostEstimate(unused, threads: 1).stages.map(\.stage)
        #expect(stages == ["generate", "train", "simulate", "compare", "analyze", "report"])
    }

    /// Sparse solvers take what is too large for a dense matrix.
    @Test func onlyDenseMatricesLimitTheSize() throws {
        let large = header.replacing("[6, 4]", with: "[200, 200]")
        #expect(throws: RecipeError.self) { try Recipe(large + "[generate]\nsolver = \"exact-diagonalization\"\n").runnable() }
        let recipe = try Recipe(large)
        #expect(recipe.supercell.siteCount == 40_000)
        let error = #expect(throws: RecipeError.self) {
            try Recipe(large + "[compare]\nsolver = \"exact-diagonalization\"\n").runnable()
        }
        #expect(error?.key == "compare.twin_size")
    }

    /// The options of a solver count for the tables that name it, and for no others.
    @Test func optionsBelongToTheTablesThatNameTheSolver() throws {
        func recipe(_ tolerance: String, _ force: String) throws -> Recipe {
            try Recipe(
                header + "[generate]\nsolver = \"exact-diagonalization\"\n[simulate]\nforce_field = \"\(force)\"\n"
                    + "[selected_inversion]\ntolerance = \(tolerance)\n")
        }
        let (old, new) = try (recipe("1e-8", "selected-inversion"), recipe("1e-9", "selected-inversion"))
        #expect(new.keyDifferences(from: old, sections: [.simulate]) == ["selected_inversion.tolerance: 1e-08 → 1e-09"])
        #expect(new.keyDifferences(from: old, sections: [.generate, .compare]) == [])
        #expect(new.fingerprint(of: [.simulate]) != old.fingerprint(of: [.simulate]))
        #expect(new.fingerprint(of: [.generate]) == old.fingerprint(of: [.generate]))
        #expect(try recipe("1e-8", "model").keyDifferences(from: recipe("1e-9", "model")) == [])
    }

    @Test func theCommandLineReplacesOptions() throws {
        let text = "[lattice]\n[model]\n[local_diagonalization]\naccuracy = 1e-3\n"
        let path = temporaryFile("m.toml", text)
        let pool = WorkerPool(threads: 1)
        let recipe = try ModelRecipe(contentsOf: path)
        let chosen = try recipe.choosing(.localDiagonalization, [("radius", "2"), ("levels", "1")], path: path, pool: pool)
        #expect(chosen.options(of: .localDiagonalization).prefix(2).map(\.value) == ["2", "1"])
        #expect(chosen.choice(of: .localDiagonalization) == nil)
        let error = #expect(throws: RecipeError.self) {
            try recipe.choosing(.selectedInversion, [("radius", "2")], path: path, pool: pool)
        }
        #expect(error?.description.contains("command line") == true)
        #expect(throws: RecipeError.self) {
            try recipe.choosing(.exactDiagonalization, [("tolerance", "1e-3")], path: path, pool: pool)
        }
        let cold = temporaryFile("cold.toml", "[lattice]\n[model]\ntemperature = 0\n")
        #expect(throws: RecipeError.self) {
            try ModelRecipe(contentsOf: cold).choosing(.selectedInversion, [], path: cold, pool: pool)
        }
    }
}
