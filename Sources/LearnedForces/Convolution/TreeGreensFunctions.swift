import LatticeNumerics
import Lattices
import Models

/// The Green's function of each site in the tree of its neighbours,
///
///     G_ii(z) = 1/(z − ε_i − t² Σ_j g_{j→i}(z)),     g_{j→i}(z) = 1/(z − ε_j − t² Σ_{k≠i} g_{k→j}(z)),
///
/// at z = μ + iω, with the recursion cut after a number of levels. Exact on a Bethe lattice: Abou-Chacra, Thouless &
/// Anderson, J. Phys. C 6, 1734 (1973), doi:10.1088/0022-3719/6/10/009.
package struct TreeGreensFunctions: Sendable {
    /// ω of each function.
    package let frequencies: [Double]
    /// Levels of the tree; 0 leaves the site alone.
    package let levels: Int
    package let pool: WorkerPool

    package init(frequencies: [Double], levels: Int, pool: WorkerPool) {
        (self.frequencies, self.levels, self.pool) = (frequencies, levels, pool)
    }

    /// Re G_ii, [frequency][site].
    package func realParts(_ h: UniformTightBinding, chemicalPotential: Double) -> [[Double]] {
        guard !frequencies.isEmpty else { return [] }
        let neighbors = h.supercell.neighborTable()
        let diagonal = h.values.values.map { chemicalPotential - h.slope * $0 }
        var results = [[Double]](repeating: diagonal, count: frequencies.count)
        results.withUnsafeMutableBufferPointer { results in
            // Each piece writes its own function.
            nonisolated(unsafe) let results = results
            pool.forEach(count: frequencies.count) { k, _ in
                results[k] = realPart(frequencies[k], diagonal: diagonal, hopping: h.hopping, neighbors)
            }
        }
        return results
    }

    /// - Parameter diagonal: μ − ε_i.
    private func realPart(_ frequency: Double, diagonal: [Double], hopping: Double, _ neighbors: [[Int32]]) -> [Double] {
        let square = hopping * hopping
        // A bond and its reverse are half the table apart. messages[row][j]: what j sends along its bond `row`.
        func reverse(_ row: Int) -> Int { (row + neighbors.count / 2) % neighbors.count }
        var messages: [[Complex]] = []
        /// z − ε_j less what the neighbours send to j.
        func inverse(_ j: Int) -> Complex {
            guard !messages.isEmpty else { return Complex(real: diagonal[j], imaginary: frequency) }
            return neighbors.indices.reduce(Complex(real: diagonal[j], imaginary: frequency)) {
                $0.subtracting(messages[reverse($1)][Int(neighbors[$1][j])], times: square)
            }
        }
        for _ in 0..<levels {
            let sums = diagonal.indices.map(inverse)
            let previous = messages
            messages = neighbors.indices.map { row in
                diagonal.indices.map { j in
                    previous.isEmpty
                        ? sums[j].reciprocal
                        : sums[j].subtracting(previous[reverse(row)][Int(neighbors[row][j])], times: -square).reciprocal
                }
            }
        }
        return diagonal.indices.map { inverse($0).reciprocal.real }
    }

    private struct Complex {
        var real: Double
        var imaginary: Double

        func subtracting(_ other: Complex, times factor: Double) -> Complex {
            Complex(real: real - factor * other.real, imaginary: imaginary - factor * other.imaginary)
        }

        var reciprocal: Complex {
            let norm = real * real + imaginary * imaginary
            return Complex(real: real / norm, imaginary: -imaginary / norm)
        }
    }
}
