import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Testing

/// Audits every so many steps of a simulation.
@Suite struct AuditSimulationTests {
    private static let audited = "steps = 20\naudit_interval = 4\naudit_sites = 7\n"

    private func recipe(_ more: String = "") throws -> Recipe { try StageRun.recipe(["steps = 20": Self.audited + more]) }

    private func learned() throws -> StageRun {
        let run = StageRun()
        for stage in [Stages.generate, Stages.train] { _ = try stage(run.context(recipe())) }
        return run
    }

    @Test func everyIntervalHasItsLine() throws {
        let run = try learned()
        let summary = try Stages.simulate(run.context(recipe()))
        #expect(summary.outputs == [run.directory.trajectory, run.directory.auditTable])
        let lines = try AuditTable.read(run.directory.auditTable)
        #expect(lines.map(\.step) == [4, 8, 12, 16, 20] && lines.allSatisfy { $0.sites == 7 && $0.rootMeanSquare > 1e-3 })
        #expect(abs(lines[2].time - 1.2) < 1e-12)
        // What was simulated is the same without.
        let other = try learned()
        let silent = try Stages.simulate(other.context())
        #expect(silent.outputs == [other.directory.trajectory] && !other.directory.exists(other.directory.auditTable))
        let (with, without) = try frames((run, other))
        #expect(with == without && !with.isEmpty)
    }

    @Test func exactForcesPass() throws {
        let run = StageRun()
        let solver = "\"exact-diagonalization\""
        let recipe = try recipe("force_field = \(solver)\naudit_solver = \(solver)\naudit_threshold = 1e-9\n")
        _ = try Stages.simulate(run.context(recipe))
        let lines = try AuditTable.read(run.directory.auditTable)
        #expect(lines.count == 5 && lines.allSatisfy { $0.rootMeanSquare < 1e-12 && $0.trivial > 0.5 })
    }

    @Test func checkCountsTheAudits() throws {
        let (with, without) = try (CostEstimate(recipe(), threads: 1), CostEstimate(StageRun.recipe(), threads: 1))
        let works = [with, without].map { $0.stages.first { $0.stage == "simulate" }?.work ?? "" }
        #expect(works[0] == works[1] + ", 5 audits of 7 sites by selected inversion" && !works[1].isEmpty)
    }

    /// Zero temperature is not for the solver that is chosen unless another is.
    @Test func auditorNeedsItsTemperature() throws {
        let error = #expect(throws: RecipeError.self) {
            try StageRun.recipe(["coupling = 3.5": "coupling = 3.5\ntemperature = 0.0", "steps = 20": Self.audited]).runnable()
        }
        #expect(error?.description.contains("selected-inversion") == true)
        let exact = Self.audited + "audit_solver = \"exact-diagonalization\"\n"
        _ = try StageRun.recipe(["coupling = 3.5": "coupling = 3.5\ntemperature = 0.0", "steps = 20": exact])
    }

    @Test(arguments: [1, 3]) func interruptedRunsEndWithTheSameBytes(_ threads: Int) throws {
        let start = try learned()
        let whole = try StageRun(copying: start)
        _ = try Stages.simulate(whole.context(recipe()))
        for looks in [0, 3, 9, 14] {
            let run = try StageRun(copying: start)
            let stops = try run.runInPieces(Stages.simulate, recipe(), looks: looks, threads: threads)
            #expect(stops > 0)
            try run.expectSameFiles(as: whole)
        }
    }

    /// A kill after a line was written and before a checkpoint was: lines from the future are made again.
    @Test func linesAfterTheCheckpointAreMadeAgain() throws {
        let start = try learned()
        let whole = try StageRun(copying: start)
        _ = try Stages.simulate(whole.context(recipe()))
        let run = try StageRun(copying: start)
        #expect(throws: WorkflowInterrupted.self) { try Stages.simulate(run.context(recipe(), interruption: .after(looks: 20))) }
        try run.put(whole.bytes(whole.directory.auditTable), run.directory.auditTable)
        _ = try Stages.simulate(run.context(recipe()))
        try run.expectSameFiles(as: whole)
    }

    @Test func wrongForcesStopTheRun() throws {
        let run = try learned()
        for resume in [ResumePolicy.automatic, .required] {
            let error = #expect(throws: AuditError.self) {
                try Stages.simulate(run.context(recipe("audit_threshold = 1e-4\n"), resume: resume))
            }
            guard case .thresholdExceeded(let step, let time, let rms, 1e-4, _)? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(step == 4 && abs(time - 0.4) < 1e-12 && rms > 1e-3 && error?.isFailedRun == true)
            #expect(try AuditTable.read(run.directory.auditTable).map(\.step) == [4])
        }
        try expectTrajectory(of: run, samples: 3)
        // The user lets it go on, and it ends as if it had never stopped.
        _ = try Stages.simulate(run.context(recipe("audit_threshold = 1e-4\naudit_action = \"warn\"\n")))
        #expect(run.progress.warnings.count { $0.contains("above simulate.audit_threshold") } == 5)
        let whole = try learned()
        _ = try Stages.simulate(whole.context(recipe()))
        let (resumed, other) = try frames((run, whole))
        #expect(resumed == other && !resumed.isEmpty)
        #expect(try run.bytes(run.directory.auditTable) == whole.bytes(whole.directory.auditTable))
    }

    private func expectTrajectory(of run: StageRun, samples: Int) throws {
        let file = try TrajectoryFile.open(run.directory.trajectory, lattice: recipe().lattice.geometry)
        #expect(file.sampleCount == samples && !file.isComplete)
        #expect(run.directory.exists(run.directory.simulationCheckpoint))
    }

    @Test func impossibleAuditsAreRefused() throws {
        func expectRefusal(_ changes: KeyValuePairs<String, String>, _ text: String) {
            let error = #expect(throws: RecipeError.self) { try StageRun.recipe(changes).runnable() }
            #expect(error?.description.contains(text) == true, "\(error?.description ?? "")")
        }
        expectRefusal(["steps = 20": "steps = 20\naudit_interval = 21"], "simulate.audit_interval: 21 is not allowed")
        expectRefusal(["steps = 20": "steps = 20\naudit_action = \"shrug\""], "'stop' or 'warn'")
        expectRefusal(["steps = 20": "steps = 20\naudit_solver = \"oracle\""], "simulate.audit_solver: 'oracle' is not allowed")
        expectRefusal(
            ["coupling = 3.5": "coupling = 3.5\nfilling = 0.5", "steps = 20": Self.audited],
            "simulate.audit_sites: 7 sampled sites")
    }
}

extension StageRun {
    fileprivate func displacements() throws -> [[Double]] {
        let file = try TrajectoryFile.open(directory.trajectory, lattice: Self.recipe().lattice.geometry)
        return try (0..<file.frameCount).map { try file.displacement(frame: $0).values }
    }
}

private func frames(_ runs: (StageRun, StageRun)) throws -> ([[Double]], [[Double]]) {
    try (runs.0.displacements(), runs.1.displacements())
}
