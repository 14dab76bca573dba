import Lattices

/// Configurations with the electronic forces to learn.
public struct ForceSamples: Sendable {
    /// Q, one field a configuration; supercells may differ, their lattice not.
    public let displacements: [SiteField]
    /// The electronic force on every site.
    public let forces: [SiteField]
    /// The electrons of each configuration.
    public let conditions: [Conditions]

    /// One force and one set of conditions for each displacement.
    public init(displacements: [SiteField], forces: [SiteField], conditions: [Conditions]) {
        precondition(displacements.count == forces.count && forces.count == conditions.count, "one force a configuration")
        precondition(zip(displacements, forces).allSatisfy { $0.supercell == $1.supercell }, "forces on the same supercell")
        self.displacements = displacements
        self.forces = forces
        self.conditions = conditions
    }

    /// Configurations.
    public var count: Int { displacements.count }
    /// Sites of all configurations.
    public var siteCount: Int { displacements.reduce(0) { $0 + $1.supercell.siteCount } }

    /// √⟨F²⟩ over all components: the error of predicting none.
    public var rootMeanSquareForce: Double {
        let square = forces.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1 * $1 } }
        return (square / Double(forces.reduce(0) { $0 + $1.values.count })).squareRoot()
    }

    /// These, then others.
    public static func + (a: ForceSamples, b: ForceSamples) -> ForceSamples {
        ForceSamples(
            displacements: a.displacements + b.displacements, forces: a.forces + b.forces,
            conditions: a.conditions + b.conditions)
    }

    /// Some of them, by index.
    public func selecting(_ indices: [Int]) -> ForceSamples {
        ForceSamples(
            displacements: indices.map { displacements[$0] }, forces: indices.map { forces[$0] },
            conditions: indices.map { conditions[$0] })
    }
}
