import Experiments
import Foundation
import LatticeNumerics
import Lattices
import Observables
import Pipeline
import Recipes
import Reports
import Runs

/// A run directory of made-up results: domains that grow as t^½, a network that errs by a few parts in a thousand.
struct ReportSamples {
    let folder: String
    let context: StageContext
    private let supercell: Supercell
    private let spectrum: LatticeSpectrum

    /// - Parameters:
    ///   - size: of a chain or of a square lattice.
    ///   - tables: of the recipe, beside its lattice and its model.
    init(size: [Int] = [32, 32], title: String = "Sample", tables: String = "") throws {
        folder = NSTemporaryDirectory() + "adiabat-report-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let quoted = title.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let recipe = try Recipe(
            "title = \"\(quoted)\"\n[lattice]\nfile = \"\(size.count == 1 ? "chain" : "square")\"\nsize = \(size)\n[model]\nname = \"holstein\"\n"
                + tables,
            file: "runs/sample.toml")
        context = StageContext(recipe: recipe, directory: RunDirectory(folder), threads: 1)
        supercell = recipe.supercell(size)
        spectrum = try LatticeSpectrum(supercell)
    }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ object: Any, _ name: String) throws {
        try JSONFile.sealed(JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys]))
            .write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    /// Enters files in the manifest, as the stage would that wrote them.
    func enter(_ files: [String], of stage: String) throws {
        try Manifest.record(StageSummary(stage: stage, ran: true, outputs: files, facts: []), seconds: 0, context: context)
    }

    /// Independent normal numbers.
    private func noise(_ count: Int, seed: UInt64) -> [Double] {
        RandomStream(seed: seed, purpose: .testing).normals(count: count, step: 0)
    }

    /// A staggered pattern of domains about `length` wide, with thermal noise.
    func displacement(length: Double, seed: UInt64, noise strength: Double = 0.3) -> SiteField {
        let signs = supercell.sublatticeSigns() ?? [Double](repeating: 1, count: supercell.siteCount)
        let neighbors = supercell.neighborTable()
        var smooth = noise(supercell.siteCount, seed: 7)
        for _ in 0..<Int(length * length) {
            smooth = smooth.indices.map { site in
                neighbors.reduce(smooth[site]) { $0 + smooth[Int($1[site])] } / Double(neighbors.count + 1)
            }
        }
        let rms = (smooth.reduce(0) { $0 + $1 * $1 } / Double(smooth.count)).squareRoot()
        let thermal = noise(smooth.count, seed: seed)
        return SiteField(
            supercell, values: smooth.indices.map { signs[$0] * 1.6 * tanh(2 * smooth[$0] / rms) + strength * thermal[$0] })
    }

    var frames: [ReportInputs.Frame] {
        [12.5, 25, 50, 100].map {
            ReportInputs.Frame(time: $0, displacement: displacement(length: 0.5 * $0.squareRoot(), seed: UInt64($0)))
        }
    }

    func structure(_ field: SiteField) throws -> (
        radii: [Double], correlation: [Double], waves: [Double], structure: [Double], grid: [Double]
    ) {
        let factor = try spectrum.structureFactor(of: field)
        let correlation =
            supercell.sublatticeSigns() == nil
            ? try spectrum.correlation(of: field) : try spectrum.staggeredCorrelation(of: field)
        let (near, around) = (correlation.radialAverage(), factor.radialAverage())
        return (near.radii, near.values.map { $0 / near.values[0] }, around.radii, around.values, factor.values)
    }

    func writeTrainingCurve() throws {
        let rows = (1...30).map { epoch -> String in
            let rate = 1e-3 * (1 + cos(.pi * Double(epoch) / 31))
            let error = 0.012 + 0.4 * exp(-Double(epoch) / 4)
            return
                "\(epoch),\(epoch * 64),\(rate),\(error * error / 2),\(error),\(error / 3)"
        }
        try ("epoch,step,learning_rate,loss,validation_rmse,validation_mae\n" + rows.joined(separator: "\n") + "\n")
            .write(toFile: context.directory.trainingCurve, atomically: true, encoding: .utf8)
        try enter([context.directory.trainingCurve], of: "train")
    }

    func writeAnalysis(title: String = "Sample") throws {
        let fields = [0.0, 12.5, 25, 37.5, 50, 62.5, 75, 87.5, 100].map {
            ($0, displacement(length: 0.5 * $0.squareRoot(), seed: UInt64($0)))
        }
        let structures = try fields.map { try structure($0.1) }
        let times = (0...100).map(Double.init)
        func series(_ name: String, _ value: (Double) -> Any) -> [String: Any] {
            ["name": name, "summary": name, "values": times.map(value)]
        }
        let jitter = noise(times.count, seed: 3)
        let lengths = times.map { 2 * pow($0 + 1, 0.42) * (1 + 0.01 * jitter[Int($0)]) }
        try write(
            [
                "title": title, "size": supercell.size, "forceField": "model", "times": times,
                "series": [
                    series("domain_length") { $0 == 0 ? NSNull() as Any : lengths[Int($0)] },
                    series("correlation_length") { 0.55 * lengths[Int($0)] },
                    series("kinetic_temperature") { 0.1 + 4.9 * exp(-$0 / 6) },
                    series("potential_energy") { -2.2 + 1.5 * exp(-$0 / 9) },
                ],
                "radii": structures[0].radii, "waveNumbers": structures[0].waves,
                "frames": zip(fields, structures).map {
                    ["step": Int($0.0 * 20), "time": $0.0, "correlation": $1.correlation, "structureFactor": $1.structure]
                        as [String: Any]
                },
                "finalStructureFactor": structures.last!.grid,
            ] as [String: Any], "analysis.json")
        try enter([context.directory.analysis], of: "analyze")
    }

    func writeComparison(twins: Int = 1, stageName: String = "quench 0–12.5") throws {
        let exact = noise(4000, seed: 11).map { 1.7 * tanh(3 * $0) }
        let errors = zip(noise(4000, seed: 12), noise(4000, seed: 13)).map { 0.01 * $0 * exp(0.8 * $1) }
        let bins = (0..<61).map { -0.09 + 0.003 * Double($0) }
        let density = bins.map { 110 / (1 + pow($0 / 0.004, 2)) / (1 + pow($0 / 0.05, 4)) }
        let stages = ["all", "hot", stageName, "quench 12.5–25", "quench 25–37.5", "quench 37.5–50"].enumerated().map {
            index, name in
            let rms = 0.019 / (1 + 0.4 * Double(index))
            return [
                "name": name, "sites": 23_040, "rootMeanSquare": rms, "meanAbsolute": rms / 2.4, "maximum": rms * 22,
                "determination": 1 - rms * rms / 2.9, "trivial": 1.7, "percentiles": [rms / 4, rms * 1.1, rms * 4, rms * 11],
            ] as [String: Any]
        }
        try write(
            [
                "title": "Sample",
                "forces": [
                    "percentileRanks": [50, 90, 99, 99.9], "stages": stages, "exact": exact,
                    "learned": zip(exact, errors).map { $0 + $1 },
                    "errorBins": bins, "errorDensity": density,
                ] as [String: Any],
                "trainingError": 0.015, "validationError": 0.018, "twins": try (0..<twins).map(twin),
                "symmetryBreaking": [
                    ["generator": "translation by a1", "hot": 1.1e-4, "quench": 5.2e-3, "largest": 0.31] as [String: Any],
                    ["generator": "rotation by 90°", "hot": 3.1e-7, "quench": 2.9e-7, "largest": 2.2e-6],
                ],
                "snapshots": [180, 30, 30], "trajectories": [46, 6, 6],
            ] as [String: Any], "comparison.json")
        try write(
            [
                "costs": [
                    ["name": "exact-diagonalization", "size": [24, 24], "sites": 576, "seconds": 0.064, "threads": 1]
                        as [String: Any],
                    ["name": "model", "size": [24, 24], "sites": 576, "seconds": 0.00042, "threads": 2],
                    ["name": "model", "size": [128, 128], "sites": 16384, "seconds": 0.0113, "threads": 2],
                ]
            ] as [String: Any], "costs.json")
        try enter([context.directory.comparison, context.directory.costs], of: "compare")
    }

    private func twin(_ index: Int) throws -> [String: Any] {
        let times = (0...50).map { Double($0) * 0.5 }
        let exact = displacement(length: 2, seed: 21)
        let learned = displacement(length: 2.3, seed: 21)
        func run(_ field: SiteField, _ shift: Double) throws -> [String: Any] {
            let shape = try structure(field)
            return [
                "orderParameter": times.map { 0.1 * sin($0 / 4) + shift * $0 / 100 },
                "domainLength": times.map { $0 == 0 ? NSNull() as Any : 1.5 * pow($0, 0.4) * (1 + shift) },
                "kineticTemperature": times.map { 0.1 + 4.9 * exp(-$0 / 6) },
                "correlations": times.map { _ in shape.correlation }, "structureFactors": times.map { _ in shape.structure },
                "displacement": field.values,
            ]
        }
        let shape = try structure(exact)
        return [
            "size": supercell.size, "times": times, "divergence": times.map { 1e-4 * Double(index + 1) * $0 * exp(0.25 * $0) },
            "amplitude": times.map { 1.6 + 0.7 * exp(-$0 / 5) }, "radii": shape.radii, "waveNumbers": shape.waves,
            "exact": try run(exact, 0), "learned": try run(learned, 0.05),
        ]
    }
}
