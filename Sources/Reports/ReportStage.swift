import Experiments
import Foundation
import Lattices
import Runs
import Storage

extension Stages {
    /// The figures and the page that tell what a run has found: `figures/NAME.png`, `figures/NAME.svg` and `report.html`.
    ///
    /// Reads whichever of `comparison.json`, `analysis.json`, `training.csv` and `trajectory.h5` are there; figures that need
    /// one that is not are left out, and the page says which stage makes it. Audits are shown where there are any. All of them must
    /// be of this recipe and made from what is there; a table or an audit that is not is left out, and so is what cannot be drawn,
    /// such as an error of 0 on a logarithmic axis: the page and the summary say why. The report is made anew every time.
    ///
    /// - Throws: ``StageError/recipeChanged(path:differences:isUnfinished:remedy:)`` or
    ///   ``StageError/outdated(path:problem:remedy:)`` for anything else that does not belong there,
    ///   ``StageError/missingInput(path:stage:)`` if none of the inputs is there,
    ///   ``StageError/program(name:problem:)`` if gnuplot is missing, `StorageError` if a file cannot be read
    ///   or written, ``WorkflowInterrupted``.
    public static func report(_ context: StageContext) throws -> StageSummary {
        try context.require([.report])
        return try context.recordedOnFirstRank { context in
            let inputs = try ReportInputs(context, without: context.outdatedSources())
            let report = Report(inputs: inputs, directory: context.directory)
            let written = try report.write(with: Gnuplot(), progress: context.progress, interruption: context.interruption)
            return StageSummary(
                stage: "report", ran: true, outputs: [context.directory.report],
                inputs: inputs.sources.map { $0.path(in: context.directory) },
                facts: [.init("figures", "\((written.files.count - 1) / 2), as PNG and SVG in \(context.directory.figures)")]
                    + written.omissions.map { .init("left out", "\($0.names): \($0.reason)") })
        }
    }
}

/// The figures and the page of one run.
package struct Report {
    let inputs: ReportInputs
    let directory: RunDirectory
    let figures: [Figure]
    /// Figures that the inputs should give, and why they do not.
    private let omissions: [FigureCatalogue.Omission]

    package init(inputs: ReportInputs, directory: RunDirectory) {
        self.inputs = inputs
        self.directory = directory
        (figures, omissions) = FigureCatalogue.figures(inputs)
    }

    /// Draws the figures and writes the page, which says what is left out and why.
    ///
    /// - Returns: the files, the page last; and the figures that are left out, under the reasons why.
    /// - Throws: `StorageError` or ``WorkflowInterrupted``.
    @discardableResult
    package func write(
        with gnuplot: Gnuplot, progress: any ProgressReporter, interruption: Interruption
    ) throws -> (files: [String], omissions: [(names: String, reason: String)]) {
        try directory.create(directory.figures)
        progress.begin(stage: "report", total: figures.count)
        var drawn: [DrawnFigure] = []
        var omissions = omissions
        for (index, figure) in figures.enumerated() {
            try interruption.check()
            do {
                drawn.append(try gnuplot.draw(figure))
            } catch let error as StageError {
                // Control-C reaches gnuplot too.
                try interruption.check()
                omissions.append(FigureCatalogue.Omission(name: figure.name, reason: "\(error)"))
            }
            progress.update(done: index + 1, detail: figure.name)
        }
        let files = try drawn.flatMap { try $0.write(in: directory.figures) }
        try removeStaleFigures(except: Set(drawn.map(\.figure.name)))
        try AtomicFile.write(ReportPage(inputs: inputs, figures: drawn, omissions: omissions).html, to: directory.report)
        progress.end(summary: "\(drawn.count) figures, \(directory.report)")
        return (files + [directory.report], FigureCatalogue.Omission.byReason(omissions))
    }

    /// Removes figures of an earlier report that this one does not show: they would be taken for its own.
    private func removeStaleFigures(except current: Set<String>) throws {
        for entry in FigureCatalogue.entries where !current.contains(entry.name) {
            for suffix in ["png", "svg"] { try directory.remove("\(directory.figures)/\(entry.name).\(suffix)") }
        }
    }
}
