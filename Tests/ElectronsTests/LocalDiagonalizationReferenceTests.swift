import Electrons
import Foundation
import Lattices
import Models
import Testing

/// The compiled programs against the same mathematics written plainly.
@Suite struct LocalDiagonalizationReferenceTests {
    private struct Complex {
        var real: Double
        var imaginary: Double
        static func - (a: Self, b: Self) -> Self { Self(real: a.real - b.real, imaginary: a.imaginary - b.imaginary) }
        static func * (a: Self, b: Self) -> Self {
            Self(real: a.real * b.real - a.imaginary * b.imaginary, imaginary: a.real * b.imaginary + a.imaginary * b.real)
        }
        var reciprocal: Self {
            let square = real * real + imaginary * imaginary
            return Self(real: real / square, imaginary: -imaginary / square)
        }
    }

    /// Square-lattice densities: a dense matrix for every patch of (2R+1)² sites, the tree beyond by plain recursion.
    private static func density(
        _ displacement: SiteField, model: AdiabaticModel, radius: Int, levels: Int, expansion: PoleExpansion
    ) -> [Double] {
        let supercell = displacement.supercell
        let steps = [[1, 0], [-1, 0], [0, 1], [0, -1]]
        func moved(_ cell: [Int], _ step: [Int]) -> [Int] { [cell[0] + step[0], cell[1] + step[1]] }
        return (0..<supercell.siteCount).map { site in
            let center = supercell.cell(of: site)
            return expansion.poles.indices.reduce(0.5) { sum, pole in
                func diagonal(_ cell: [Int]) -> Complex {
                    let energy = -model.coupling * displacement[supercell.site(cell: cell)]
                    return Complex(real: energy, imaginary: -expansion.poles[pole] * model.temperature)
                }
                /// t² times the cavity Green's function of `cell` without `parent`.
                func selfEnergy(_ cell: [Int], from parent: [Int], levels: Int) -> Complex {
                    var value = diagonal(cell)
                    if levels > 1 {
                        for step in steps where moved(cell, step) != parent {
                            value = value - selfEnergy(moved(cell, step), from: cell, levels: levels - 1)
                        }
                    }
                    let square = Complex(real: model.hopping * model.hopping, imaginary: 0)
                    return square * value.reciprocal
                }
                let cells = (-radius...radius).flatMap { y in (-radius...radius).map { [center[0] + $0, center[1] + y] } }
                var matrix = cells.map { row in
                    cells.map { column -> Complex in
                        if row != column {
                            let distance = abs(row[0] - column[0]) + abs(row[1] - column[1])
                            return Complex(real: distance == 1 ? -model.hopping : 0, imaginary: 0)
                        }
                        var value = diagonal(row)
                        if levels > 0 {
                            for next in steps.map({ moved(row, $0) }) where !cells.contains(next) {
                                value = value - selfEnergy(next, from: row, levels: levels)
                            }
                        }
                        return value
                    }
                }
                // Gauss elimination of all but the centre, which is moved to the end.
                let last = cells.count - 1
                matrix.swapAt(cells.count / 2, last)
                for row in matrix.indices { matrix[row].swapAt(cells.count / 2, last) }
                for pivot in 0..<last {
                    for row in pivot + 1...last {
                        let factor = matrix[row][pivot] * matrix[pivot][pivot].reciprocal
                        for column in pivot...last { matrix[row][column] = matrix[row][column] - factor * matrix[pivot][column] }
                    }
                }
                return sum - model.temperature * expansion.weights[pole] * matrix[last][last].reciprocal.real
            }
        }
    }

    @Test(arguments: [(0, 0), (0, 1), (0, 4), (1, 0), (1, 1), (1, 3), (2, 2), (3, 1)])
    func densePatches(radius: Int, levels: Int) throws {
        let displacement = try Samples.random(Samples.square, [9, 8], scale: 1.5)
        for hopping in [1, -0.6] {
            let model = try Samples.model(hopping: hopping)
            let bound = (displacement.values.map { abs(model.coupling * $0) }.max()! + 4 * abs(hopping)) / model.temperature
            let expansion = try PoleExpansion.meeting(tolerance: 1e-6, bound: bound)
            let plain = Self.density(displacement, model: model, radius: radius, levels: levels, expansion: expansion)
            for (precision, tolerance) in [(LocalDiagonalization.Options.Precision.double, 1e-12), (.single, 1e-6)] {
                let options = LocalDiagonalization.Options(
                    radius: radius, levels: levels, poleTolerance: 1e-6, precision: precision)
                let found = try ElectronicForceField(model, LocalDiagonalization(options: options)).solve(displacement).density
                    .values
                #expect(largestDifference(found, plain) < tolerance)
            }
        }
    }

    /// Any number of poles is accepted, and more of them are better.
    @Test func numberOfPoles() throws {
        let displacement = try Samples.random(Samples.square, [8, 8], scale: 1.5)
        func density(_ poles: Int?) throws -> [Double] {
            let options = LocalDiagonalization.Options(
                radius: 1, levels: 2, poles: poles, poleTolerance: 1e-11, precision: .double)
            return try ElectronicForceField(try Samples.model(), LocalDiagonalization(options: options)).solve(displacement)
                .density.values
        }
        let best = try density(nil)
        let errors = try [4, 5, 6, 7, 8].map { largestDifference(try density($0), best) }
        for (fewer, more) in zip(errors, errors.dropFirst()) { #expect(more < fewer) }
        #expect(errors[0] > 1e-5 && errors[4] < 1e-6)
    }
}
