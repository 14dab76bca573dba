import Experiments
import Foundation
import Lattices
import Pipeline
import Recipes
import Reports
import Runs
import Testing

/// Pictures of lattices, axes, and what is left out of a report.
@Suite struct FigureTests {
    /// Lattices of every kind, with pieces of odd sides, also with open ends.
    private static let lattices: [(name: String, size: [Int])] = [
        ("square", [5, 7]), ("rectangular", [5, 4]), ("triangular", [6, 5]), ("oblique", [7, 4]), ("honeycomb", [4, 3]),
        ("kagome", [3, 4]), ("cubic", [4, 3, 2]),
    ]

    /// One of `lattices/`, or of two that have no symmetry of those.
    private func lattice(_ name: String) throws -> Lattice {
        switch name {
        case "rectangular": try Lattice(name: name, primitiveVectors: [[1, 0], [0, 1.3]], basis: [[0, 0]], bonds: [])
        case "oblique": try Lattice(name: name, primitiveVectors: [[1, 0], [3.2, 1.1]], basis: [[0, 0]], bonds: [])
        default: try LatticeFile.read(suppliedLattice(name))
        }
    }

    private func distance(_ a: SIMD2<Double>, _ b: SIMD2<Double>) -> Double { ((a - b) * (a - b)).sum().squareRoot() }

    @Test(arguments: lattices.indices, [true, false])
    func everyPixelShowsItsNearestSite(_ index: Int, isPeriodic: Bool) throws {
        let (name, size) = Self.lattices[index]
        let lattice = try lattice(name)
        let supercell = try Supercell(lattice, size: size, periodic: size.map { _ in isPeriodic })
        let raster = SiteRaster(PlaneLattice(supercell))
        // Every site of the plane with all its periodic images.
        let images = isPeriodic ? [-1, 0, 1] : [0]
        let sites = (0..<supercell.siteCount).filter { supercell.cell(of: $0).dropFirst(2).allSatisfy { $0 == 0 } }
        let places = sites.flatMap { site in
            images.flatMap { x in
                images.map { y -> (site: Int, place: SIMD2<Double>) in
                    var cell = supercell.cell(of: site)
                    cell[0] += x * size[0]
                    cell[1] += y * size[1]
                    let position = lattice.position(cell: cell, site: site % lattice.basis.count)
                    return (site, SIMD2(position[0], position[1]))
                }
            }
        }
        var seen = Set<Int>()
        var inside = 0
        for pixel in raster.nearest.indices {
            let site = raster.nearest[pixel]
            guard site >= 0 else { continue }
            seen.insert(site)
            inside += 1
            guard pixel % 211 == 0 || raster.nearest.count < 1000 else { continue }
            let place = raster.place(pixel)
            let least = places.reduce(Double.infinity) { min($0, distance($1.place, place)) }
            let own = places.filter { $0.site == site }.reduce(Double.infinity) { min($0, distance($1.place, place)) }
            #expect(own <= least + 1e-9, "\(place): site \(site)")
        }
        #expect(seen == Set(sites))
        // The pixels inside cover the area of the cells.
        let (a, b) = (lattice.primitiveVectors[0], lattice.primitiveVectors[1])
        let area = abs(a[0] * b[1] - a[1] * b[0]) * Double(size[0] * size[1])
        let pixel = distance(raster.place(0), raster.place(1)) * distance(raster.place(0), raster.place(raster.columns))
        #expect(abs(Double(inside) * pixel / area - 1) < 0.01)
    }

    @Test func chainsAreDrawnOverSpaceAndTime() throws {
        let chain = try Lattice(name: "chain", primitiveVectors: [[1]], basis: [[0], [0.4]], bonds: [])
        let supercell = try Supercell(chain, size: [3])
        let raster = SiteRaster(PlaneLattice(chain: supercell, times: 4, start: 2, step: 5))
        let values = (0..<24).map(Double.init)
        let map = raster.map("chain", values)
        // Sites 0 and 1 of a cell lie at its beginning and at 0.4.
        let sites: [(place: Double, site: Int)] = (-1..<4).flatMap { (cell: Int) -> [(place: Double, site: Int)] in
            let first = 2 * ((cell + 3) % 3)
            return [(Double(cell), first), (Double(cell) + 0.4, first + 1)]
        }
        for pixel in stride(from: 0, to: map.values.count, by: 97) {
            let place = raster.place(pixel)
            let row = Int(((place.y - 2) / 5).rounded())
            let nearest = sites.min { abs($0.place - place.x) < abs($1.place - place.x) }!
            #expect(map.values[pixel] == Double(row * 6 + nearest.site))
        }
    }

    @Test func largeLatticesAreAveraged() throws {
        let square = try lattice("square")
        let raster = SiteRaster(PlaneLattice(try Supercell(square, size: [1500, 1300])))
        #expect(raster.columns == 500 && raster.rows == 434 && raster.pointsPerPixel == 9)
        let values = (0..<1500 * 1300).map { (site: Int) -> Double in Double(site % 1500 + 7 * (site / 1500)) }
        let map = raster.map("square", values)
        // The mean over a block of 3 × 3 is the value in its middle; the last row has one row of sites.
        func value(_ x: Int, _ y: Int) -> Double { Double(x + 7 * y) }
        #expect(map.values[0] == value(1, 1))
        #expect(map.values[500 * 3 + 2] == value(7, 10))
        #expect(map.values[500 * 433 + 1] == value(4, 1299))
        let triangular = try lattice("triangular")
        let plain = SiteRaster(PlaneLattice(try Supercell(triangular, size: [1200, 1200])))
        #expect(plain.pointsPerPixel > 1)
        let ones = plain.map("one", [Double](repeating: 1, count: 1200 * 1200)).values
        #expect(ones.allSatisfy { $0.isNaN || $0 == 1 } && ones.count { $0 == 1 } > ones.count / 2)
    }

    @Test(arguments: [(0, 4), (2, 6), (3, 6)])
    func zonesAreVoronoiCells(_ index: Int, corners: Int) throws {
        let supercell = try Supercell(lattice(Self.lattices[index].name), size: Self.lattices[index].size)
        let plane = PlaneLattice(reciprocal: supercell, centre: [0, 0])
        let vectors = zip(plane.vectors, supercell.size).map { $0 * Double($1) }
        let cell = PlaneLattice.voronoiCell(vectors)
        #expect(cell.count == corners)
        let area = cell.indices.reduce(0) { sum, k in
            let (a, b) = (cell[k], cell[(k + 1) % cell.count])
            return sum + (a.x * b.y - a.y * b.x) / 2
        }
        #expect(abs(abs(area) / abs(vectors[0].x * vectors[1].y - vectors[0].y * vectors[1].x) - 1) < 1e-8)
        // S(q) has the reciprocal lattice's period, and a window shows it around any wave vector.
        let window = SiteRaster(plane, from: SIMD2(-9, -9), to: SIMD2(9, 9))
        #expect(Set(window.nearest) == Set(0..<supercell.siteCount))
    }

    @Test func axesHoldWhatIsSignificant() throws {
        let axis = try LogarithmicAxis([3e-31, 0, -1, .nan, .infinity, 0.5, 40], quantity: "S")
        #expect(axis.range == 0.5 / 1.5...60)
        #expect(axis.shown([3e-31, 0.5, 0, -2, .infinity]).map(\.isNaN) == [true, false, true, true, true])
        #expect(axis.commands("y").contains("set format y '%g'"))
        // Less than two decades: at least three marks.
        for (low, high) in [(1.0, 30.0), (0.99, 1.01), (2e-7, 9e-7), (3, 7)] {
            let commands = try LogarithmicAxis([low, high], quantity: "", below: 1, above: 1).commands("y")
            #expect(commands.split(separator: "',").count > 0 && commands.components(separatedBy: "' ").count > 3, "\(commands)")
        }
        // Marks have no exponent as long as they are short.
        let marks = try LogarithmicAxis([12_000, 90_000], quantity: "", below: 1, above: 1).commands("y")
        #expect(marks.contains("'20000' 20000.0") && marks.contains("'50000' 50000.0"), "\(marks)")
        // A single value has an axis too.
        #expect(try LogarithmicAxis([2], quantity: "", below: 1, above: 1).range == 1...4)
        for (values, reason) in [
            ([], "is defined nowhere"), ([.nan], "is defined nowhere"), ([0, -1, .nan], "is nowhere above 0"),
        ] {
            let error = #expect(throws: FigureOmission.self) { try LogarithmicAxis(values, quantity: "every loss") }
            #expect(error?.description.hasPrefix("every loss " + reason) == true)
        }
    }

    /// Axis labels of figures, as their SVG holds them.
    private static let labels: KeyValuePairs<String, [String]> = [
        "coarsening-correlation": ["distance r  (lattice constants)", "C(r) / C(0)", "r / L"],
        "coarsening-structure-factor": ["|q − Q0|  (1 / lattice constant)", "S / ⟨Q2⟩", "|q − Q0| L", "S / (⟨Q2⟩ L2)"],
        "coarsening-length": ["time t  (τ)", "domain length L  (lattice constants)"],
        "coarsening-exponent": ["time t  (τ)", "d ln L / d ln t"],
        "coarsening-finite-size": ["time t  (τ)", "L / L of the largest lattice"],
        "twin-order": ["time t  (τ)", "order parameter φ", "domain length L  (lattice constants)"],
        "twin-correlation": ["distance r  (lattice constants)", "|q − Q0|  (1 / lattice constant)", "S(|q − Q0|)"],
        "twin-domains": ["(−1)x+y Q", "difference"],
        "domains": ["x", "y", "(−1)x+y Q"],
        "structure-factor-map": ["qx / π", "qy / π", "S(q)"],
        "learning-curve": ["epoch", "error"],
    ]

    @Test func everyAxisLabelIsInsideItsFigure() throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try CoarseningReportTests().write(samples)
        try samples.writeComparison()
        try samples.writeAnalysis()
        try samples.writeTrainingCurve()
        var inputs = try ReportInputs(samples.context)
        inputs.frames = samples.frames
        _ = try Report(inputs: inputs, directory: samples.context.directory)
            .write(with: Gnuplot(), progress: SilentProgress(), interruption: Interruption())
        for (name, labels) in Self.labels {
            let svg = try String(contentsOfFile: "\(samples.folder)/figures/\(name).svg", encoding: .utf8)
            let size = try #require(svg.firstMatch(of: /viewBox="0 0 (\d+) (\d+)"/))
            let texts = svg.matches(of: /translate\(([-\d.]+),([-\d.]+)\)[^>]*>\s*<text[^>]*>(.*)<\/text>/).map { match in
                (x: Double(match.1)!, y: Double(match.2)!, text: String(match.3.replacing(/<[^>]*>/, with: "")))
            }
            for label in labels {
                // White space aside: markup has its own.
                let found = texts.filter { $0.text.filter { !$0.isWhitespace } == label.filter { !$0.isWhitespace } }
                #expect(!found.isEmpty, "\(name): \(label)")
                for text in found {
                    let isInside = (8...Double(size.1)!).contains(text.x) && (8...Double(size.2)! - 4).contains(text.y)
                    #expect(isInside, "\(name): \(label) at \(text.x), \(text.y)")
                }
            }
        }
    }

    @Test(arguments: [("adam", "learning rate"), ("levenberg-marquardt", "of Levenberg–Marquardt")])
    func theRateIsNamedByItsOptimizer(_ optimizer: String, _ name: String) throws {
        let samples = try ReportSamples(tables: "[training]\noptimizer = \"\(optimizer)\"\n")
        defer { samples.remove() }
        try samples.writeTrainingCurve()
        _ = try Stages.report(samples.context)
        let svg = try String(contentsOfFile: samples.folder + "/figures/learning-curve.svg", encoding: .utf8)
        #expect(svg.contains(name))
        // Epochs are whole.
        #expect(svg.contains(">25<") && !svg.contains("2.5<"))
    }

    @Test func mapsOfErrorAgainstCostNameEverySeries() throws {
        let folder = NSTemporaryDirectory() + "adiabat-map-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let series = [
            AccuracyMap.Series(name: "exact solver", points: [.init(cost: 1e-3, error: 0)]),
            AccuracyMap.Series(name: "local solver", points: [.init(cost: 1e-4, error: 1e-3), .init(cost: 4e-4, error: 2e-5)]),
            AccuracyMap.Series(name: "network", isLearned: true, points: [.init(cost: 1e-6, error: 3e-3)]),
        ]
        let map = AccuracyMap(panels: ["g = 1.5", "g = 3.5"].map { .init(title: $0, scale: 1.7, series: series) })
        try map.draw(to: folder + "/map.svg")
        let svg = try String(contentsOfFile: folder + "/map.svg", encoding: .utf8)
        for text in ["exact solver", "local solver", "network", "no force at all", "g = 1.5", "cost of a force"] {
            #expect(svg.contains(text), "\(text)")
        }
    }

    @Test func theUsersSettingsOfGnuplotDecideNothing() throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try samples.writeTrainingCurve()
        let home = samples.folder + "/home"
        try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
        try "set terminal nonsense\nexit status 3\n".write(toFile: home + "/.gnuplot", atomically: true, encoding: .utf8)
        func svg(_ settings: [String: String]) throws -> Data {
            let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
            let gnuplot = try Gnuplot(searchPath: path, environment: ["PATH": path].merging(settings) { $1 })
            let written = try Report(inputs: ReportInputs(samples.context), directory: samples.context.directory)
                .write(with: gnuplot, progress: SilentProgress(), interruption: Interruption())
            #expect(written.omissions.isEmpty, "\(settings)")
            return try Data(contentsOf: URL(fileURLWithPath: samples.folder + "/figures/learning-curve.svg"))
        }
        let plain = try svg([:])
        let settings: [[String: String]] = [
            ["GNUTERM": "garbage"], ["GNUPLOT_LIB": "/nowhere"], ["HOME": home], ["XDG_CONFIG_HOME": home],
            ["LC_ALL": "", "LC_NUMERIC": "de_DE.UTF-8"], ["GNUFITLOG": "/nowhere", "GNUPLOT_DRIVER_DIR": "/nowhere"],
        ]
        for setting in settings { #expect(try svg(setting) == plain, "\(setting)") }
    }

    @Test func whatCannotBeDrawnIsLeftOutWithAReason() throws {
        let samples = try ReportSamples()
        defer { samples.remove() }
        try
            ("epoch,step,learning_rate,loss,validation_rmse,validation_mae\n"
            + (1...3).map { "\($0),\($0),0.001,0.0,0.0,0.0\n" }.joined())
            .write(toFile: samples.context.directory.trainingCurve, atomically: true, encoding: .utf8)
        try samples.enter([samples.context.directory.trainingCurve], of: "train")
        try samples.writeAnalysis()
        let summary = try Stages.report(samples.context)
        let page = try String(contentsOfFile: samples.context.directory.report, encoding: .utf8)
        let reason = "every loss and every validation error is nowhere above 0, which has no place on a logarithmic axis"
        #expect(page.contains("Not shown: learning-curve; \(reason)."))
        #expect(page.contains("<figure id=\"correlation\""))
        #expect(summary.facts.contains { $0.name == "left out" && $0.value == "learning-curve: \(reason)" })
        // A loss of 0 in one epoch is a gap in the curve.
        try ("epoch,step,learning_rate,loss,validation_rmse,validation_mae\n1,1,0.001,0.1,0.2,0.1\n2,2,0.0,0.0,0.1,0.1\n")
            .write(toFile: samples.context.directory.trainingCurve, atomically: true, encoding: .utf8)
        try samples.enter([samples.context.directory.trainingCurve], of: "train")
        #expect(try !Stages.report(samples.context).facts.contains { $0.name == "left out" })
    }

    @Test func noCouplingGoesFromRecipeToReport() throws {
        let run = StageRun()
        let recipe = try StageRun.recipe(["coupling = 3.5": "coupling = 0"])
        let summaries = try Stages.run(run.context(recipe))
        #expect(summaries.last?.stage == "report")
        let page = try String(contentsOfFile: run.directory.report, encoding: .utf8)
        for name in ["parity", "domains", "twin-order"] { #expect(page.contains("<figure id=\"\(name)\""), "\(name)") }
    }
}
