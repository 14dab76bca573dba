import Communication
import Experiments
import Foundation
import LatticeNumerics
import Lattices
import Observables
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Nothing is said that was not measured, and what is said has its name and its unit.
@Suite struct StatementTests {
    // MARK: Lengths and exponents

    /// Quenches of a made-up field: a wave of length λ(t) along x with the sublattice sign, and white noise.
    private func ensemble(
        size: [Int], quenches: Int, noise: Double, times: Int = 20, length: (Double) -> Double
    ) throws -> Coarsening.Ensemble {
        let recipe = try Recipe(
            """
            [lattice]
            file = "\(size.count == 1 ? "chain" : "square")"
            size = \(size.map { _ in 8 })
            [model]
            [dynamics]
            time_step = 1.0
            [simulate]
            size = \(size)
            steps = \(times)
            observable_interval = 1
            frame_interval = 5
            force_field = "local-diagonalization"
            [coarsening]
            sizes = [\(size)]
            quenches = [\(quenches)]
            fit_window = [1.0, \(times).0]
            exponent_windows = 2
            collapse_times = 3

            """, file: suppliedRecipe("small"))
        let run = StageRun()
        try run.directory.create()
        let supercell = recipe.supercell(size)
        let signs = try #require(SublatticeSigns(supercell))
        let observables = ObservableSet(supercell, mass: 1)
        let partition = RowPartition(supercell, rankCount: 1)
        let layout = SlabLayout(count: supercell.siteCount, unit: partition.rowsPerUnit * partition.sitesPerRow)
        let paths = try (0..<quenches).map { quench -> String in
            let path = run.directory.file("quench-\(quench).h5")
            let plan = TrajectoryFile.Plan(
                supercell: supercell, timeStep: 1, steps: times, frameInterval: 5, fields: [.displacement], observableInterval: 1,
                observables: observables.observables, recipe: recipe.resolvedTOML, forceField: "model", modelDigest: "", seed: 1)
            let single = SingleProcess()
            try TrajectoryWriter.create(path, plan, single)
            let writer = try TrajectoryWriter(
                path, lattice: supercell.lattice, layout: layout, communicator: single, pool: WorkerPool(threads: 1))
            for step in 0...times {
                let stream = RandomStream(seed: UInt64(quench + 1), purpose: .testing)
                let (normals, phase) = (stream.normals(count: supercell.siteCount, step: step), Double(quench))
                let field = SiteField(
                    supercell,
                    values: normals.indices.map { site in
                        let wave = 2 * Double.pi * Double(supercell.cell(of: site)[0]) / length(Double(step))
                        return signs[site] * cos(wave + phase) + noise * normals[site]
                    })
                try field.values.withUnsafeBufferPointer { slab in try writer.writeFrame(step: step) { _ in slab } }
                try writer.writeSample(observables.sample(displacement: field), step: step)
            }
            try writer.close()
            return path
        }
        let settings = try #require(recipe.coarsening)
        return try withExtendedLifetime(run) {
            try EnsembleAnalysis(
                paths, size: size, settings: settings, lattice: supercell.lattice, pool: WorkerPool(threads: 1), check: {}
            ).ensemble
        }
    }

    /// Before there are domains S(q) is flat and its moment is a length of 6, however large the lattice: nothing is said.
    @Test(arguments: [[48, 48], [256]]) func noiseHasNoExponent(_ size: [Int]) throws {
        let ensemble = try ensemble(size: size, quenches: 3, noise: 1000) { _ in 12 }
        for growth in ensemble.growth {
            #expect(growth.values.allSatisfy(\.isNaN) && growth.errors.allSatisfy(\.isNaN))
            #expect(growth.fit == nil && growth.exponents.isEmpty)
        }
        #expect(ensemble.collapses.isEmpty && ensemble.moments.allSatisfy { $0.lengths.values.allSatisfy(\.isNaN) })
    }

    /// Waves that grow as √t on 96 × 24 sites, the half height of C being 0.242 of the wave: it is stated up to 6, a quarter of the
    /// shorter side, and has an exponent from those times alone. The moment, which is the wave itself, never has room.
    @Test func growthIsStatedWhereThereAreDomainsAndRoom() throws {
        let sides = [8.0, 9.6, 12, 16, 19.2, 24, 32]
        let ensemble = try ensemble(size: [96, 24], quenches: 6, noise: 0.05, times: 30) { time in
            // Waves that fit the side.
            sides.min { abs($0 - 8 * time.squareRoot()) < abs($1 - 8 * time.squareRoot()) }!
        }
        let moment = try #require(ensemble.growth.first { $0.length == .domainLength })
        let halfHeight = try #require(ensemble.growth.first { $0.length == .correlationLength })
        for (value, other) in zip(moment.values, halfHeight.values) {
            #expect(value.isNaN && (other.isNaN || (2...6).contains(other)))
        }
        #expect(halfHeight.values.contains { $0.isFinite })
        let fit = try #require(halfHeight.fit)
        #expect(fit.window[1] < 14 && fit.error.isFinite && abs(fit.value - 0.5) < 0.1)
        #expect(moment.fit == nil && moment.exponents.isEmpty)
    }

    // MARK: Lattices without Fourier transform, without sublattices

    private func recipe(_ lattice: String, periodic: String = "", dynamics: String = "") throws -> Recipe {
        try Recipe(
            """
            title = "Any lattice"
            [lattice]
            file = "\(lattice)"
            size = [6, 4]
            \(periodic)
            [model]
            [dynamics]
            \(dynamics)
            [simulate]
            size = [6, 4]
            steps = 20
            observable_interval = 2
            frame_interval = 10
            force_field = "exact-diagonalization"

            """, file: suppliedRecipe("small"))
    }

    /// Two sites in a cell: times are those of a site, and the page says of how many cells a lattice is.
    @Test func sitesOfALatticeWithABasisAreCounted() throws {
        let run = StageRun()
        let recipe = try StageRun.recipe([
            "file = \"square\"": "file = \"honeycomb\"", StageRun.network: StageRun.learnedEnds,
            "epochs = 5\nbatch_size = 100\nwarmup_steps = 2": "epochs = 1",
        ])
        _ = try Stages.run(run.context(recipe))
        for cost in try JSONFile.read(ForceCosts.self, from: run.directory.costs).costs {
            #expect(cost.sites == 2 * cost.size.reduce(1, *))
            #expect(cost.microsecondsPerSite == cost.seconds * 1e6 / Double(cost.sites))
        }
        let part = try #require(JSONFile.read(Comparison.self, from: run.directory.comparison).nonConservative)
        let loops = try #require(part.loops)
        #expect(abs(loops.exactRelative * part.temperature * 72.0.squareRoot() / abs(loops.exactWork) - 1) < 1e-12)
        let page = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        #expect(page.contains("The run on 6\u{a0}×\u{a0}4 cells") && page.contains("test quench of 6\u{a0}×\u{a0}6 cells"))
    }

    @Test(arguments: ["honeycomb", "open", "triangular", "overdamped"]) func everyLatticeIsAnalyzedAsFarAsItCanBe(_ name: String)
        throws
    {
        let recipe =
            switch name {
            case "honeycomb", "triangular": try recipe(name)
            case "open": try recipe("square", periodic: "periodic = [true, false]")
            default: try recipe("square", dynamics: "integrator = \"overdamped\"\ntime_step = 0.02")
            }
        let run = StageRun()
        let summaries = try [Stages.simulate, Stages.analyze, Stages.report].map { try $0(run.context(recipe)) }
        let analysis = try JSONFile.read(Analysis.self, from: run.directory.analysis)
        let hasTransform = ["triangular", "overdamped"].contains(name)
        #expect((analysis.frames != nil) == hasTransform && (analysis.finalStructureFactor != nil) == hasTransform)
        #expect(analysis.times.count == 11)
        for series in ["potential_energy", "displacement_mean_square"] {
            #expect(analysis.series.first { $0.name == series }?.values.allSatisfy(\.isFinite) == true)
        }
        #expect(analysis.series.contains { $0.name == "order_parameter" } == (name != "triangular"))
        #expect(analysis.series.contains { $0.name == "domain_length" } == (name == "overdamped"))
        let page = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        #expect(page.contains("<figure id=\"domains\">") || name == "honeycomb")
        #expect(!page.contains("domains measure") && !page.contains("exponent"))
        // Two sublattices have two waves, and two colours tell them apart.
        #expect(name == "honeycomb" || page.contains("charge-density waves") == (name != "triangular"))
        for fact in summaries.flatMap(\.facts) {
            let isUndefined = fact.value.contains(/\b(nan|inf)\b/.ignoresCase())
            #expect(!isUndefined, "\(fact.name): \(fact.value)")
        }
    }

    // MARK: Learned forces of poor quality

    @Test func poorForcesAreCalledPoorFirstOfAll() throws {
        let run = StageRun()
        let recipe = try StageRun.recipe()
        _ = try Stages.generate(run.context(recipe))
        let trained = try Stages.train(run.context(recipe))
        let model = try ModelFile.read(run.directory.model)
        let data = try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell)
        let forces = data.trajectories(.validation).flatMap { trajectory in
            trajectory.snapshots.flatMap { $0.electronicForce.values }
        }
        let trivial = (forces.reduce(0) { $0 + $1 * $1 } / Double(forces.count)).squareRoot()
        #expect(abs(model.trivialError / trivial - 1) < 1e-12)
        #expect(
            trained.facts.contains { $0.name == "validation RMSE of predicting zero" && $0.value == TerminalNumber.text(trivial) }
        )
        _ = try Stages.compare(run.context(recipe))
        let comparison = try JSONFile.read(Comparison.self, from: run.directory.comparison)
        #expect(comparison.forces.stages[0].determination < 0.9)
        _ = try Stages.report(run.context(recipe))
        let page = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        let warning = try #require(page.range(of: "The learned force is poor: R² = "))
        #expect(warning.lowerBound < page.range(of: "Holstein model on")!.lowerBound)
        #expect(warning.lowerBound < page.range(of: "<figure")!.lowerBound)
    }

    // MARK: Names, units, numbers

    /// Every key of an object and of all within, with the path to it.
    private func keys(_ value: Any, _ path: String = "") -> [String] {
        switch value {
        case let object as [String: Any]:
            object.flatMap { key, value -> [String] in
                // Files by name, recipes by digest, and parameters by the names of solvers.
                let isData = ["/stages", "/inputs", "/outputs", "/recipes"].contains { path.hasSuffix($0) }
                return (isData ? [] : [path + "/" + key]) + keys(value, path + "/" + key)
            }
        case let array as [Any]: array.prefix(3).flatMap { keys($0, path) }
        default: []
        }
    }

    @Test func filesHaveSnakeCaseKeysAndUnits() throws {
        let run = StageRun()
        let recipe = try StageRun.recipe([
            "[compare]\n": "[coarsening]\nsizes = [[6, 4]]\nquenches = [2]\nfit_window = [0.5, 2.0]\n[compare]\n"
        ])
        for stage in [Stages.generate, Stages.train, Stages.simulate, Stages.coarsen, Stages.compare, Stages.analyze] {
            _ = try stage(run.context(recipe))
        }
        _ = try Stages.audit(
            run.context(recipe),
            AuditRequest(.model(path: run.directory.model), trajectory: run.directory.trajectory))
        var files = 0
        for name in try run.names() where name.hasSuffix(".json") {
            let object = try JSONSerialization.jsonObject(with: Data(run.bytes(run.directory.file(name))))
            for key in keys(object) {
                let last = key.split(separator: "/").last!
                let isSnakeCase = String(last).wholeMatch(of: /[a-z0-9]{2,}(_[a-z0-9]{2,})*/) != nil
                #expect(isSnakeCase, "\(name): \(key)")
            }
            files += 1
        }
        #expect(files == 6)

        for name in ["dataset.h5", "trajectory.h5", "audit.h5"] {
            let file = try HDF5File.open(run.directory.file(name))
            var datasets = 0
            func visit(_ place: String) throws {
                if try file.isGroup(place) {
                    for child in try file.children(of: place) { try visit(place == "/" ? "/\(child)" : "\(place)/\(child)") }
                    return
                }
                datasets += 1
                #expect(try file.hasAttribute("unit", of: place), "\(name): \(place)")
            }
            try visit("/")
            #expect(datasets > 8)
        }
        let trajectory = try HDF5File.open(run.directory.trajectory)
        for (place, unit) in [
            "/particles/sites/velocity/value": "sqrt(hopping/mass)", "/particles/sites/displacement/time": "sqrt(mass/hopping)",
            "/observables/potential_energy/value": "hopping", "/observables/domain_length/value": "lattice constant",
            "/observables/displacement_mean_square/value": "1", "/particles/sites/box/edges": "lattice constant",
        ] { #expect(try trajectory.readStringAttribute("unit", of: place) == unit) }
        #expect(
            try trajectory.readDoublesAttribute("defined_within", of: "/observables/domain_length/value") == [2, 1])
    }

    /// ⟨Q²⟩ had the name of a diffusion term, and keys were in camelCase.
    @Test func filesOfEarlierVersionsAreRead() throws {
        struct Old: Codable, Equatable {
            var meanSquareDisplacement: Double
            var sha256: String?
        }
        let path = temporaryFile("old.json", "")
        let object: [String: Any] = ["meanSquareDisplacement": 2.5]
        try JSONFile.sealed(JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted])).write(
            to: URL(fileURLWithPath: path))
        #expect(try JSONFile.read(Old.self, from: path).meanSquareDisplacement == 2.5)

        let run = StageRun()
        let recipe = try recipe("square")
        _ = try Stages.simulate(run.context(recipe))
        let old = run.directory.file("old.h5")
        try AtomicFile.replace(old) { temporary in
            let (source, target) = (try HDF5File.open(run.directory.trajectory), try HDF5File.create(temporary, version: .v110))
            for part in ["h5md", "adiabat", "particles"] { try target.copy(part, from: source) }
            let names = try source.readStringsAttribute("observables", of: "adiabat")
            func former(_ name: String) -> String { name == "displacement_mean_square" ? "mean_square_displacement" : name }
            for name in names {
                for part in ["value", "step", "time"] {
                    let (place, shape) = ("observables/\(name)/\(part)", try source.shape(of: "observables/\(name)/\(part)"))
                    let target = (target, "observables/\(former(name))/\(part)")
                    if part == "step" {
                        try target.0.write(source.readIntegers(place).values, shape: shape, to: target.1)
                    } else {
                        try target.0.write(source.readDoubles(place).values, shape: shape, to: target.1)
                    }
                }
            }
            try target.writeAttribute("observables", of: "adiabat", names.map(former))
            try target.close()
        }
        let lattice = recipe.lattice.geometry
        let (present, past) = (
            try TrajectoryFile.open(run.directory.trajectory, lattice: lattice), try TrajectoryFile.open(old, lattice: lattice)
        )
        #expect(past.observableNames == present.observableNames)
        #expect(try past.observable("displacement_mean_square") == present.observable("displacement_mean_square"))
    }

    @Test func undefinedNumbersHaveWords() {
        #expect(TerminalNumber.text(.nan) == "not defined" && TerminalNumber.fixed(-.infinity, decimals: 3) == "not defined")
        #expect(TerminalNumber.text(1.23456) == "1.235" && TerminalNumber.text(1.5, error: 0.02) == "1.5 ± 0.02")
        #expect(TerminalNumber.text(1.5, error: .nan) == "1.5" && TerminalNumber.text(.nan, error: 1) == "not defined")
        #expect(TerminalNumber.fixed(0.5, decimals: 2) == "0.50")
    }

    /// Numbers become text in two places: `TerminalNumber` for lines, `NumberText` for the page.
    @Test func numbersGoThroughOneFormatter() throws {
        let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")
            .standardizedFileURL
        for folder in ["Recipes", "Runs", "Experiments", "Pipeline", "adiabat"] {
            let root = sources.appending(path: folder).path
            let files = try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.hasSuffix(".swift") }
            #expect(!files.isEmpty)
            for file in files where !file.hasSuffix("TerminalNumber.swift") {
                let text = try String(contentsOfFile: root + "/" + file, encoding: .utf8)
                let formats = text.contains(/String\(\s*format:/)
                #expect(!formats, "\(file)")
            }
        }
    }
}
