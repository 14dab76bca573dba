import LatticeNumerics
import Lattices

/// The classical elastic energy of scalar site variables,
///
///     V(Q) = (K/2) Σ_i Q_i² + Σ_s κ_s Σ_⟨ij⟩_s Q_i Q_j,      F_i = −K Q_i − Σ_s κ_s Σ_{j, ij of shell s} Q_j
///
/// with the sums over neighbours counting every directed bond vector of a shell s, in the order of the lattice's bonds.
public struct ElasticForceField: ClassicalForceField {
    /// The supercell of every configuration.
    public let supercell: Supercell
    /// K, energy per displacement squared.
    public let stiffness: Double
    /// κ_1, κ_2, …, the coupling of the displacements at the two ends of a bond by its shell, energy per displacement squared; 0 in
    /// further shells.
    public let neighborStiffness: [Double]
    private let pool: WorkerPool
    /// The first shell.
    private let rows: BondRows
    private let nearest: Double
    /// Further shells whose κ is not 0.
    private let furtherShells: [(rows: BondRows, neighborStiffness: Double)]

    /// - Parameters:
    ///   - supercell: with any ends.
    ///   - stiffness: K.
    ///   - neighborStiffness: κ by shell, for at most as many shells as the lattice has.
    ///   - pool: the threads of one evaluation; the result does not depend on their number.
    public init(
        _ supercell: Supercell, stiffness: Double, neighborStiffness: [Double], pool: WorkerPool = WorkerPool(threads: 1)
    ) {
        precondition(neighborStiffness.count <= max(1, supercell.lattice.shellCount), "shells of the lattice")
        self.supercell = supercell
        self.stiffness = stiffness
        self.neighborStiffness = neighborStiffness
        self.pool = pool
        rows = BondRows(supercell, shell: 1)
        nearest = neighborStiffness.first ?? 0
        furtherShells = neighborStiffness.enumerated().dropFirst().filter { $1 != 0 }.map {
            (BondRows(supercell, shell: $0 + 1), $1)
        }
    }

    /// Bonds of the first shell alone.
    public init(
        _ supercell: Supercell, stiffness: Double, neighborStiffness: Double, pool: WorkerPool = WorkerPool(threads: 1)
    ) {
        self.init(supercell, stiffness: stiffness, neighborStiffness: [neighborStiffness], pool: pool)
    }

    /// How far bonds reach.
    public var receptiveField: Int { furtherShells.map(\.rows.reach).reduce(rows.reach, max) }
    public var alignment: Int { 1 }

    public func computeForces(
        at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField
    ) throws {
        evaluate(at: displacement, in: box, into: &forces, .replace)
    }

    /// Adds the forces on the sites of a box to what is there, as the last part of a sum.
    public func addForces(at displacement: SiteField, in box: CellBox, to forces: inout SiteField) {
        evaluate(at: displacement, in: box, into: &forces, .add)
    }

    /// Takes the forces on the sites of a box off what is there, so that the other part of a sum is left.
    public func subtractForces(at displacement: SiteField, in box: CellBox, from forces: inout SiteField) {
        evaluate(at: displacement, in: box, into: &forces, .subtract)
    }

    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        evaluate(at: displacement, in: CellBox(supercell), into: &forces, .replace)
    }

    public func computeForcesAndPotential(at displacement: SiteField, into forces: inout SiteField) throws -> Double {
        try computeForces(at: displacement, into: &forces)
        // V = −½ Σ_i Q_i F_i
        return zip(displacement.values, forces.values).reduce(0) { $0 - $1.0 * $1.1 / 2 }
    }

    private func evaluate(
        at displacement: SiteField, in box: CellBox, into forces: inout SiteField, _ combination: ElasticCombination
    ) {
        evaluate(
            rows, stiffness: stiffness, neighborStiffness: nearest, at: displacement, in: box, into: &forces, combination)
        for shell in furtherShells {
            evaluate(
                shell.rows, stiffness: 0, neighborStiffness: shell.neighborStiffness, at: displacement, in: box, into: &forces,
                combination == .subtract ? .subtract : .add)
        }
    }

    /// The springs of the sites and the bonds of one shell.
    private func evaluate(
        _ rows: BondRows, stiffness: Double, neighborStiffness: Double, at displacement: SiteField, in box: CellBox,
        into forces: inout SiteField, _ combination: ElasticCombination
    ) {
        precondition(
            displacement.supercell == supercell && displacement.kind == .scalar && forces.supercell == supercell,
            "scalar fields on this supercell")
        let count = rows.count(in: box)
        guard count > 0, !box.isEmpty else { return }
        // Rows enough that a thread does not come back for more all the time.
        let share = max(1, Self.sitesOfShare / (box.size[0] * supercell.lattice.basis.count))
        displacement.values.withUnsafeBufferPointer { displacement in
            forces.values.withUnsafeMutableBufferPointer { forces in
                nonisolated(unsafe) let (displacement, forces) = (displacement.baseAddress!, forces.baseAddress!)
                pool.forEach(count: (count + share - 1) / share) { piece, _ in
                    for row in piece * share..<min((piece + 1) * share, count) {
                        rows.forEachRun(in: box, row: row) { run in
                            run.computeForces(
                                displacement, into: forces, stiffness: stiffness, neighborStiffness: neighborStiffness,
                                combination)
                        }
                    }
                }
            }
        }
    }

    /// Sites that a thread takes at a time.
    private static let sitesOfShare = 1 << 14
}
