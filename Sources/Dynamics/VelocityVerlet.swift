import ForceFields
import LatticeNumerics

/// Newton's equations m Q̈ = F by velocity Verlet: time-reversible, symplectic, of second order; energy is conserved up to
/// oscillations of order Δt².
///
///     v ← v + Δt F/2m,   Q ← Q + Δt v,   F ← F(Q),   v ← v + Δt F/2m
///
/// Source: Swope, Andersen, Berens & Wilson, J. Chem. Phys. 76, 637 (1982), doi:10.1063/1.442716.
public struct VelocityVerlet: Integrator {
    public let timeStep: Double
    /// m of a site variable.
    public let mass: Double
    private let pool: WorkerPool

    /// - Throws: ``DynamicsError/invalid(key:problem:)`` unless Δt and m are finite and positive.
    public init(timeStep: Double, mass: Double, pool: WorkerPool = WorkerPool(threads: 1)) throws {
        try DynamicsError.requirePositive(timeStep, "time_step")
        try DynamicsError.requirePositive(mass, "mass")
        self.timeStep = timeStep
        self.mass = mass
        self.pool = pool
    }

    public func step(_ state: inout PhaseSpaceState, forceField: any ForceField) throws {
        let (kick, drift) = (timeStep / (2 * mass), timeStep)
        state.update(with: pool) { fields, piece in fields.kickAndDrift(piece, kick: kick, drift: drift) }
        try state.evaluateForce(forceField, ofStep: state.step + 1)
        state.update(with: pool) { fields, piece in fields.kick(piece, kick: kick) }
        state.step += 1
    }
}
