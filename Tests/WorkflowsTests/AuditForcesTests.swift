import Experiments
import Foundation
import LatticeNumerics
import Lattices
import Models
import Pipeline
import Recipes
import Reports
import Runs
import Testing

/// One configuration compared with a solver, whole and at sampled sites.
@Suite struct AuditForcesTests {
    private func audit(
        _ model: AdiabaticModel, _ supercell: Supercell, sites: Int = 0, accuracy: Double = 1e-4, threads: Int = 1
    ) throws -> ForceAudit {
        try ForceAudit(
            model, on: supercell, solver: .exactDiagonalization, sites: sites, accuracy: accuracy, seed: 3,
            pool: WorkerPool(threads: threads))
    }

    @Test func exactSolverAgainstItselfIsExact() throws {
        let model = try AuditSamples.model()
        let displacement = try AuditSamples.displacement([8, 6])
        let force = try AuditSamples.exactForce(model, displacement)
        let whole = try audit(model, displacement.supercell)
        #expect(whole.extent == .whole)
        let forces = try whole.audit(force, at: displacement, step: 0, interruption: Interruption())
        #expect(forces.sites == Array(0..<48) && forces.inaccurateSites == 0)
        #expect(forces.errors.allSatisfy { $0 == 0 } && forces.exact.contains { abs($0) > 0.5 })
        // Patches that have grown to all of a small lattice are no approximation.
        let sampled = try audit(model, displacement.supercell, sites: 7)
        #expect(sampled.extent == .sampled(7))
        let few = try sampled.audit(force, at: displacement, step: 0, interruption: Interruption())
        #expect(few.sites.count == 7 && few.solverError == 0)
        #expect(few.errors.allSatisfy { abs($0) < 1e-12 } && few.exact == few.sites.map { forces.exact[$0] })
    }

    @Test func knownErrorsAreFound() throws {
        let model = try AuditSamples.model()
        let displacement = try AuditSamples.displacement([10, 10])
        var force = try AuditSamples.exactForce(model, displacement)
        // 90 sites are off by 0.01, nine by −0.1, and one by 2.
        for site in 0..<100 { force[site] += site == 37 ? 2 : site % 10 == 3 && site != 33 ? -0.1 : 0.01 }
        let forces = try audit(model, displacement.supercell)
            .audit(force, at: displacement, step: 40, interruption: Interruption())
        let line = AuditLine(forces, step: 40, time: 2)
        func isNear(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-12 }
        let square = (90 * 1e-4 + 9 * 1e-2 + 4) / 100
        #expect(line.step == 40 && line.time == 2 && line.sites == 100 && line.worstSite == 37)
        #expect(isNear(line.rootMeanSquare, square.squareRoot()))
        #expect(isNear(line.meanAbsolute, 0.038) && isNear(line.netForce, 0.02) && isNear(line.maximum, 2))
        #expect(isNear(line.percentiles[0], 0.01) && isNear(line.percentiles[1], 0.1) && isNear(line.percentiles[2], 2))
        let size: Double = forces.exact.reduce(0) { $0 + $1 * $1 } / 100
        #expect(isNear(line.trivial, size.squareRoot()) && line.trivial > 0.5)
    }

    /// A force that is off by 1 on half of the sites and exact on the others.
    @Test func samplesKnowHowFarTheyMayBeOff() throws {
        let model = try AuditSamples.model()
        let displacement = try AuditSamples.displacement([10, 10])
        var force = try AuditSamples.exactForce(model, displacement)
        for site in 0..<100 where site % 10 < 5 { force[site] += 1 }
        func line(_ sites: Int) throws -> AuditLine {
            let forces = try audit(model, displacement.supercell, sites: sites)
                .audit(force, at: displacement, step: 2, interruption: Interruption())
            return AuditLine(forces, step: 2, time: 0)
        }
        #expect(try line(100).samplingError == 0 && abs(line(100).rootMeanSquare - 0.5.squareRoot()) < 1e-12)
        let few = try line(25)
        let (meanSquare, count) = (few.rootMeanSquare * few.rootMeanSquare, 25.0)
        // The variance of a mean of zeros and ones, drawn without putting back.
        let variance = meanSquare * (1 - meanSquare) / (count - 1) * (1 - count / 100)
        #expect(abs(few.samplingError - variance.squareRoot() / (2 * few.rootMeanSquare)) < 1e-9)
        #expect(abs(few.rootMeanSquare - 0.5.squareRoot()) < 2 * few.samplingError)
    }

    /// Sites of a metal near a domain wall are the hard ones.
    @Test(arguments: [(3.5, 1e-3), (3.5, 1e-6), (1.5, 1e-2), (1.5, 1e-3)])
    func sampledSitesMeetTheAccuracy(_ coupling: Double, _ accuracy: Double) throws {
        let model = try AuditSamples.model(coupling: coupling)
        let displacement = try AuditSamples.displacement([28, 26])
        let exact = try AuditSamples.exactForce(model, displacement)
        let forces = try audit(model, displacement.supercell, sites: 24, accuracy: accuracy, threads: 2)
            .audit(exact, at: displacement, step: 1, interruption: Interruption())
        let largest = forces.errors.map(abs).max()!
        #expect(largest <= accuracy && forces.solverError <= accuracy && forces.inaccurateSites == 0)
        // It is the accuracy that was asked for, not one that came for free.
        #expect(largest > 0)
        #expect(largest <= max(forces.solverError, 1e-12), "off by \(largest), said to be by \(forces.solverError)")
    }

    @Test func openEndsAreThoseOfTheConfiguration() throws {
        let model = try AuditSamples.model()
        let displacement = try AuditSamples.displacement([25, 20], periodic: [false, true])
        let exact = try AuditSamples.exactForce(model, displacement)
        let forces = try audit(model, displacement.supercell, sites: 40)
            .audit(exact, at: displacement, step: 1, interruption: Interruption())
        #expect(forces.sites.contains { displacement.supercell.cell(of: $0)[0] == 0 })
        #expect(forces.errors.map(abs).max()! <= 1e-4)
    }

    @Test func resultDoesNotDependOnThreads() throws {
        let model = try AuditSamples.model(coupling: 1.5)
        let displacement = try AuditSamples.displacement([22, 22])
        let force = SiteField(displacement.supercell)
        let results = try [1, 3].map { threads in
            try audit(model, displacement.supercell, sites: 9, accuracy: 1e-2, threads: threads)
                .audit(force, at: displacement, step: 6, interruption: Interruption())
        }
        #expect(results[0] == results[1] && results[0].exact.contains { abs($0) > 0.1 })
    }

    @Test func sitesAreScattered() throws {
        let supercell = try Supercell(AuditSamples.square(), size: [40, 20])
        let stream = RandomStream(seed: 1, purpose: .testing)
        func choose(_ count: Int, step: Int) -> [Int] {
            ScatteredSites.choose(count, of: supercell, stream: stream, step: step)
        }
        #expect(choose(64, step: 2) == choose(64, step: 2) && choose(64, step: 2) != choose(64, step: 4))
        for count in [1, 64, 500, 799, 800, 900] {
            let sites = choose(count, step: 2)
            #expect(sites.count == min(count, 800) && Set(sites).count == sites.count && sites == sites.sorted())
            #expect(sites.allSatisfy { (0..<800).contains($0) })
        }
        // Eight blocks of 10 × 10 cells have eight sites each, more or less.
        var counts = [Int](repeating: 0, count: 8)
        for site in choose(64, step: 2) { counts[site % 40 / 10 + 4 * (site / 400)] += 1 }
        #expect(counts.allSatisfy { (6...10).contains($0) }, "\(counts)")
    }

    @Test func distancesFromAStraightWall() throws {
        // Walls between x = 4 and 5 and, around the end, between 9 and 0.
        let distances = try #require(DomainWalls.distances(in: AuditSamples.displacement([10, 6], noise: 0.05)))
        let row = [0, 1, 2, 1, 0, 0, 1, 2, 1, 0]
        #expect(distances == (0..<6).flatMap { _ in row })
        let waves = (0..<16).map { site -> Double in (site + site / 4) % 2 == 0 ? 1 : -1 }
        let perfect = try SiteField(Supercell(AuditSamples.square(), size: [4, 4]), values: waves)
        #expect(DomainWalls.distances(in: perfect) == nil)
        #expect(try DomainWalls.distances(in: AuditSamples.displacement([5, 6])) == nil)
    }

    @Test func whatIsImpossibleIsRefused() throws {
        let filled = try AuditSamples.model(particles: .filling(0.5))
        let small = try Supercell(AuditSamples.square(), size: [8, 8])
        #expect(throws: AuditError.sitesAtFixedFilling(sites: 10)) { try audit(filled, small, sites: 10) }
        #expect(try audit(filled, small).extent == .whole)
        #expect(try audit(filled, small, sites: 64).extent == .whole)
        let large = try Supercell(AuditSamples.square(), size: [200, 200])
        #expect(try audit(AuditSamples.model(), large).extent == .sampled(256))
        let error = #expect(throws: AuditError.self) { try audit(AuditSamples.model(), large, sites: 40_000) }
        #expect(
            error?.description.contains("exact-diagonalization takes at most \(SymmetricEigensolver.maximumDimension)") == true)
        #expect(throws: AuditError.self) { try audit(filled, large) }
    }

    @Test func tablesAreReadAsWritten() throws {
        let model = try AuditSamples.model()
        let displacement = try AuditSamples.displacement([6, 6])
        let forces = try audit(model, displacement.supercell)
            .audit(SiteField(displacement.supercell), at: displacement, step: 0, interruption: Interruption())
        let lines = [AuditLine(forces, step: 10, time: 0.5), AuditLine(forces, step: 20, time: 1)]
        let path = temporaryFile("audit.csv", "")
        try AuditTable.write(lines, to: path)
        let read = try AuditTable.read(path)
        // The solver says nothing of its error, which is not a number and not equal to itself.
        #expect(read.map(\.step) == [10, 20] && read.allSatisfy(\.solverError.isNaN))
        #expect(read.map(\.rootMeanSquare) == lines.map(\.rootMeanSquare) && read.allSatisfy { $0.samplingError == 0 })
        #expect(read.map(\.percentiles) == lines.map(\.percentiles))
        for damage in ["", "step,time\n1,2\n"] {
            #expect(throws: (any Error).self) { try AuditTable.read(temporaryFile("audit.csv", damage)) }
        }
    }
}
