import ForceFields
import Lattices

/// A point of a trajectory: everything an integrator needs to go on, and nothing else.
///
/// The force belongs to the displacement, so that a step begins without computing it. Noise is addressed by ``step`` and the place
/// of a site in the whole lattice, so a run restarted from a saved state, or spread over other processes, gives the same bits as
/// one that was never interrupted.
///
/// The fields are on ``domain``'s local supercell: the whole lattice, or what one process has of it. In the halo of a domain the
/// displacement is that of the neighbours since the last evaluation of the force, and velocity and force mean nothing.
public struct PhaseSpaceState: Sendable, Equatable {
    /// The part of the lattice that the fields are on.
    public let domain: Domain
    /// Q, the site variables.
    public var displacement: SiteField
    /// Q̇, per unit of time τ.
    public var velocity: SiteField
    /// F(Q) of this displacement.
    public var force: SiteField
    /// Steps made since the start of the trajectory.
    public var step: Int
    /// The seed of the trajectory, by which a force field may draw at each step (`ForceField/atStep(_:seed:)`).
    public let seed: UInt64
    /// Ω(Q) of this displacement, from the calculation that gave ``force``; nil if it was not asked for or there is none.
    public var potential: Double?
    /// Whether force evaluations keep the potential of a `ConservativeForceField`, which may cost more than forces alone.
    public var tracksPotential: Bool
    /// The components of the domain in pieces of work.
    let pieces: [Piece]

    /// A state whose force is known.
    ///
    /// - Parameters:
    ///   - domain: what the fields are on; the whole of their supercell if nil.
    ///   - seed: of the trajectory, for force fields that draw at each step.
    public init(
        displacement: SiteField, velocity: SiteField, force: SiteField, domain: Domain? = nil, step: Int = 0, seed: UInt64 = 0,
        potential: Double? = nil, tracksPotential: Bool = false
    ) {
        let domain = domain ?? Domain(displacement.supercell)
        precondition(displacement.supercell == domain.local, "fields on the domain")
        for field in [velocity, force] {
            precondition(
                field.supercell == displacement.supercell && field.kind == displacement.kind,
                "displacement, velocity and force on the same supercell")
        }
        self.domain = domain
        self.displacement = displacement
        self.velocity = velocity
        self.force = force
        self.step = step
        self.seed = seed
        self.potential = potential
        self.tracksPotential = tracksPotential
        pieces = Piece.all(of: domain, components: displacement.componentCount)
    }

    /// A state whose force is that of a force field at its step and seed.
    ///
    /// - Throws: what the force field throws.
    public init(
        displacement: SiteField, velocity: SiteField, forceField: any ForceField, domain: Domain? = nil, step: Int = 0,
        seed: UInt64 = 0, tracksPotential: Bool = false
    ) throws {
        let force = SiteField(displacement.supercell, kind: displacement.kind)
        self.init(
            displacement: displacement, velocity: velocity, force: force, domain: domain, step: step, seed: seed,
            tracksPotential: tracksPotential)
        try evaluateForce(forceField)
    }

    /// Brings ``force``, and ``potential`` if it is tracked, up to the present displacement; of a domain, the halo as well.
    ///
    /// - Parameter step: the step that the displacement belongs to; ``step`` unless given.
    public mutating func evaluateForce(_ forceField: any ForceField, ofStep step: Int? = nil) throws {
        potential = nil
        let forceField = forceField.atStep(step ?? self.step, seed: seed)
        if let shared = forceField as? DomainForceField {
            try shared.computeForces(completing: &displacement, into: &force)
        } else if tracksPotential, let conservative = forceField as? any ConservativeForceField {
            potential = try conservative.computeForcesAndPotential(at: displacement, into: &force)
        } else {
            try forceField.computeForces(at: displacement, into: &force)
        }
    }
}
