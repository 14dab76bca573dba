import Lattices
import Observables
import Testing

/// Signs by arithmetic against the walk over all bonds.
@Suite struct SublatticeSignsTests {
    private static let lattices = [square, triangular, honeycomb, diagonal, rows, farther, brickwork]
    private static let sizes = [
        [1, 1], [1, 4], [2, 2], [3, 4], [4, 4], [5, 4], [6, 7], [8, 6], [9, 10], [12, 9], [14, 16],
    ]

    @Test(arguments: lattices)
    func areThoseOfTheWalk(_ lattice: Lattice) throws {
        for size in Self.sizes {
            for periodic in [[true, true], [false, true], [true, false], [false, false]] {
                check(try Supercell(lattice, size: size, periodic: periodic))
            }
        }
    }

    @Test func areThoseOfTheWalkInOneAndThreeDimensions() throws {
        for length in 1...9 {
            for periodic in [true, false] { check(try Supercell(chain, size: [length], periodic: [periodic])) }
        }
        for size in [[4, 4, 4], [6, 4, 5], [2, 4, 6], [8, 5, 4], [4, 6, 8]] {
            check(try Supercell(cubic, size: size))
            check(try Supercell(cubic, size: size, periodic: [true, false, true]))
        }
    }

    private func check(_ supercell: Supercell) {
        let expected = supercell.sublatticeSigns()
        let signs = SublatticeSigns(supercell)
        #expect(signs.map { signs in (0..<supercell.siteCount).map { signs[$0] } } == expected)
    }
}
