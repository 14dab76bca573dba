import Foundation
import Lattices
import Observables
import Testing

/// Where a length is that of domains.
@Suite struct DomainLengthRangeTests {
    @Test func sidesAreDistancesToPeriodicImages() throws {
        #expect(DomainLengthRange(supercell(square, 24, 16)).side == 16)
        #expect(DomainLengthRange(supercell(chain, 40)).longest == 10)
        #expect(abs(DomainLengthRange(supercell(triangular, 12, 8)).side - 8) < 1e-12)
        #expect(DomainLengthRange(supercell(honeycomb, 4, 4)).side > 6.9)
        // The short diagonal of a skew cell: a₁ + a₂ of two vectors at 120°.
        let skew = try Lattice(
            name: "skew", primitiveVectors: [[1, 0], [-0.9, 0.3]], basis: [[0, 0]],
            bonds: [Lattice.Bond(from: 0, to: 0, cell: [1, 0])])
        #expect(abs(DomainLengthRange(supercell(skew, 10, 10)).side - 10.0.squareRoot()) < 1e-12)
        // And of one whose shortest period is −3a₁ + a₂.
        let steep = try Lattice(
            name: "steep", primitiveVectors: [[1, 0], [3.2, 0.3]], basis: [[0, 0]],
            bonds: [Lattice.Bond(from: 0, to: 0, cell: [1, 0])])
        #expect(abs(DomainLengthRange(supercell(steep, 10, 10)).side - 13.0.squareRoot()) < 1e-12)
        func open(_ periodic: [Bool]) throws -> Double {
            DomainLengthRange(try Supercell(square, size: [24, 16], periodic: periodic)).side
        }
        #expect(try open([true, false]) == 24)
        #expect(try open([false, false]) == .infinity)
    }

    private func lengths(_ field: SiteField) throws -> (moment: Double, halfHeight: Double, stated: [Double]) {
        let spectrum = try LatticeSpectrum(field.supercell)
        let moment = try spectrum.structureFactor(of: field).domainLength() ?? .nan
        let halfHeight = try spectrum.staggeredCorrelation(of: field).halfHeightLength ?? .nan
        let range = DomainLengthRange(field.supercell)
        return (
            moment, halfHeight,
            DomainLengthRange.names.map {
                range.stated($0, $0 == "domain_length" ? moment : halfHeight, halfHeight: halfHeight)
            }
        )
    }

    /// White noise has no domains, although the first moment of its flat S(q) is a length: 6 on a plane, 8 on a chain.
    @Test func noiseHasNoDomains() throws {
        for (cell, flat) in [
            (supercell(square, 64, 64), 6.0), (supercell(chain, 4096), 8), (supercell(cubic, 20, 20, 20), 16 / 3.0),
        ] {
            let (moment, halfHeight, stated) = try lengths(randomField(cell, seed: 3))
            #expect(abs(moment / flat - 1) < 0.05 && halfHeight < 1)
            #expect(stated.allSatisfy { $0.isNaN })
        }
    }

    /// Waves of known length λ on a side of 64: the moment is λ, the half height λ · 1.5211/2π, where J₀ is a half.
    @Test(arguments: [4, 8, 10.666_666_666_666_666, 12.8, 32]) func wavesHaveTheirLengthWithinTheRange(_ wave: Double) throws {
        let field = staggered(supercell(square, 64, 64)) { x, _ in cos(2 * .pi * x / wave) }
        let (moment, halfHeight, stated) = try lengths(field)
        #expect(abs(moment - wave) < 1e-9)
        let expected = 1.5211 * wave / (2 * .pi)
        #expect(abs(halfHeight - expected) < 0.3)
        #expect(stated[0].isNaN == (halfHeight < 2 || wave > 16))
        #expect(stated[1].isNaN == (halfHeight < 2))
        #expect(stated[0].isNaN || stated[0] == moment)
    }
}
