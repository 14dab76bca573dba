import ForceFields
import Lattices

/// A point of a trajectory: everything an integrator needs to go on, and nothing else.
///
/// The force belongs to the displacement, so that a step begins without computing it and a run restarted from a saved state
/// gives the same bits as one that was never interrupted. Noise is addressed by ``step`` and needs no saved generator.
public struct PhaseSpaceState: Sendable, Equatable {
    /// Q, the site variables.
    public var displacement: SiteField
    /// Q̇, per unit of time ħ/t.
    public var velocity: SiteField
    /// F(Q) of this displacement.
    public var force: SiteField
    /// Steps made since the start of the trajectory.
    public var step: Int
    /// Ω(Q) of this displacement, from the calculation that gave ``force``; nil if it was not asked for or there is none.
    public var potential: Double?
    /// Whether force evaluations keep the potential of a `ConservativeForceField`, which may cost more than forces alone.
    public var tracksPotential: Bool

    /// A state whose force is known, as read from a checkpoint.
    public init(
        displacement: SiteField, velocity: SiteField, force: SiteField, step: Int = 0, potential: Double? = nil,
        tracksPotential: Bool = false
    ) {
        for field in [velocity, force] {
            precondition(
                field.supercell == displacement.supercell && field.components == displacement.components,
                "displacement, velocity and force on the same supercell")
        }
        self.displacement = displacement
        self.velocity = velocity
        self.force = force
        self.step = step
        self.potential = potential
        self.tracksPotential = tracksPotential
    }

    /// A starting state: evaluates the force.
    ///
    /// - Throws: what the force field throws.
    public init(
        displacement: SiteField, velocity: SiteField, forceField: any ForceField, step: Int = 0, tracksPotential: Bool = false
    ) throws {
        let force = SiteField(displacement.supercell, components: displacement.components)
        self.init(
            displacement: displacement, velocity: velocity, force: force, step: step, potential: nil,
            tracksPotential: tracksPotential)
        try evaluateForce(forceField)
    }

    /// Brings ``force``, and ``potential`` if it is tracked, up to the present displacement.
    public mutating func evaluateForce(_ forceField: any ForceField) throws {
        if tracksPotential, let conservative = forceField as? any ConservativeForceField {
            potential = try conservative.computeForcesAndPotential(at: displacement, into: &force)
        } else {
            potential = nil
            try forceField.computeForces(at: displacement, into: &force)
        }
    }
}
