import Experiments
import Foundation
import FoundationXML
import Pipeline
import Reports
import Runs
import Testing

/// Every figure of a complete run.
private let names = [
    "parity", "error-histogram", "error-by-stage", "learning-curve", "domains", "structure-factor-map", "domain-length",
    "correlation",
    "radial-structure-factor", "energy-temperature", "twin-divergence", "twin-order", "twin-correlation", "twin-domains",
]

@Suite(.serialized) struct ReportStageTests {
    /// A complete report.
    private func fullReport(_ samples: ReportSamples) throws {
        try samples.writeComparison()
        try samples.writeAnalysis()
        try samples.writeTrainingCurve()
        try samples.write(["versions": ["swift": "6.3.1"], "host": "<machine> & co"] as [String: Any], "manifest.json")
        var inputs = try ReportInputs(samples.context)
        inputs.frames = samples.frames
        let outputs = try write(samples, inputs)
        #expect(outputs.count == 2 * names.count + 1)
    }

    private func write(_ samples: ReportSamples, _ inputs: ReportInputs, with gnuplot: Gnuplot? = nil) throws -> [String] {
        try Report(inputs: inputs, directory: samples.context.directory)
            .write(with: gnuplot ?? Gnuplot(), progress: SilentProgress(), interruption: Interruption()).files
    }

    /// The page; compared by this type's own functions, lest a failure print all of it.
    private struct Page {
        let html: String

        init(_ samples: ReportSamples) throws {
            html = try String(contentsOfFile: samples.context.directory.report, encoding: .utf8)
        }

        func says(_ text: String) -> Bool { html.contains(text) }
    }

    private func data(_ path: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }

    @Test func everyFigureIsDrawnAndEmbedded() throws {
        let samples = try ReportSamples(title: "Quench <g = 3.5> & \"more\"")
        defer { samples.remove() }
        try fullReport(samples)
        let page = try Page(samples)
        for name in names {
            let png = try data("\(samples.folder)/figures/\(name).png")
            #expect(png.starts(with: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]) && png.count > 4000, "\(name)")
            let svg = try data("\(samples.folder)/figures/\(name).svg")
            #expect(XMLParser(data: svg).parse(), "\(name)")
            #expect(page.says("<figure id=\"\(name)\""))
            // What is embedded is the file.
            let isEmbedded = [png, svg].contains { page.says("base64,\($0.base64EncodedString())\"") }
            #expect(isEmbedded, "\(name)")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: samples.folder + "/figures").count == 2 * names.count)
        #expect(!page.says("http"))
        #expect(!page.says("Not shown"))
        #expect(page.says("<title>Quench &lt;g = 3.5&gt; &amp; &quot;more&quot;</title>"))
        #expect(page.says("&lt;machine&gt; &amp; co"))
        #expect(page.says("arXiv:2601.04104"))
        // 0.064 s / 0.42 ms. One run has no exponent.
        #expect(page.says("150 times faster"))
        #expect(!page.says("exponent") && !page.says("The learned force is poor"))
        // Apart from the document type and the elements that HTML leaves open, the page is XML too.
        let xml = page.html.replacing("<!DOCTYPE html>", with: "").replacing(/<(meta|img)([^>]*)>/) { "<\($0.1)\($0.2)/>" }
        let parser = XMLParser(data: Data(xml.utf8))
        #expect(parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))")
    }

    @Test func sameInputsGiveTheSameBytes() throws {
        let samples = try ReportSamples(size: [16, 12])
        defer { samples.remove() }
        func files() throws -> [Data] {
            try fullReport(samples)
            let figures = names.flatMap { name in ["png", "svg"].map { "\(samples.folder)/figures/\(name).\($0)" } }
            return try ([samples.context.directory.report] + figures).map(data)
        }
        #expect(try files() == files())
    }

    @Test func reportsWhatIsThere() throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try samples.writeAnalysis()
        #expect(try Stages.report(samples.context).outputs == [samples.context.directory.report])
        #expect(try FileManager.default.contentsOfDirectory(atPath: samples.folder + "/figures").count == 2 * 5)
        let page = try Page(samples)
        #expect(page.says("Not shown: parity, error-histogram, error-by-stage; they need what `adiabat compare` makes."))
        #expect(page.says("Not shown: learning-curve; they need what `adiabat train` makes."))
        #expect(page.says("Not shown: domains; they need what `adiabat simulate` makes."))
    }

    @Test func figuresOfAnEarlierReportAreRemoved() throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try samples.writeTrainingCurve()
        try samples.writeComparison(twins: 0)
        _ = try Stages.report(samples.context)
        #expect(FileManager.default.fileExists(atPath: samples.folder + "/figures/parity.svg"))
        try FileManager.default.removeItem(atPath: samples.context.directory.comparison)
        _ = try Stages.report(samples.context)
        let files = try FileManager.default.contentsOfDirectory(atPath: samples.folder + "/figures").sorted()
        #expect(files == ["learning-curve.png", "learning-curve.svg"])
    }

    @Test func oddLatticesShowPlainDisplacements() throws {
        let samples = try ReportSamples(size: [15, 9])
        defer { samples.remove() }
        try samples.writeComparison(twins: 2)
        var inputs = try ReportInputs(samples.context)
        inputs.frames = samples.frames
        _ = try write(samples, inputs)
        let page = try Page(samples)
        #expect(page.says("Displacement Q of the 15\u{a0}×\u{a0}9 lattice"))
        #expect(!page.says("Staggered displacement ("))
        #expect(page.says("each of 2 pairs"))
        #expect(page.says("structure factor around q = 0"))
    }

    /// Walls of a chain have no curvature that drives them, and velocity Verlet has no heat bath.
    @Test(arguments: [([64], "velocity-verlet"), ([32, 32], "baoab")])
    func linesToCompareWithAreDrawnWhereTheyMeanSomething(_ size: [Int], _ integrator: String) throws {
        let samples = try ReportSamples(size: size, tables: "[dynamics]\nintegrator = \"\(integrator)\"\n")
        defer { samples.remove() }
        try samples.writeAnalysis()
        _ = try Stages.report(samples.context)
        let page = try Page(samples)
        #expect(page.says("<figure id=\"domain-length\"") && page.says("<figure id=\"energy-temperature\""))
        let (hasSlope, hasBath) = (page.says("the slope √t"), page.says("temperature of the bath"))
        #expect(hasSlope == (size.count > 1) && hasBath == (integrator == "baoab"))
    }

    @Test func hostileNamesAreOnlyText() throws {
        let samples = try ReportSamples(title: "</title><script>alert(1)</script>")
        defer { samples.remove() }
        let mark = samples.folder + "/executed"
        try samples.writeComparison(stageName: "x' 1); system('touch \(mark)') #`touch \(mark)`\n^{_@&~<script>")
        _ = try Stages.report(samples.context)
        #expect(!FileManager.default.fileExists(atPath: mark))
        let page = try Page(samples)
        #expect(!page.says("<script"))
        let svg = try String(contentsOfFile: samples.folder + "/figures/error-by-stage.svg", encoding: .utf8)
        #expect(svg.contains("`touch"))
        #expect(XMLParser(data: Data(svg.utf8)).parse())
    }

    @Test func nothingToReportIsAnError() throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        let error = #expect(throws: StageError.self) { _ = try Stages.report(samples.context) }
        #expect(error.map { "\($0)" }?.contains("adiabat compare") == true)
    }

    @Test(
        arguments: ["", "epoch,loss\n1,2\n"]
            + ["1,2,3,4,x,6", ",2,3,4,5,6", "nan,2,3,4,5,6"].map {
                "epoch,step,learning_rate,loss,validation_rmse,validation_mae\n\($0)\n"
            })
    func damagedCurvesAreRefused(_ text: String) throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try text.write(toFile: samples.context.directory.trainingCurve, atomically: true, encoding: .utf8)
        try samples.enter([samples.context.directory.trainingCurve], of: "train")
        let error = #expect(throws: (any Error).self) { _ = try Stages.report(samples.context) }
        #expect(error.map { "\($0)" }?.contains("training.csv: line ") == true)
    }

    @Test func missingGnuplotIsAnError() {
        let error = #expect(throws: StageError.self) { _ = try Gnuplot(searchPath: "/nowhere:/dev") }
        #expect(error.map { "\($0)" } == "gnuplot: is not installed; `apt-get install gnuplot-nox` installs it")
    }

    @Test func failingGnuplotSaysWhy() throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try samples.writeTrainingCurve()
        let program = samples.folder + "/gnuplot"
        try "#!/bin/sh\necho 'line 3: out of ink' >&2\nexit 2\n".write(toFile: program, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
        let files = try write(samples, ReportInputs(samples.context), with: Gnuplot(searchPath: samples.folder))
        #expect(files == [samples.context.directory.report])
        #expect(try Page(samples).says("Not shown: learning-curve; gnuplot: learning-curve: line 3: out of ink."))
    }

    @Test func interruptionStopsBetweenFigures() throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try samples.writeComparison()
        let context = StageContext(
            recipe: samples.context.recipe, directory: samples.context.directory, threads: 1, interruption: .after(looks: 1))
        #expect(throws: WorkflowInterrupted.self) { _ = try Stages.report(context) }
        #expect(!FileManager.default.fileExists(atPath: samples.context.directory.report))
    }
}
