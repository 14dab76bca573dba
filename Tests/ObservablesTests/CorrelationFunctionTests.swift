import Foundation
import Lattices
import Observables
import Testing

@Suite struct CorrelationFunctionTests {
    /// C at a displacement by the defining sum.
    func direct(_ field: SiteField, _ displacement: [Int], sign: Double) -> Double {
        let cell = field.supercell
        return (0..<cell.siteCount).reduce(0) { sum, site in
            sum + sign * field[site] * field[cell.site(cell: zip(cell.cell(of: site), displacement).map { $0 + $1 })]
        } / Double(cell.siteCount)
    }

    @Test(arguments: [supercell(square, 6, 4), supercell(square, 2, 4), supercell(chain, 8), supercell(cubic, 4, 2, 6)])
    func isTheDefiningSum(supercell: Supercell) throws {
        let field = randomField(supercell, mean: 0.5)
        let spectrum = try LatticeSpectrum(supercell)
        let (plain, staggered) = (try spectrum.correlation(of: field), try spectrum.staggeredCorrelation(of: field))
        for site in 0..<supercell.siteCount {
            let displacement = supercell.cell(of: site)
            let sign = displacement.reduce(0, +) % 2 == 0 ? 1.0 : -1.0
            #expect(abs(plain.values[site] - direct(field, displacement, sign: 1)) < 1e-13)
            #expect(abs(staggered.values[site] - direct(field, displacement, sign: sign)) < 1e-13)
        }
        #expect(abs(plain.values[0] - field.meanSquare) < 1e-13)
        // Σ_d C(d) = N f̄², and with signs N φ².
        let order = field.staggeredOrderParameter!
        #expect(abs(order) > 1e-3)
        #expect(abs(plain.values.reduce(0, +) - Double(supercell.siteCount) * field.mean * field.mean) < 1e-12)
        #expect(abs(staggered.values.reduce(0, +) - Double(supercell.siteCount) * order * order) < 1e-12)
    }

    @Test func oddSidesHaveThePlainFunction() throws {
        let cell = supercell(square, 5, 3)
        let field = randomField(cell)
        let correlation = try LatticeSpectrum(cell).correlation(of: field)
        for site in 0..<15 { #expect(abs(correlation.values[site] - direct(field, cell.cell(of: site), sign: 1)) < 1e-13) }
    }

    @Test func shellsAndAxes() throws {
        let cell = supercell(square, 8, 6)
        let correlation = try LatticeSpectrum(cell).staggeredCorrelation(of: randomField(cell))
        #expect(correlation.reach == 3)
        #expect(correlation.along(axis: 0) == (0...4).map { correlation.values[$0] })
        #expect(correlation.along(axis: 1) == (0...3).map { correlation.values[8 * $0] })
        let profile = correlation.radialAverage()
        // |d| < ½: the origin; [½, 1½): (1,0), (1,1); [1½, 2½): (2,0), (2,1); up to 3: (2,2) and (±3,0), (0,3) = (0,−3).
        #expect(profile.counts == [1, 8, 12, 7])
        #expect(abs(profile.radii[1] - (1 + 2.0.squareRoot()) / 2) < 1e-14)
        #expect(abs(profile.radii[3] - (4 * 8.0.squareRoot() + 3 * 3) / 7) < 1e-14)
        #expect(profile.values[0] == correlation.values[0])
        let near = [1, 7, 8, 40, 9, 15, 41, 47].map { correlation.values[$0] }
        #expect(abs(profile.values[1] - near.reduce(0, +) / 8) < 1e-14)
    }

    @Test func perfectOrderNeverFalls() throws {
        let cell = supercell(square, 12, 12)
        let correlation = try LatticeSpectrum(cell).staggeredCorrelation(of: staggered(cell) { _, _ in 1.5 })
        for value in correlation.values { #expect(abs(value - 2.25) < 1e-13) }
        #expect(correlation.halfHeightLength == nil)
        #expect(try LatticeSpectrum(cell).staggeredCorrelation(of: SiteField(cell)).halfHeightLength == nil)
    }

    @Test(arguments: [24.0, 48.0])
    func modulatedOrderFallsAsABesselFunction(wavelength: Double) throws {
        // Along x: C(d) = ½ cos(2πd_x/λ); over angles J₀(2πr/λ), which is ½ at 1.52107.
        let cell = supercell(square, 96, 96)
        let field = staggered(cell) { x, _ in cos(2 * .pi * x / wavelength) }
        let correlation = try LatticeSpectrum(cell).staggeredCorrelation(of: field)
        for (step, value) in correlation.along(axis: 0).enumerated() {
            #expect(abs(value - cos(2 * .pi * Double(step) / wavelength) / 2) < 1e-12)
        }
        for value in correlation.along(axis: 1) { #expect(abs(value - 0.5) < 1e-12) }
        #expect(abs(correlation.halfHeightLength! / (1.52107 * wavelength / (2 * .pi)) - 1) < 0.02)
    }

    @Test func uncorrelatedSitesHaveNoLength() throws {
        let cell = supercell(square, 64, 64)
        let length = try LatticeSpectrum(cell).staggeredCorrelation(of: randomField(cell)).halfHeightLength!
        // From 1 at the origin straight to about 0 at the mean radius of the first shell.
        #expect(abs(length - (1 + 2.0.squareRoot()) / 4) < 0.05)
    }
}
