import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Testing

/// Ensembles of quenches on lattices of a few sites.
@Suite struct CoarsenStageTests {
    private static let table = """
        [coarsening]
        sizes = [[8, 6], [4, 4]]
        quenches = [3, 2]
        fit_window = [0.5, 2.0]
        exponent_windows = 3
        collapse_times = 2
        [compare]
        """

    private func recipe(_ changes: KeyValuePairs<String, String> = [:]) throws -> Recipe {
        var text = StageRun.recipeText.replacing("[compare]\n", with: Self.table + "\n")
        for (old, new) in changes {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        return try Recipe(text, file: suppliedRecipe("small"))
    }

    /// A run with a model, and the ensemble.
    private func finished(_ recipe: Recipe, threads: Int = 1) throws -> StageRun {
        let run = StageRun()
        for stage in [Stages.generate, Stages.train, Stages.coarsen] {
            #expect(try stage(run.context(recipe, threads: threads)).ran)
        }
        return run
    }

    /// Every file below the run's folder but manifests, which hold times.
    private func files(_ run: StageRun) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: run.directory.path).filter { name in
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: run.directory.file(name), isDirectory: &isFolder) && !isFolder.boolValue
                && !name.hasSuffix("manifest.json")
        }.sorted()
    }

    private func expectSame(_ run: StageRun, _ other: StageRun) throws {
        #expect(try files(run) == files(other))
        for name in try files(run) {
            let same = try run.bytes(run.directory.file(name)) == other.bytes(other.directory.file(name))
            #expect(same, "\(name) differs")
        }
    }

    /// The lengths of quenches with different time steps could not be averaged.
    @Test func quenchesAreNotForcedApart() throws {
        let run = StageRun()
        let recipe = try recipe()
        for stage in [Stages.generate, Stages.train] { _ = try stage(run.context(recipe)) }
        #expect(throws: WorkflowInterrupted.self) { try Stages.coarsen(run.context(recipe, interruption: .after(looks: 9))) }
        for other in [("observable_interval = 2", "observable_interval = 4"), ("time_step = 0.1", "time_step = 0.05")] {
            let other = try Recipe(
                recipe.resolvedTOML.replacing(other.0, with: other.1), file: suppliedRecipe("small"))
            let error = #expect(throws: StageError.self) { try Stages.coarsen(run.context(other, forcesResume: true)) }
            #expect(error?.description.contains("all quenches of an ensemble have one recipe") == true)
        }
        #expect(try Stages.coarsen(run.context(recipe)).ran)
    }

    @Test func ensembleIsWhatItsQuenchesAre() throws {
        let recipe = try recipe()
        let run = try finished(recipe, threads: 2)
        let path = run.directory.coarsening
        let coarsening = try JSONFile.read(Coarsening.self, from: path)
        #expect(JSONFile.sealed(JSONFile.encode(coarsening)) == Data(try run.bytes(path)))
        #expect(try FileInspection(contentsOf: path).kind == "coarsening")
        #expect(coarsening.ensembles.map(\.size) == [[8, 6], [4, 4]] && coarsening.ensembles.map(\.quenches) == [3, 2])
        #expect(coarsening.forceField == "model" && coarsening.fitWindow == [0.5, 2] && coarsening.allenCahnExponent == 0.5)

        // L(t) is the mean over the quenches, each of which is independent of the others.
        let lattice = recipe.lattice.geometry
        let quenches = try (1...3).map { number in
            try TrajectoryFile.open("\(run.directory.quenches)/8x6/quench-0\(number)/trajectory.h5", lattice: lattice)
        }
        #expect(quenches.allSatisfy { $0.isComplete && $0.supercell.size == [8, 6] })
        let starts = try quenches.map { try $0.displacement(frame: 0).values }
        let other = try TrajectoryFile.open(run.directory.quenches + "/4x4/quench-01/trajectory.h5", lattice: lattice)
        #expect(Set(starts.map { $0[0] } + [try other.displacement(frame: 0).values[0]]).count == 4)
        let growth = try #require(coarsening.ensembles[0].growth.first { $0.length == .domainLength })
        // A quarter of the side is below two lattice constants: there is no room for domains.
        #expect(growth.values.count == 11 && growth.values.allSatisfy(\.isNaN) && growth.fit == nil)
        let moments = coarsening.ensembles[0].moments
        #expect(moments.map(\.step) == [6, 18])
        #expect(moments.allSatisfy { $0.correlation[0] == 1 && $0.correlationErrors[0] == 0 && $0.meanSquare > 0 })
        #expect(coarsening.finiteSize.map(\.size) == [[4, 4], [4, 4]])
        let table = try String(contentsOfFile: run.directory.coarseningTable, encoding: .utf8).split(separator: "\n")
        #expect(table.count == 1 + 2 * 11 && table[0].hasPrefix("lattice,cells,time,correlation_length,"))
        // Nothing stands where nothing is defined.
        #expect(table[1] == "1,48,0.0,,,,")
        let numbers = try CoarseningTable.read(run.directory.coarseningTable)
        #expect(numbers.count == 22 && numbers.allSatisfy { $0.prefix(3).allSatisfy(\.isFinite) && $0[3].isNaN && $0[6].isNaN })
    }

    /// A quench is an ordinary simulation of its own recipe.
    @Test func quenchesAreSimulations() throws {
        let recipe = try recipe()
        let run = try finished(recipe)
        let folder = run.directory.quenches + "/4x4/quench-02"
        let alone = try StageRun(modelOf: run)
        let own = try Recipe(contentsOf: folder + "/recipe.toml")
        #expect(own.coarsening == nil && own.simulate.size == [4, 4] && own.simulate.quench > 0)
        _ = try Stages.simulate(alone.context(own))
        let same = try alone.bytes(alone.directory.trajectory) == run.bytes(folder + "/trajectory.h5")
        #expect(same)
    }

    @Test func finishedQuenchesAreNotRepeated() throws {
        let run = try finished(recipe())
        let before = try run.bytes(run.directory.quenches + "/8x6/quench-01/manifest.json")
        // More quenches, and another window, go on with what is there.
        let more = try recipe(["quenches = [3, 2]": "quenches = [3, 4]", "fit_window = [0.5, 2.0]": "fit_window = [0.5, 1.9]"])
        _ = try Stages.coarsen(run.context(more))
        let after = try run.bytes(run.directory.quenches + "/8x6/quench-01/manifest.json")
        #expect(before == after)
        let whole = try finished(more)
        #expect(try run.bytes(run.directory.coarsening) == whole.bytes(whole.directory.coarsening))
        // Another quench is another physics. It is refused before the first is begun, and the folder keeps its recipe.
        let (recorded, first) = (try run.bytes(run.directory.recipe), run.directory.quenches + "/8x6/quench-01")
        try FileManager.default.removeItem(atPath: first)
        for (changed, problem) in [
            (try recipe(["frame_interval = 6": "frame_interval = 3"]), "simulate.frame_interval: 6 → 3"),
            (try recipe(["steps = 20": "steps = 18", "[0.5, 2.0]": "[0.5, 1.8]"]), "was made for 20 steps"),
        ] {
            let refusal = #expect(throws: StageError.self) { try Stages.coarsen(run.context(changed)) }
            #expect(refusal?.description.contains(problem) == true && refusal?.description.contains("--redo coarsen") == true)
            #expect(try run.bytes(run.directory.recipe) == recorded && !run.directory.exists(first))
        }
        #expect(throws: RecipeError.self) { try Stages.coarsen(run.context(StageRun.recipe())) }
    }

    @Test(arguments: [0, 3, 17]) func interruptedEnsemblesEndWithTheSameBits(_ looks: Int) throws {
        let recipe = try recipe()
        let run = StageRun()
        for stage in [Stages.generate, Stages.train] { _ = try stage(run.context(recipe)) }
        #expect(try run.runInPieces(Stages.coarsen, recipe, looks: looks, threads: 2) > 2)
        try expectSame(run, finished(recipe))
    }

    @Test func solversNeedNoModel() throws {
        let recipe = try recipe(["size = [6, 4]": "size = [6, 4]\nforce_field = \"exact-diagonalization\""])
        let run = StageRun()
        #expect(try Stages.coarsen(run.context(recipe)).ran)
        #expect(throws: StageError.self) { try Stages.coarsen(StageRun().context(self.recipe())) }
        #expect(throws: StageError.self) { try Stages.coarsen(StageRun().context(recipe, resume: .required)) }
    }

    @Test func runsShowTheEnsemble() throws {
        let recipe = try recipe(["frame_interval = 6": "frame_interval = 2"])
        let run = StageRun()
        let stages = try Stages.run(run.context(recipe)).map(\.stage)
        #expect(stages == ["generate", "train", "coarsen", "compare", "report"])
        let page = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        // There are pictures; lengths that could be stated there are not, on so few sites.
        let shows = ["coarsening-domains", "coarsening-length"].map { page.contains("<figure id=\"\($0)\">") }
        #expect(shows == [true, false] && page.contains("coarsening-length"))
        #expect(page.contains("Effective exponent d ln L/d ln t") && !page.contains("domain-length"))
    }

    @Test(arguments: [
        ("quenches = [3, 2]", "quenchs = [3, 2]", "coarsening.quenchs"),
        ("quenches = [3, 2]", "quenches = [1]", "coarsening.quenches"),
        ("quenches = [3, 2]", "quenches = [3, 2, 2]", "coarsening.quenches"),
        ("sizes = [[8, 6], [4, 4]]", "sizes = []", "coarsening.sizes"),
        ("sizes = [[8, 6], [4, 4]]", "sizes = [[8, 5], [4, 4]]", "coarsening.sizes"),
        ("sizes = [[8, 6], [4, 4]]", "sizes = [[8, 6, 2]]", "coarsening.sizes"),
        ("sizes = [[8, 6], [4, 4]]", "sizes = [[8, 6], [8, 6]]", "coarsening.sizes"),
        ("sizes = [[8, 6], [4, 4]]", "sizes = [8, 6]", "coarsening.sizes"),
        ("sizes = [[8, 6], [4, 4]]", "sizes = [[8, 6.5]]", "coarsening.sizes"),
        ("fit_window = [0.5, 2.0]", "fit_window = [2.0, 0.5]", "coarsening.fit_window"),
        ("fit_window = [0.5, 2.0]", "fit_window = [0.7, 1.3]", "coarsening.fit_window"),
        ("fit_window = [0.5, 2.0]", "fit_window = [0.5]", "coarsening.fit_window"),
        ("fit_window = [0.5, 2.0]", "fit_window = [1e-300, 1e-290]", "coarsening.fit_window"),
        ("collapse_times = 2", "collapse_times = 1", "coarsening.collapse_times"),
        ("exponent_windows = 3", "exponent_windows = \"many\"", "coarsening.exponent_windows"),
    ])
    func wrongTablesAreRefused(_ old: String, _ new: String, _ key: String) {
        let error = #expect(throws: RecipeError.self) { try recipe([old: new]) }
        #expect(error?.key == key, "\(error?.description ?? "")")
    }

    @Test func defaultsAndCosts() throws {
        let recipe = try Recipe(header + "[simulate]\nsize = [20, 12]\n[coarsening]\n")
        let settings = try #require(recipe.coarsening)
        #expect(settings.sizes == [[20, 12], [10, 6]] && settings.quenches == [8])
        #expect(settings.fitWindow == [7.5, 60])
        #expect(try Recipe(recipe.resolvedTOML) == recipe)
        #expect(try Recipe(header).coarsening == nil)
        let own = try self.recipe()
        #expect(try Recipe(own.resolvedTOML, file: suppliedRecipe("small")) == own)
        #expect(
            try own.keyDifferences(from: self.recipe(["collapse_times = 2": "collapse_times = 3"])) == [
                "coarsening.collapse_times: 3 → 2"
            ])
        let cost = try CostEstimate(own, threads: 1)
        #expect(cost.stages.map(\.stage) == ["generate", "train", "coarsen", "compare", "report"])
        #expect(cost.stages.allSatisfy { $0.seconds > 0 && $0.seconds.isFinite && $0.bytes > 0 })
    }
}
