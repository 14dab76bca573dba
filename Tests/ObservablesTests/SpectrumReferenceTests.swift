import LatticeNumerics
import Lattices
import Observables
import Testing

/// Structure factors and correlation functions in slabs against one transform of the whole field.
@Suite struct SpectrumReferenceTests {
    static let supercells = [
        supercell(square, 96, 64), supercell(square, 97, 60), supercell(square, 64, 75), supercell(square, 33, 35),
        supercell(square, 1, 40), supercell(square, 40, 1), supercell(square, 300, 2), supercell(triangular, 48, 30),
        supercell(diagonal, 32, 48), supercell(chain, 1), supercell(chain, 2), supercell(chain, 101), supercell(chain, 1000),
        supercell(cubic, 12, 10, 14), supercell(cubic, 9, 20, 7), supercell(cubic, 5, 1, 3), supercell(cubic, 20, 17, 6),
    ]

    /// Of several components they are sums over the components, and so is what a sample takes from them.
    @Test(arguments: [supercell(square, 24, 20), supercell(chain, 30), supercell(cubic, 6, 4, 8)])
    func sumsOverComponents(_ cell: Supercell) throws {
        let normals = RandomStream(seed: 4, purpose: .testing).normals(count: 3 * cell.siteCount, step: 0)
        let field = SiteField(cell, kind: .spin, values: normals.map { $0 + 0.3 })
        let parts = (0..<3).map { SiteField(cell, values: field.component($0)) }
        let (scalar, spectrum) = try (LatticeSpectrum(cell), LatticeSpectrum(cell, kind: .spin))
        func sums(_ values: [[Double]]) -> [Double] { values[0].indices.map { k in values.reduce(0) { $0 + $1[k] } } }
        let (factor, correlation) = try spectrum.structureFactorAndCorrelation(of: field)
        let factors = try parts.map { try scalar.structureFactor(of: $0) }
        #expect(zip(factor.values, sums(factors.map(\.values))).allSatisfy { abs($0 - $1) < 1e-12 })
        let staggered = try parts.map { try scalar.staggeredCorrelation(of: $0).values }
        #expect(zip(correlation.values, sums(staggered)).allSatisfy { abs($0 - $1) < 1e-13 })
        let plain = try parts.map { try scalar.correlation(of: $0).values }
        #expect(try zip(spectrum.correlation(of: field).values, sums(plain)).allSatisfy { abs($0 - $1) < 1e-13 })
        #expect(throws: ObservablesError.self) { try spectrum.structureFactor(of: parts[0]) }

        let sample = ObservableSet(cell, kind: .spin, mass: 2).sample(displacement: field, velocity: field, density: parts[2])
        let samples = parts.map { ObservableSet(cell, mass: 2).sample(displacement: $0, velocity: $0, density: parts[2]) }
        for name in ["structure_factor", "displacement_mean_square", "kinetic_energy"] {
            #expect(abs(sample[name]! - samples.reduce(0) { $0 + $1[name]! }) < 1e-12, "\(name)")
        }
        for name in ["order_parameter", "mean_displacement"] {
            let square = samples.reduce(0) { $0 + $1[name]! * $1[name]! }
            #expect(abs(sample[name]! - square.squareRoot()) < 1e-13, "\(name)")
        }
        #expect(abs(sample["kinetic_temperature"]! * 3 / 2 - sample["kinetic_energy"]!) < 1e-12)
        #expect(sample["density_structure_factor"] == samples[0]["density_structure_factor"])
        #expect(abs(sample["domain_length"]! - factor.domainLength()!) < 1e-12)
        let length = try spectrum.staggeredCorrelation(of: field).halfHeightLength
        #expect(length.map { abs(sample["correlation_length"]! - $0) < 1e-12 } ?? sample["correlation_length"]!.isNaN)
    }

    @Test(arguments: supercells)
    func wholeTransform(_ supercell: Supercell) throws {
        let field = randomField(supercell, seed: 8, mean: 0.4)
        let count = Double(supercell.siteCount)
        let reference = FourierTransform(dimensions: supercell.size.reversed())
        let mean = field.values.reduce(0, +) / count
        let spectrum = try LatticeSpectrum(supercell, pool: WorkerPool(threads: 2))
        let factor = try spectrum.structureFactor(of: field)
        let power = reference.powerSpectrum(of: field.values.map { $0 - mean }).map { $0 / count }
        #expect(zip(factor.values, power).allSatisfy { abs($0 - $1) < 1e-12 * (1 + $1) })
        let correlation = try spectrum.correlation(of: field)
        let direct = reference.autocorrelation(of: field.values)
        #expect(direct[0] > 0.01)
        #expect(zip(correlation.values, direct).allSatisfy { abs($0 - $1) < 1e-13 })

        // Radial averages of the half that is kept are those of all.
        for (profile, distances, values, width) in [
            (factor.radialAverage(width: 0.37, cutoff: 2.9), factor.distances, factor.values, 0.37),
            (correlation.radialAverage(), correlation.distances, correlation.values, 1),
        ] {
            let cutoff = width == 1 ? correlation.reach : 2.9
            var shells: [Int: (radius: Double, value: Double, count: Int)] = [:]
            for (distance, value) in zip(distances, values) where distance <= cutoff * (1 + 1e-12) {
                let shell = Int((distance / width).rounded(.toNearestOrAwayFromZero))
                guard shell <= Int((cutoff / width).rounded()) else { continue }
                let old = shells[shell] ?? (0, 0, 0)
                shells[shell] = (old.radius + distance, old.value + value, old.count + 1)
            }
            let expected = shells.sorted { $0.key < $1.key }.map(\.value)
            #expect(profile.counts == expected.map(\.count))
            for (k, shell) in expected.enumerated() {
                #expect(abs(profile.radii[k] - shell.radius / Double(shell.count)) < 1e-12 * (1 + profile.radii[k]))
                #expect(abs(profile.values[k] - shell.value / Double(shell.count)) < 1e-11 * (1 + abs(profile.values[k])))
            }
        }
    }

    /// The same order parameter by the sum of signs and by the transform; the diagonal lattice has no arithmetic signs.
    @Test(arguments: [supercell(square, 32, 20), supercell(diagonal, 16, 12), supercell(cubic, 8, 6, 4), supercell(chain, 14)])
    func orderingValueWithAndWithoutTransform(_ supercell: Supercell) throws {
        let field = randomField(supercell, seed: 6, mean: 2)
        let expected = try LatticeSpectrum(supercell).structureFactor(of: field).orderingValue!
        #expect(expected > 1e-4)
        let sample = ObservableSet(supercell, mass: 1).sample(displacement: field, density: field)
        for name in ["structure_factor", "density_structure_factor"] { #expect(abs(sample[name]! - expected) < 1e-11) }
    }
}
