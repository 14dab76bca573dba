import Foundation
import LatticeNumerics
import Lattices

/// A quadratic energy of site variables that is the same in every cell of an infinite lattice, and its softest mode.
///
///     V(x) = ½ Σ_i x_i·A x_i + Σ_⟨ij⟩ x_i·B_ij x_j
///
/// with a symmetric matrix A over the components of a site variable and a matrix B for every bond, which may be of any shell. A mode
/// x_{Ra} = Re(e_a e^{iq·R}) costs ½ Σ_ab e†_a D_ab(q) e_b per cell on average, with the Hermitian matrix
///
///     D_ab(q) = A δ_ab + Σ_{bonds a→b} B e^{iq·R} + Σ_{bonds b→a} Bᵀ e^{−iq·R}
///
/// and R the cell at the far end of a bond. The energy has a minimum at x = 0 alone if every eigenvalue at every q is above 0.
///
/// The search covers all wave vectors of the infinite lattice, not only those of one supercell. A periodic supercell has some
/// of them, and with open ends its matrix is a part of that of the infinite lattice, so that its eigenvalues lie between those
/// of the infinite one (Cauchy's interlacing theorem): no supercell is softer.
public struct HarmonicLattice: Sendable {
    /// What joins the two ends of a bond: x_from·B x_to.
    public struct Coupling: Sendable {
        let bond: Lattice.Bond
        let matrix: [[Double]]

        /// A bond with its matrix, energy per squared site variable; rows belong to `bond.from`.
        public init(_ bond: Lattice.Bond, matrix: [[Double]]) {
            self.bond = bond
            self.matrix = matrix
        }
    }

    /// An eigenvector of the energy, by its wave vector.
    public struct Mode: Sendable, Equatable {
        /// q in fractions of the reciprocal lattice vectors, each above −½ and at most ½: the phase of a cell is 2π Σ_k q_k R_k.
        public let waveVector: [Double]
        /// The eigenvalue, energy per squared site variable.
        public let stiffness: Double

        /// The wave vector as text: `(1/3, -1/3)`.
        public var text: String {
            let parts = waveVector.map { fraction -> String in
                for denominator in [1, 2, 3, 4, 6, 8, 12, 24] {
                    let numerator = (fraction * Double(denominator)).rounded()
                    guard abs(fraction * Double(denominator) - numerator) < 1e-9 else { continue }
                    return denominator == 1 || numerator == 0 ? "\(Int(numerator))" : "\(Int(numerator))/\(denominator)"
                }
                return String(format: "%.4f", fraction)
            }
            return "(" + parts.joined(separator: ", ") + ")"
        }
    }

    private let lattice: Lattice
    private let components: Int
    private let onsite: [[Double]]
    private let couplings: [Coupling]

    /// - Parameters:
    ///   - lattice: the lattice whose cells all have this energy.
    ///   - onsite: A, as many rows as a site variable has components.
    ///   - couplings: every bond once, with a matrix of that size.
    public init(_ lattice: Lattice, onsite: [[Double]], couplings: [Coupling]) {
        precondition(
            ([onsite] + couplings.map(\.matrix)).allSatisfy { matrix in
                matrix.count == onsite.count && matrix.allSatisfy { $0.count == onsite.count }
            }, "square matrices over the components of a site")
        self.lattice = lattice
        components = onsite.count
        self.onsite = onsite
        self.couplings = couplings
    }

    /// The energy of an ``ElasticForceField``, V = (K/2) Σ_i Q_i² + Σ_s κ_s Σ_⟨ij⟩_s Q_i Q_j, with κ by shell.
    public init(_ lattice: Lattice, stiffness: Double, neighborStiffness: [Double]) {
        self.init(
            lattice, onsite: [[stiffness]],
            couplings: lattice.bonds.filter { $0.shell <= neighborStiffness.count }.map {
                Coupling($0, matrix: [[neighborStiffness[$0.shell - 1]]])
            })
    }

    /// The energy of an ``ElasticForceField`` of the first shell, V = (K/2) Σ_i Q_i² + κ Σ_⟨ij⟩ Q_i Q_j.
    public init(_ lattice: Lattice, stiffness: Double, neighborStiffness: Double) {
        self.init(lattice, stiffness: stiffness, neighborStiffness: [neighborStiffness])
    }

    /// The smallest element on the diagonal of A, K of scalar site variables.
    public var onsiteStiffness: Double { onsite.indices.map { onsite[$0][$0] }.min()! }

    /// No mode is stiffer: the largest sum of the magnitudes of a row (Gershgorin's circles).
    public var stiffnessBound: Double {
        let size = lattice.basis.count * components
        var sums = [Double](repeating: 0, count: size)
        for a in lattice.basis.indices {
            for row in 0..<components { sums[a * components + row] = onsite[row].reduce(0) { $0 + abs($1) } }
        }
        for coupling in couplings {
            for row in 0..<components {
                for column in 0..<components {
                    let element = abs(coupling.matrix[row][column])
                    sums[coupling.bond.from * components + row] += element
                    sums[coupling.bond.to * components + column] += element
                }
            }
        }
        return sums.max()!
    }

    /// The κ between which (K/2) Σ_i Q_i² + κ Σ_⟨ij⟩ Q_i Q_j has its minimum at Q = 0 alone, both excluded; empty unless K > 0.
    public static func stableNeighborStiffness(_ lattice: Lattice, stiffness: Double) -> (lower: Double, upper: Double) {
        // Every eigenvalue is K + κ a with one of the matrix of bonds, whose mean over all modes is 0.
        func limit(_ sign: Double) -> Double {
            let lowest = HarmonicLattice(lattice, stiffness: 0, neighborStiffness: sign).softestMode().stiffness
            return lowest < 0 ? sign * max(stiffness, 0) / -lowest : sign * .infinity
        }
        return (limit(-1), limit(1))
    }

    /// Whether the magnitudes of the couplings alone show that every mode is stable (Gershgorin's circles); false decides
    /// nothing.
    private var isPlainlyStable: Bool {
        let size = lattice.basis.count * components
        var radii = [Double](repeating: 0, count: size)
        for a in lattice.basis.indices {
            for row in 0..<components {
                radii[a * components + row] -= onsite[row][row]
                for column in 0..<components where column != row { radii[a * components + row] += abs(onsite[row][column]) }
            }
        }
        for coupling in couplings {
            for row in 0..<components {
                for column in 0..<components {
                    radii[coupling.bond.from * components + row] += abs(coupling.matrix[row][column])
                    radii[coupling.bond.to * components + column] += abs(coupling.matrix[row][column])
                }
            }
        }
        return radii.allSatisfy { $0 < 0 }
    }

    /// The softest mode if its stiffness is not positive; nil if the energy has its minimum at x = 0 alone. Nil is proven where the
    /// couplings are small beside A, and else as sure as ``softestMode()`` is.
    public func instability() -> Mode? {
        if isPlainlyStable { return nil }
        let softest = softestMode()
        return softest.stiffness > 0 ? nil : softest
    }

    /// The mode of the lowest eigenvalue over all wave vectors.
    ///
    /// The zone is sampled on a grid of N = 24 points along each reciprocal vector for every cell that bonds reach along it, which has
    /// the points of high symmetry of all common lattices. N is smaller if there are many sites per cell or bonds reach far. From the
    /// six lowest points of the grid a search goes downhill to 10⁻⁸ of the zone.
    ///
    /// The returned mode is a mode of the lattice, so an instability that is found is one. It is proven that no mode is softer by more
    /// than (πd/N)² Σ ‖B‖, in d dimensions and summed over bonds (0.4 % of the width of a chain's band): at the q of the softest mode
    /// the energy of its eigenvector is stationary, and at the nearest point of the grid that energy is higher by no more than this
    /// bound. Within the bound, the search misses a valley to which none of the six points leads.
    public func softestMode() -> Mode {
        let bands = Bands(self)
        let reach = (0..<lattice.dimension).map { axis in couplings.map { abs($0.bond.cell[axis]) }.max() ?? 0 }
        let cost = Double(bands.size * bands.size * bands.size)
        func grid(_ points: Int) -> [Int] { reach.map { $0 == 0 ? 1 : max(4, $0 * points) } }
        let counts = [24, 12, 8, 6, 4, 2, 1].map(grid).first { $0.reduce(cost) { $0 * Double($1) } <= 4e6 } ?? grid(0)

        var lowest: [(q: [Double], value: Double)] = []
        for index in 0..<counts.reduce(1, *) {
            var rest = index
            let cell = counts.map { count in
                defer { rest /= count }
                return rest % count
            }
            // −q has the eigenvalues of q.
            let opposite = zip(cell, counts).map { ($1 - $0) % $1 }
            if opposite.lexicographicallyPrecedes(cell) { continue }
            let q = zip(cell, counts).map { Double($0) / Double($1) }
            let value = bands.lowest(at: q)
            if lowest.count == Self.starts, value >= lowest.last!.value { continue }
            lowest.insert((q, value), at: lowest.firstIndex { $0.value > value } ?? lowest.count)
            if lowest.count > Self.starts { lowest.removeLast() }
        }
        let found = lowest.map { bands.downhill(from: $0, steps: counts.map { $0 > 1 ? 0.5 / Double($0) : 0 }) }
        // Of equal points the first, so that a point of the grid stays on the grid.
        let best = found.dropFirst().reduce(found[0]) { $1.value < $0.value - bands.rounding ? $1 : $0 }
        return Mode(
            waveVector: best.q.map { fraction in
                let part = fraction - fraction.rounded(.down)
                return part > 0.5 + 1e-12 ? part - 1 : part
            }, stiffness: best.value)
    }

    /// Points of the grid from which a search goes downhill.
    private static let starts = 6

    /// The eigenvalues of D(q), with memory for one matrix.
    private final class Bands {
        typealias Point = (q: [Double], value: Double)

        let size: Int
        /// Equal eigenvalues may differ by this much.
        let rounding: Double
        private let energy: HarmonicLattice
        /// The real symmetric matrix (Re D, −Im D; Im D, Re D), which has every eigenvalue of D twice.
        private let solver: SymmetricEigensolver

        init(_ energy: HarmonicLattice) {
            self.energy = energy
            size = energy.lattice.basis.count * energy.components
            let entries = (energy.onsite + energy.couplings.flatMap(\.matrix)).joined()
            rounding = 1e-13 * entries.reduce(0) { $0 + abs($1) }
            solver = SymmetricEigensolver(dimension: 2 * size)
        }

        func lowest(at q: [Double]) -> Double {
            let (matrix, width, components) = (solver.matrix, 2 * size, energy.components)
            matrix.update(repeating: 0)
            func add(_ row: Int, _ column: Int, real: Double, imaginary: Double) {
                matrix[row * width + column] += real
                matrix[(row + size) * width + column + size] += real
                matrix[(row + size) * width + column] += imaginary
                matrix[row * width + column + size] -= imaginary
            }
            for a in energy.lattice.basis.indices {
                for row in 0..<components {
                    for column in 0..<components {
                        add(a * components + row, a * components + column, real: energy.onsite[row][column], imaginary: 0)
                    }
                }
            }
            for coupling in energy.couplings {
                let turns = zip(q, coupling.bond.cell).reduce(0) { $0 + $1.0 * Double($1.1) }
                let angle = 2 * Double.pi * (turns - turns.rounded())
                let (cosine, sine) = (cos(angle), sin(angle))
                for row in 0..<components {
                    for column in 0..<components {
                        let (from, to) = (coupling.bond.from * components + row, coupling.bond.to * components + column)
                        let element = coupling.matrix[row][column]
                        add(from, to, real: element * cosine, imaginary: element * sine)
                        add(to, from, real: element * cosine, imaginary: -element * sine)
                    }
                }
            }
            if size == 1 { return matrix[0] }
            // An eigenvalue that is not finite counts as soft.
            guard (try? solver.solve()) != nil else { return -.infinity }
            return solver.eigenvalues[0]
        }

        /// Goes to lower neighbours in all directions and diagonals, by shorter and shorter steps.
        func downhill(from start: Point, steps: [Double]) -> Point {
            var (best, scale) = (start, 1.0)
            let directions = steps.reduce([[]]) { lists, step in
                lists.flatMap { list in (step > 0 ? [-1.0, 0, 1] : [0]).map { list + [$0 * step] } }
            }.filter { $0.contains { $0 != 0 } }
            while scale > 1e-7 {
                let neighbors = directions.map { direction in zip(best.q, direction).map { $0 + scale * $1 } }
                    .map { (q: $0, value: lowest(at: $0)) }
                if let next = neighbors.min(by: { $0.value < $1.value }), next.value < best.value - rounding {
                    best = next
                } else {
                    scale /= 2
                }
            }
            return best
        }
    }
}
