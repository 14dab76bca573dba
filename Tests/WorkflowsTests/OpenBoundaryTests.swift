import Electrons
import Experiments
import Lattices
import Observables
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Recipes of lattices with open ends: what works does, and what cannot is refused.
@Suite struct OpenBoundaryTests {
    private func openRecipe() throws -> Recipe {
        try StageRun.recipe([
            "size = [6, 6]": "size = [5, 6]\nperiodic = [false, true]", "size = [6, 4]": "size = [7, 4]",
            "[generate]\n": "[generate]\nsolver = \"exact-diagonalization\"\n",
        ])
    }

    @Test func periodicIsWrittenOnlyWhereThereAreEnds() throws {
        let closed = try Recipe(header)
        #expect(closed.lattice.periodic == [true, true])
        #expect(!closed.resolvedTOML.contains("periodic"))
        #expect(
            closed.fingerprint()
                == (try Recipe(header.replacing("[6, 4]", with: "[6, 4]\nperiodic = [true, true]"))).fingerprint())
        let open = try openRecipe()
        #expect(open.resolvedTOML.contains("periodic = [false, true]"))
        #expect(try Recipe(open.resolvedTOML, file: suppliedRecipe("small")) == open)
        #expect(open.supercell.periodic == [false, true])
        #expect(open.supercell(open.simulate.size).periodic == [false, true])
        #expect(open.simulate.forceField == .solver(.exactDiagonalization))
        #expect(open.keyDifferences(from: try StageRun.recipe()).contains("lattice.periodic: — → [false, true]"))
    }

    @Test(arguments: [
        ("periodic = [true]", "lattice.periodic", "needs 2 of true and false"),
        ("periodic = true", "lattice.periodic", "an array of true and false"),
        ("periodic = [1, 0]", "lattice.periodic", "an array of true and false"),
        (
            "periodic = [false, true]\n[simulate]\nforce_field = \"model\"", "simulate.force_field",
            "a learned force needs translations"
        ),
    ])
    func wrongValuesAreNamed(_ text: String, _ key: String, _ part: String) throws {
        let text = "[model]\n[lattice]\nsize = [6, 4]\n" + text + "\n"
        let error = #expect(throws: RecipeError.self) { try Recipe(text).require([.simulate]) }
        #expect(error?.key == key)
        #expect(error?.problem.contains(part) == true, "\(error?.description ?? "")")
    }

    @Test func dataAndDynamicsKnowTheirEnds() throws {
        let run = StageRun()
        let recipe = try openRecipe()
        _ = try Stages.generate(run.context(recipe))
        let dataset = try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell)
        let snapshot = try #require(dataset.snapshots(.test).last)
        let exact = try ElectronicForceField(recipe.model, ExactDiagonalization()).solution(at: snapshot.displacement)
        #expect(snapshot.density == exact.density)
        let closed = try Supercell(recipe.lattice.geometry, size: recipe.lattice.size)
        let wrapped = SiteField(closed, values: snapshot.displacement.values)
        #expect(
            try ElectronicForceField(recipe.model, ExactDiagonalization()).solution(at: wrapped).density.values
                != snapshot.density.values)
        // The same numbers on a ring are another dataset.
        let error = #expect(throws: StorageError.self) { try DatasetFile.read(run.directory.dataset, supercell: closed) }
        #expect(error?.problem.contains("[false, true]") == true)

        _ = try Stages.simulate(run.context(recipe))
        let file = try TrajectoryFile.open(run.directory.trajectory, lattice: recipe.lattice.geometry)
        #expect(file.supercell.periodic == [false, true])
        #expect(file.isComplete && file.forceField == "exact-diagonalization")
        let inspected = try FileInspection(contentsOf: run.directory.trajectory)
        #expect(inspected.attributes["/particles/sites/box:boundary"] == "none, periodic")
        // Order is defined, Fourier components are not.
        #expect(try file.observable("order_parameter").allSatisfy(\.isFinite))
        #expect(!file.observableNames.contains("structure_factor") && !file.observableNames.contains("domain_length"))
        #expect(try Stages.simulate(run.context(recipe)).ran == false)
    }

    @Test func whatNeedsTranslationsIsRefused() throws {
        let run = StageRun()
        let recipe = try openRecipe()
        for stage in [Stages.train, Stages.compare] {
            let error = #expect(throws: StageError.self) { try stage(run.context(recipe)) }
            #expect(error?.description.contains("lattice.periodic = [false, true]") == true)
        }
        #expect(throws: StageError.self) { try Stages.run(run.context(recipe)) }
        #expect(throws: ObservablesError.self) { try LatticeSpectrum(recipe.supercell) }
    }

    @Test func forcesOnOpenLattices() throws {
        let text = "[lattice]\nperiodic = [false, true]\n[model]\n"
        let recipe = try ModelRecipe(contentsOf: temporaryFile("open.toml", text))
        #expect(recipe.periodic == [false, true])
        let values = (0..<12).map { Double($0 * $0 % 7) - 3 }
        func evaluate(_ source: ForceEvaluation.Source) throws -> [Double] {
            try ForceEvaluation(recipe, source: source).evaluate(
                NPYArray(shape: [3, 4], values: values), needsDensity: false, threads: 1, progress: SilentProgress(),
                interruption: Interruption()
            ).forces.values
        }
        let supercell = try Supercell(recipe.lattice, size: [4, 3], periodic: [false, true])
        let exact = try ElectronicForceField(recipe.model, ExactDiagonalization()).solution(
            at: SiteField(supercell, values: values)
        ).force
        #expect(try evaluate(.solver(.exactDiagonalization)) == exact.values)
        let learned = ForceEvaluation.Source.forceField { _, _ in ElectronicForceField(recipe.model, ExactDiagonalization()) }
        #expect(throws: ForceEvaluationError.openEnds(periodic: [false, true])) { try evaluate(learned) }
    }
}
