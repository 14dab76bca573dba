import Foundation
import Lattices
import Observables
import Testing

@Suite struct StructureFactorTests {
    /// S at wave numbers n by the defining sum.
    func direct(_ field: SiteField, _ n: [Int]) -> Double {
        let size = field.supercell.size
        var (real, imaginary) = (0.0, 0.0)
        for site in 0..<field.supercell.siteCount {
            let cell = field.supercell.cell(of: site)
            let phase = size.indices.reduce(0.0) { $0 + 2 * Double.pi * Double(n[$1] * cell[$1]) / Double(size[$1]) }
            real += (field[site] - field.mean) * cos(phase)
            imaginary -= (field[site] - field.mean) * sin(phase)
        }
        return (real * real + imaginary * imaginary) / Double(field.supercell.siteCount)
    }

    @Test(arguments: [
        supercell(square, 6, 4), supercell(square, 5, 4), supercell(square, 7, 3), supercell(square, 2, 6),
        supercell(square, 1, 5), supercell(chain, 8), supercell(chain, 7), supercell(cubic, 4, 3, 2), supercell(triangular, 4, 6),
    ])
    func isTheDefiningSum(supercell: Supercell) throws {
        let field = randomField(supercell, mean: 3)
        let factor = try LatticeSpectrum(supercell).structureFactor(of: field)
        #expect(factor.values.max()! > 0.1)
        for site in 0..<supercell.siteCount {
            #expect(abs(factor.values[site] - direct(field, supercell.cell(of: site))) < 1e-12)
        }
        // Parseval
        let variance = field.values.reduce(0) { $0 + ($1 - field.mean) * ($1 - field.mean) }
        #expect(abs(factor.values.reduce(0, +) / variance - 1) < 1e-13)
        #expect(factor.values[0] < 1e-20)
    }

    @Test func orderingWaveVectorIsFoundFromTheBonds() throws {
        for (cell, index) in [
            (supercell(square, 6, 4), 2 * 6 + 3), (supercell(chain, 8), 4), (supercell(cubic, 4, 2, 6), (3 * 2 + 1) * 4 + 2),
        ] {
            #expect(try LatticeSpectrum(cell).structureFactor(of: randomField(cell)).orderingIndex == index)
        }
        for frustrated in [supercell(square, 5, 4), supercell(triangular, 6, 6)] {
            let factor = try LatticeSpectrum(frustrated).structureFactor(of: randomField(frustrated))
            #expect(factor.orderingIndex == nil)
            #expect(factor.orderingValue == nil)
            #expect(factor.domainLength() == nil)
            #expect(factor.distances[0] == 0)
        }
    }

    @Test func distancesAreTheShortest() throws {
        let cell = supercell(square, 6, 4)
        let factor = try LatticeSpectrum(cell).structureFactor(of: randomField(cell))
        for ny in 0..<4 {
            for nx in 0..<6 {
                let (kx, ky) = (2 * Double.pi * Double(nx) / 6 - .pi, 2 * Double.pi * Double(ny) / 4 - .pi)
                #expect(abs(factor.distances[ny * 6 + nx] - hypot(kx, ky)) < 1e-12)
            }
        }
        // The six shortest wave vectors of the triangular lattice are equally long: 4π/(√3 L).
        let hexagon = supercell(triangular, 6, 6)
        let distances = try LatticeSpectrum(hexagon).structureFactor(of: randomField(hexagon)).distances.sorted()
        #expect(distances[0] == 0)
        for length in distances[1...6] { #expect(abs(length - 4 * .pi / (3.0.squareRoot() * 6)) < 1e-12) }
        #expect(distances[7] > distances[6] + 0.1)
    }

    @Test func orderingValueIsTheOrderParameterSquared() throws {
        let cell = supercell(square, 8, 6)
        var field = randomField(cell, seed: 4)
        let mean = field.mean
        for k in field.values.indices { field.values[k] -= mean }
        let order = field.staggeredOrderParameter!
        #expect(abs(order) > 0.01)
        let factor = try LatticeSpectrum(cell).structureFactor(of: field)
        #expect(abs(factor.orderingValue! / (48 * order * order) - 1) < 1e-12)
    }

    @Test func perfectOrderIsOneDomain() throws {
        let cell = supercell(square, 10, 6)
        let field = staggered(cell) { _, _ in 1.7 }
        #expect(abs(field.staggeredOrderParameter! - 1.7) < 1e-14)
        let factor = try LatticeSpectrum(cell).structureFactor(of: field)
        #expect(abs(factor.orderingValue! / (60 * 1.7 * 1.7) - 1) < 1e-13)
        #expect(factor.values.reduce(0, +) - factor.orderingValue! < 1e-20)
        #expect(factor.domainLength() == nil)
        #expect(try LatticeSpectrum(cell).structureFactor(of: SiteField(cell, repeating: 2)).domainLength() == nil)
    }

    @Test(arguments: [8, 16, 32])
    func modulatedOrderHasItsWavelength(wavelength: Int) throws {
        let cell = supercell(square, 64, 48)
        let field = staggered(cell) { x, _ in cos(2 * .pi * x / Double(wavelength)) }
        let length = try LatticeSpectrum(cell).structureFactor(of: field).domainLength()
        #expect(abs(length! / Double(wavelength) - 1) < 1e-10)
    }

    @Test func stripesFollowTheirFourierSeries() throws {
        // Domains of width w: odd harmonics k of 2π/2w with weight 1/sin²(πk/2w), cut off at |q − Q₀| ≤ π/2.
        let width = 8
        let cell = supercell(square, 64, 16)
        let field = staggered(cell) { x, _ in Int(x) / width % 2 == 0 ? 1 : -1 }
        var (weight, moment) = (0.0, 0.0)
        for k in stride(from: 1, through: width / 2, by: 2) {
            let phase = Double.pi * Double(k) / Double(width)
            weight += 1 / pow(sin(phase / 2), 2)
            moment += phase / pow(sin(phase / 2), 2)
        }
        let length = try LatticeSpectrum(cell).structureFactor(of: field).domainLength()!
        #expect(abs(length / (2 * .pi * weight / moment) - 1) < 1e-10)
        #expect((10..<16).contains(length))
    }

    @Test func radialAverageKeepsTheWeight() throws {
        let cell = supercell(square, 12, 12)
        let factor = try LatticeSpectrum(cell).structureFactor(of: randomField(cell))
        let profile = factor.radialAverage(cutoff: 10)
        #expect(profile.counts.reduce(0, +) == 144)
        let weight = zip(profile.values, profile.counts).reduce(0) { $0 + $1.0 * Double($1.1) }
        #expect(abs(weight / factor.values.reduce(0, +) - 1) < 1e-13)
        #expect(profile.radii[0] == 0)
        #expect(profile.values[0] == factor.orderingValue)
        #expect(profile.counts[1] == 8)
        #expect(abs(profile.radii[1] - 2 * .pi / 12 * (1 + 2.0.squareRoot()) / 2) < 1e-12)
        #expect(factor.radialAverage().radii.last! <= .pi + 1e-9)
    }

    @Test func unsupportedFieldsAreRefused() throws {
        #expect(throws: ObservablesError.self) { try LatticeSpectrum(supercell(honeycomb, 3, 3)) }
        let cell = supercell(square, 4, 4)
        let spectrum = try LatticeSpectrum(cell)
        #expect(throws: ObservablesError.self) { try spectrum.structureFactor(of: SiteField(cell, kind: .polarVector)) }
        #expect(throws: ObservablesError.self) { try spectrum.structureFactor(of: SiteField(supercell(square, 4, 6))) }
        #expect(throws: ObservablesError.self) {
            try LatticeSpectrum(supercell(square, 5, 4)).staggeredCorrelation(of: SiteField(supercell(square, 5, 4)))
        }
    }
}
