import Lattices

/// The classical elastic energy of scalar site variables,
///
///     V(Q) = (K/2) Σ_i Q_i² + κ Σ_⟨ij⟩ Q_i Q_j,      F_i = −K Q_i − κ Σ_{j nn i} Q_j
///
/// with the sum over neighbours counting every directed bond vector.
public struct ElasticForceField: ConservativeForceField {
    /// The supercell of every configuration.
    public let supercell: Supercell
    /// K, energy per displacement squared.
    public let stiffness: Double
    /// κ, the coupling of neighbouring displacements, energy per displacement squared.
    public let neighborStiffness: Double
    private let neighbors: [[Int32]]

    /// Tabulates the neighbours of every site.
    public init(_ supercell: Supercell, stiffness: Double, neighborStiffness: Double) {
        self.supercell = supercell
        self.stiffness = stiffness
        self.neighborStiffness = neighborStiffness
        neighbors = supercell.neighborTable()
    }

    public func computeForcesAndPotential(at displacement: SiteField, into forces: inout SiteField) throws -> Double {
        precondition(
            displacement.supercell == supercell && displacement.components == .scalar, "a scalar field on this supercell")
        var potential = 0.0
        for site in 0..<supercell.siteCount {
            var sum = 0.0
            for row in neighbors where row[site] >= 0 { sum += displacement[Int(row[site])] }
            let elastic = stiffness * displacement[site] + neighborStiffness * sum
            forces[site] = -elastic
            potential += displacement[site] * elastic / 2
        }
        return potential
    }
}
