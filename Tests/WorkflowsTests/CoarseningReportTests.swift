import Experiments
import Foundation
import Pipeline
import Reports
import Testing

/// The figures of an ensemble, from one that is made up: domains that grow as t^½ and scale.
@Suite struct CoarseningReportTests {
    private static let figures = [
        "coarsening-length", "coarsening-exponent", "coarsening-correlation", "coarsening-structure-factor",
        "coarsening-finite-size",
    ]

    private let times = (0...100).map { 4 * Double($0) }

    private func length(_ time: Double) -> Double { 0.7 * (time + 1).squareRoot() }

    private func exponent(_ from: Double, _ to: Double, _ value: Double, _ error: Double) -> [String: Any] {
        let middle = (from * to).squareRoot()
        return ["time": middle, "window": [from, to], "value": value, "error": error, "length": length(middle)]
    }

    private func ensemble(side: Int, error: Double, quenches: Int) -> [String: Any] {
        let radii = (0...side / 2).map(Double.init)
        let waves = (0...side / 2).map { 2 * .pi * Double($0) / Double(side) }
        let growth = ["correlation_length": 1.0, "domain_length": 3.4].map { name, factor in
            [
                "length": name, "values": times.map { factor * length($0) }, "errors": times.map { factor * error * length($0) },
                "exponents": [(25.0, 50.0, 0.46), (50, 100, 0.49), (100, 200, 0.51), (200, 400, 0.5)].map {
                    exponent($0.0, $0.1, $0.2, 4 * error)
                },
                "fit": exponent(50, 400, 0.512, 0.010),
            ] as [String: Any]
        }
        let moments = [50.0, 100, 200, 400].map { time -> [String: Any] in
            let scale = length(time)
            return [
                "step": Int(time * 5), "time": time, "meanSquare": 1.2,
                "lengths": ["correlation_length": scale, "domain_length": 3.4 * scale],
                "correlation": radii.map { exp(-log(2) * pow($0 / scale, 2)) }, "correlationErrors": radii.map { _ in error },
                "structureFactor": waves.map { 9 * scale * scale / pow(1 + pow($0 * scale, 2), 1.5) },
                "structureFactorErrors": waves.map { 9 * error * scale * scale / pow(1 + pow($0 * scale, 2), 1.5) },
            ]
        }
        let collapses = ["correlation", "structure_factor"].map {
            [
                "function": $0, "length": "correlation_length", "range": [0.2, 3.0], "spread": 0.012, "error": 0.01,
                "ratio": 1.2,
            ] as [String: Any]
        }
        return [
            "size": [side, side], "quenches": quenches, "times": times, "growth": growth, "radii": radii, "waveNumbers": waves,
            "moments": moments, "collapses": collapses,
        ]
    }

    func write(_ samples: ReportSamples, shortened: Bool = false, quenches: Int = 8, exponent: Double? = 0.5) throws {
        let ratios = times.dropLast(shortened ? 1 : 0).map { 1 - 0.1 * pow($0 / 400, 3) }
        try samples.write(
            [
                "title": "Sample", "forceField": "model", "fitWindow": [50.0, 400],
                "allenCahnExponent": exponent.map { $0 as Any } ?? NSNull(),
                "ensembles": [
                    ensemble(side: 128, error: 0.01, quenches: quenches), ensemble(side: 64, error: 0.02, quenches: quenches),
                ],
                "finiteSize": [
                    [
                        "size": [64, 64], "reference": [128, 128], "length": "correlation_length", "ratios": ratios,
                        "errors": times.map { _ in 0.02 }, "departure": 300.0, "departureFraction": 0.19, "finalFraction": 0.22,
                    ] as [String: Any]
                ],
            ] as [String: Any], "coarsening.json")
        try samples.enter([samples.context.directory.coarsening], of: "coarsen")
    }

    @Test func everyFigureIsDrawn() throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try write(samples)
        _ = try Stages.report(samples.context)
        let page = try String(contentsOfFile: samples.context.directory.report, encoding: .utf8)
        for name in Self.figures {
            let isShown = page.contains("<figure id=\"\(name)\"")
            #expect(isShown, "\(name)")
            let png = try Data(contentsOf: URL(fileURLWithPath: "\(samples.folder)/figures/\(name).png"))
            #expect(png.count > 10_000, "\(name)")
        }
        let says = [
            "effective exponent 0.512 ± 0.010 between t = 50 and 400, 1.2 standard errors above the ½ of Allen and Cahn",
            "Not shown: coarsening-domains", "differs from time",
        ].map { (text: $0, isThere: page.contains($0)) }
        for (text, isThere) in says { #expect(isThere, "\(text)") }
    }

    /// The scatter of four quenches tells no standard errors, and walls of a chain have no curvature.
    @Test(arguments: [(4, 0.5), (8, nil)]) func comparisonsThatMeanNothingAreLeftOut(_ quenches: Int, _ exponent: Double?) throws
    {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try write(samples, quenches: quenches, exponent: exponent)
        _ = try Stages.report(samples.context)
        let page = try String(contentsOfFile: samples.context.directory.report, encoding: .utf8)
        let says = page.contains("0.512 ± 0.010") && !page.contains("standard errors above")
        #expect(says)
        let compares = ["Dotted lines have the slope √t", "Allen and Cahn"].map { page.contains($0) == (exponent != nil) }
        #expect(compares == [true, true])
    }

    @Test func arraysOfDifferentLengthsAreRefused() throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try write(samples, shortened: true)
        let error = #expect(throws: (any Error).self) { try Stages.report(samples.context) }
        #expect(error.map { "\($0)" }?.contains("different lengths") == true)
    }
}
