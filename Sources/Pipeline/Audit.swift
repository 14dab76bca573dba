import Experiments
import Recipes
import Reports
import Runs
import Storage

extension Stages {
    /// The error of an electronic force over time and space: frames of a trajectory are solved again.
    ///
    /// Writes `audit.json`, an ``AuditReport``; `audit-frames.csv` with a line a frame; `audit.h5` with the forces and their
    /// errors; and figures. Finished frames are kept in `audit.parts` until all are; frames of an earlier audit of the same
    /// force with the same solver stay in the files, so that more of them can be audited later.
    ///
    /// - Parameters:
    ///   - context: with the trajectory's recipe, as ``AuditRequest/recipe(ofTrajectory:)`` reads it.
    ///   - request: what is audited.
    /// - Throws: ``AuditError``, ``StageError``, ``ForceEvaluationError``, ``WorkflowInterrupted``, `StorageError`,
    ///   `NetworkError` for a model of another lattice, and what the solver throws.
    public static func audit(_ context: StageContext, _ request: AuditRequest) throws -> StageSummary {
        try context.recorded {
            let stage = try AuditStage(context, request)
            let wrapped = context.warn(of: stage.wrappedForces)
            let directory = context.directory
            if request.redo, directory.exists(directory.path) {
                try StageName.audit.discard(in: directory)
                try Manifest.change(context) { $0.stages[StageName.audit.rawValue] = nil }
            }
            let ran = try stage.run { try drawFigures($0, $1, context) }
            let report = try JSONFile.read(AuditReport.self, from: directory.audit)
            return StageSummary(
                stage: "audit", ran: ran, outputs: [directory.audit, directory.auditFrameTable, directory.auditFrames],
                inputs: request.modelPath.map { [$0] } ?? [],
                facts: report.facts + stage.tilingFacts + wrapped)
        }
    }

    /// What ``audit(_:_:)`` would do.
    ///
    /// - Returns: one sentence, after everything that can be checked without a solution has been.
    /// - Throws: as ``audit(_:_:)`` does before its first solution.
    public static func auditPlan(_ context: StageContext, _ request: AuditRequest) throws -> String {
        try AuditStage(context, request).plan
    }

    /// Figures are for looking at: without gnuplot the numbers are there all the same.
    private static func drawFigures(_ report: AuditReport, _ frames: [AuditedFrame], _ context: StageContext) throws {
        let folder = context.directory.figures
        do {
            let gnuplot = try Gnuplot()
            try context.directory.create(folder)
            let picture = AuditPicture(report: report, frame: frames.last)
            for figure in [Figure.auditTime, Figure.auditMap, Figure.auditTail, Figure.auditWalls] {
                do { _ = try gnuplot.draw(figure(picture)).write(in: folder) } catch let omission as FigureOmission {
                    context.progress.message("a figure is left out: \(omission)")
                }
            }
        } catch let error as StageError {
            try context.interruption.check()
            context.progress.warning("no figures: \(error)")
        }
    }
}
