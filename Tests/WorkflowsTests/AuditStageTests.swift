import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// `adiabat audit` on the trajectory of a small run.
@Suite struct AuditStageTests {
    /// A run with its model and its trajectory: frames at steps 0, 6, 12 and 18.
    private func simulated(_ recipe: Recipe? = nil) throws -> StageRun {
        let run = StageRun()
        for stage in [Stages.generate, Stages.train, Stages.simulate] { _ = try stage(run.context(recipe)) }
        return run
    }

    private func request(_ run: StageRun, _ change: (inout AuditRequest) -> Void = { _ in }) -> AuditRequest {
        var request = AuditRequest(.model(path: run.directory.model), trajectory: run.directory.trajectory)
        request.solver = .exactDiagonalization
        change(&request)
        return request
    }

    private func report(_ run: StageRun) throws -> AuditReport { try JSONFile.read(AuditReport.self, from: run.directory.audit) }

    @Test func modelIsJudgedOnItsTrajectory() throws {
        let run = try simulated()
        let summary = try Stages.audit(run.context(), request(run))
        #expect(summary.ran && summary.outputs.allSatisfy(run.directory.exists))
        let report = try report(run)
        #expect(report.frames.map(\.index) == [0, 1, 2, 3] && report.frames.map(\.errors.step) == [0, 6, 12, 18])
        #expect(report.isOwnTrajectory && report.isWhole && report.overall.sites == 96 && report.size == [6, 4])
        // A network of five epochs has learned little: it is off, but not by more than a little beyond nothing.
        #expect(report.overall.rootMeanSquare > 1e-3 && report.overall.rootMeanSquare < 2 * report.overall.trivial)
        let square = report.frames.reduce(0) { $0 + $1.errors.rootMeanSquare * $1.errors.rootMeanSquare } / 4
        #expect(abs(square.squareRoot() - report.overall.rootMeanSquare) < 1e-12)
        #expect(report.tail.fractions.first.map { $0 > 0.9 } == true && report.tail.fractions.last == 0)
        let file = try HDF5File.open(run.directory.auditFrames)
        let (errors, shape) = try file.readDoubles("error")
        #expect(shape == [4, 4, 6])
        let first = errors[0..<24].reduce(0) { $0 + $1 * $1 } / 24
        #expect(abs(first.squareRoot() - report.frames[0].errors.rootMeanSquare) < 1e-12)
        #expect(try AuditTable.read(run.directory.auditFrameTable).count == 4)
        #expect(try FileInspection(contentsOf: run.directory.audit).kind == "audit")
        #expect(try FileInspection(contentsOf: run.directory.auditFrames).kind == "audit")
        #expect(try Set(run.names()).isSuperset(of: ["audit.json", "audit.h5", "audit-frames.csv", "figures", "manifest.json"]))
        #expect(try FileManager.default.contentsOfDirectory(atPath: run.directory.figures).contains("audit-map.png"))
    }

    @Test func solverIsJudgedOnAnotherTrajectory() throws {
        let run = try simulated()
        var own = request(run)
        own.force = AuditRequest.Force("exact-diagonalization")
        _ = try Stages.audit(run.context(), own)
        let report = try report(run)
        #expect(report.overall.rootMeanSquare == 0 && report.overall.trivial > 0.5 && !report.isOwnTrajectory)
        #expect(report.tail.errors.isEmpty)
        // Another audit is not mixed with it.
        let error = #expect(throws: StageError.self) { try Stages.audit(run.context(), request(run)) }
        #expect(error?.description.contains("model: exact-diagonalization → ") == true)
        #expect(throws: StageError.self) { try Stages.audit(run.context(), request(run) { $0.sites = 5 }) }
    }

    @Test func sampledSitesAreThoseOfTheWholeFrame() throws {
        let run = try simulated()
        let whole = try StageRun(copying: run)
        _ = try Stages.audit(whole.context(), request(whole))
        _ = try Stages.audit(run.context(threads: 2), request(run) { $0.sites = 9 })
        let (few, all) = try (HDF5File.open(run.directory.auditFrames), HDF5File.open(whole.directory.auditFrames))
        let sites = try few.readIntegers("site")
        let (sampled, known) = try (few.readDoubles("error").values, all.readDoubles("error").values)
        #expect(sites.shape == [4, 9])
        for (position, site) in sites.values.enumerated() {
            #expect(abs(sampled[position] - known[position / 9 * 24 + site]) < 1e-12)
        }
        // Every frame has sites of its own.
        let choices = (0..<4).map { frame in Array(sites.values[9 * frame..<9 * frame + 9]) }
        #expect(Set(choices).count == 4)
    }

    /// Selected inversion is exact, local diagonalization almost.
    @Test func solversJudgeOneAnother() throws {
        let run = try simulated()
        func judge(_ name: SolverName, by solver: SolverName) throws -> AuditReport {
            let other = try StageRun(copying: run)
            let summary = try Stages.audit(
                other.context(),
                request(other) {
                    $0.force = .solver(name)
                    $0.solver = solver
                })
            #expect(summary.ran)
            return try report(other)
        }
        let inverted = try judge(.exactDiagonalization, by: .selectedInversion)
        #expect(inverted.overall.maximum < 1e-9 && inverted.overall.trivial > 0.5)
        #expect(inverted.frames.allSatisfy { $0.errors.solverError < 1e-8 && $0.errors.solverError > 0 })
        let local = try judge(.localDiagonalization, by: .selectedInversion)
        #expect(local.overall.rootMeanSquare < 0.1 && local.overall.rootMeanSquare > 1e-9)
    }

    /// Other options are another audit.
    @Test func optionsOfTheSolverCount() throws {
        let run = try simulated()
        _ = try Stages.audit(run.context(), request(run) { $0.solver = .selectedInversion })
        let coarse = try StageRun.recipe(["[simulate]": "[selected_inversion]\ntolerance = 1e-6\n[simulate]"])
        let error = #expect(throws: StageError.self) {
            try Stages.audit(run.context(coarse), request(run) { $0.solver = .selectedInversion })
        }
        #expect(error?.description.contains("tolerance = 1e-10 → tolerance = 1e-06") == true, "\(error?.description ?? "")")
    }

    @Test func precisionOfAModelCounts() throws {
        let run = try simulated()
        _ = try Stages.audit(run.context(), request(run))
        let double = try StageRun.recipe(["[simulate]\n": "[simulate]\nprecision = \"float64\"\n"])
        let error = #expect(throws: StageError.self) { try Stages.audit(run.context(double), request(run)) }
        #expect(error?.description.contains("precision: float32 → float64") == true, "\(error?.description ?? "")")
    }

    @Test func optionsOfAnAuditedSolverCount() throws {
        let run = try simulated()
        let local = request(run) { $0.force = .solver(.localDiagonalization) }
        _ = try Stages.audit(run.context(), local)
        #expect(try report(run).audited.hasPrefix("local-diagonalization (radius = "))
        let wider = try StageRun.recipe(["[simulate]": "[local_diagonalization]\nradius = 2\n[simulate]"])
        #expect(throws: StageError.self) { try Stages.audit(run.context(wider), local) }
    }

    @Test func framesAreAddedToAnEarlierAudit() throws {
        let (run, whole) = try (simulated(), StageRun())
        try FileManager.default.copyItem(atPath: run.directory.path, toPath: whole.directory.path)
        for frames in [AuditRequest.Frames.listed([3, 1]), .listed([1]), .every(3), .every(1)] {
            let isKnown = frames == .listed([1])
            #expect(try Stages.audit(run.context(), request(run) { $0.frames = frames }).ran != isKnown)
        }
        #expect(try !Stages.audit(run.context(), request(run)).ran)
        _ = try Stages.audit(whole.context(), request(whole))
        try expectSameAudit(run, whole)
    }

    @Test func interruptedAuditsGoOn() throws {
        let (run, whole) = try (simulated(), StageRun())
        try FileManager.default.copyItem(atPath: run.directory.path, toPath: whole.directory.path)
        _ = try Stages.audit(whole.context(), request(whole))
        #expect(throws: StageError.self) { try Stages.audit(run.context(resume: .required), request(run)) }
        #expect(throws: WorkflowInterrupted.self) { try Stages.audit(run.context(interruption: .after(looks: 2)), request(run)) }
        #expect(!run.directory.exists(run.directory.audit) && run.directory.exists(run.directory.auditParts))
        // Another audit does not go on with it.
        #expect(throws: StageError.self) { try Stages.audit(run.context(), request(run) { $0.sites = 3 }) }
        // A damaged part is made again.
        try run.damage(run.directory.auditParts + "/frame-1.h5")
        #expect(throws: WorkflowInterrupted.self) { try Stages.audit(run.context(interruption: .after(looks: 1)), request(run)) }
        #expect(try Stages.audit(run.context(resume: .required), request(run)).ran)
        #expect(!run.directory.exists(run.directory.auditParts))
        try expectSameAudit(run, whole)
    }

    @Test func freshDiscardsUnfinishedFrames() throws {
        let run = try simulated()
        #expect(throws: WorkflowInterrupted.self) {
            try Stages.audit(run.context(interruption: .after(looks: 2)), request(run) { $0.sites = 3 })
        }
        _ = try Stages.audit(run.context(resume: .fresh), request(run))
        #expect(try report(run).isWhole)
    }

    @Test func wrongInputsAreRefused() throws {
        let run = try simulated()
        func expectRefusal<Failure: Error>(
            _ type: Failure.Type, _ text: String, recipe: Recipe? = nil, _ change: (inout AuditRequest) -> Void
        ) throws {
            let error = #expect(throws: type) { try Stages.audit(run.context(recipe), request(run, change)) }
            #expect(error.map { "\($0)" }?.contains(text) == true, "\(error.map { "\($0)" } ?? "")")
            #expect(!run.directory.exists(run.directory.audit) && !run.directory.exists(run.directory.auditParts))
        }
        try expectRefusal(AuditError.self, "--frames 4: ") { $0.frames = .listed([1, 4]) }
        try expectRefusal(StorageError.self, "nowhere.safetensors") { $0.force = .model(path: "nowhere.safetensors") }
        try expectRefusal(StorageError.self, "is not a model") { $0.force = .model(path: run.directory.trainingCheckpoint) }
        try expectRefusal(StorageError.self, "is not a trajectory") { $0.trajectory = run.directory.dataset }
        let other = try StageRun.recipe(["coupling = 3.5": "coupling = 3"])
        try expectRefusal(AuditError.self, "coupling = 3.5, the recipe's coupling = 3", recipe: other) { _ in }
        let lattice = temporaryFile(
            "oblique.toml",
            """
            name = "oblique"
            primitive_vectors = [[1.0, 0.0], [0.0, 1.1]]
            basis = [[0.0, 0.0]]
            bonds = [{ from = 0, to = 0, cell = [1, 0] }, { from = 0, to = 0, cell = [0, 1] }]

            """)
        let oblique = try StageRun.recipe(["\"square\"": "\"\(lattice)\""])
        try expectRefusal(AuditError.self, "the square lattice, the recipe's oblique", recipe: oblique) { _ in }
        // A model of other electrons.
        let stranger = StageRun()
        for stage in [Stages.generate, Stages.train] { _ = try stage(stranger.context(other)) }
        try expectRefusal(ForceEvaluationError.self, "was trained on other electrons") {
            $0.force = .model(path: stranger.directory.model)
        }
    }

    @Test func recipeIsThatOfTheTrajectory() throws {
        let run = try simulated()
        let recipe = try AuditRequest.recipe(ofTrajectory: run.directory.trajectory)
        #expect(recipe == (try StageRun.recipe()))
        #expect(throws: StorageError.self) { try AuditRequest.recipe(ofTrajectory: run.directory.model) }
    }

    @Test func reportsShowTheAudit() throws {
        let run = try simulated(StageRun.recipe(["steps = 20": "steps = 20\naudit_interval = 5\naudit_threshold = 9.0"]))
        let recipe = try AuditRequest.recipe(ofTrajectory: run.directory.trajectory)
        _ = try Stages.audit(run.context(recipe), request(run))
        _ = try Stages.report(run.context(recipe))
        let page = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        for name in ["audit-simulation", "audit-time", "audit-map", "audit-tail"] {
            let isShown = page.contains("<figure id=\"\(name)\">")
            #expect(isShown, "\(name)")
        }
        try FileManager.default.removeItem(atPath: run.directory.audit)
        try FileManager.default.removeItem(atPath: run.directory.auditTable)
        _ = try Stages.report(run.context(recipe))
        let without = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        let isSilent = !without.contains("<figure id=\"audit") && !without.contains("adiabat audit")
        #expect(isSilent)
    }

    /// Everything but the name of the model.
    private func expectSameAudit(_ run: StageRun, _ whole: StageRun) throws {
        #expect(try run.bytes(run.directory.auditFrameTable) == whole.bytes(whole.directory.auditFrameTable))
        func nameless(_ run: StageRun) throws -> Data {
            var report = try report(run)
            report.audited = ""
            return JSONFile.encode(report)
        }
        #expect(try nameless(run) == nameless(whole))
        let files = try [run, whole].map { try HDF5File.open($0.directory.auditFrames) }
        for name in ["displacement", "force", "exact_force", "error", "step", "frame", "time"] {
            let isCount = ["step", "frame"].contains(name)
            let values = try files.map { file -> [Double] in
                if isCount { return try file.readIntegers(name).values.map { Double($0) } }
                return try file.readDoubles(name).values
            }
            #expect(values[0] == values[1] && !values[0].isEmpty, "\(name)")
        }
    }
}
