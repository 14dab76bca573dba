import LatticeNumerics
import Lattices

/// The classical elastic energy of scalar site variables,
///
///     V(Q) = (K/2) Σ_i Q_i² + κ Σ_⟨ij⟩ Q_i Q_j,      F_i = −K Q_i − κ Σ_{j nn i} Q_j
///
/// with the sum over neighbours counting every directed bond vector, in the order of the lattice's bonds.
public struct ElasticForceField: ClassicalForceField {
    /// The supercell of every configuration.
    public let supercell: Supercell
    /// K, energy per displacement squared.
    public let stiffness: Double
    /// κ, the coupling of neighbouring displacements, energy per displacement squared.
    public let neighborStiffness: Double
    private let pool: WorkerPool
    private let rows: BondRows

    /// - Parameters:
    ///   - supercell: with any ends.
    ///   - stiffness: K.
    ///   - neighborStiffness: κ.
    ///   - pool: the threads of one evaluation; the result does not depend on their number.
    public init(
        _ supercell: Supercell, stiffness: Double, neighborStiffness: Double, pool: WorkerPool = WorkerPool(threads: 1)
    ) {
        self.supercell = supercell
        self.stiffness = stiffness
        self.neighborStiffness = neighborStiffness
        self.pool = pool
        rows = BondRows(supercell)
    }

    /// How far bonds reach.
    public var receptiveField: Int { rows.reach }
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
        precondition(
            displacement.supercell == supercell && displacement.components == .scalar && forces.supercell == supercell,
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
