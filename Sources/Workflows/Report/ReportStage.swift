import Foundation
import Lattices
import Storage

extension Stages {
    /// The figures and the page that tell what a run has found: `figures/NAME.png`, `figures/NAME.svg` and `report.html`.
    ///
    /// Reads whichever of `comparison.json`, `analysis.json`, `training.csv` and `trajectory.h5` are there; figures that need
    /// one that is not are left out, and the page says which stage makes it. Audits are shown where there are any. The report is
    /// made anew every time.
    ///
    /// - Throws: ``StageError/missingInput(path:stage:)`` if none of the inputs is there,
    ///   ``StageError/program(name:problem:)`` if gnuplot is missing or fails, `StorageError` if a file cannot be read
    ///   or written, ``WorkflowInterrupted``.
    public static func report(_ context: StageContext) throws -> StageSummary {
        try context.require([.report])
        return try context.recordedOnFirstRank { context in
            let report = Report(inputs: try ReportInputs(context), directory: context.directory)
            try report.write(with: Gnuplot(), progress: context.progress, interruption: context.interruption)
            return StageSummary(
                stage: "report", ran: true, outputs: [context.directory.report],
                facts: [.init("figures", "\(report.figures.count), as PNG and SVG in \(context.directory.figures)")])
        }
    }
}

/// The figures and the page of one run.
package struct Report {
    let inputs: ReportInputs
    let directory: RunDirectory
    let figures: [Figure]

    package init(inputs: ReportInputs, directory: RunDirectory) {
        self.inputs = inputs
        self.directory = directory
        figures = FigureCatalogue.entries.compactMap { $0.draw(inputs) }
    }

    /// Draws the figures and writes the page.
    ///
    /// - Returns: the files, the page last.
    /// - Throws: ``StageError``, `StorageError` or ``WorkflowInterrupted``.
    @discardableResult
    package func write(with gnuplot: Gnuplot, progress: any ProgressReporter, interruption: Interruption) throws -> [String] {
        try directory.create(directory.figures)
        progress.begin(stage: "report", total: figures.count)
        var drawn: [DrawnFigure] = []
        for figure in figures {
            try interruption.check()
            do {
                drawn.append(try gnuplot.draw(figure))
            } catch let error as StageError {
                // Control-C reaches gnuplot too.
                try interruption.check()
                throw error
            }
            progress.update(done: drawn.count, detail: figure.name)
        }
        let files = try drawn.flatMap { try $0.write(in: directory.figures) }
        try removeStaleFigures()
        try AtomicFile.write(ReportPage(inputs: inputs, figures: drawn).html, to: directory.report)
        progress.end(summary: "\(drawn.count) figures, \(directory.report)")
        return files + [directory.report]
    }

    /// Removes figures of an earlier report that this one does not show: they would be taken for its own.
    private func removeStaleFigures() throws {
        let current = Set(figures.map(\.name))
        for entry in FigureCatalogue.entries where !current.contains(entry.name) {
            for suffix in ["png", "svg"] { try directory.remove("\(directory.figures)/\(entry.name).\(suffix)") }
        }
    }
}
