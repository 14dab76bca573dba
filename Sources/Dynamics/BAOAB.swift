import ForceFields
import LatticeNumerics

/// Langevin dynamics by the splitting kick–drift–thermostat–drift–kick, the most accurate of its kind for configurations.
///
///     v ← v + Δt F/2m,   Q ← Q + Δt v/2,
///     v ← e^{−γΔt} v + √((1 − e^{−2γΔt}) k_BT/m) ξ,
///     Q ← Q + Δt v/2,    F ← F(Q),   v ← v + Δt F/2m
///
/// In a harmonic potential of stiffness K, for every stable Δt (KΔt²/4m < 1) and any damping,
///
///     ⟨Q²⟩ = k_BT/K,   ⟨Qv⟩ = 0,   m⟨v²⟩ = k_BT (1 − KΔt²/4m)
///
/// In others ⟨Q²⟩ is off by a term of order Δt² that vanishes for strong damping. See <doc:TimeStep>.
///
/// Source: Leimkuhler & Matthews, Appl. Math. Res. Express 2013, 34, doi:10.1093/amrx/abs010.
public struct BAOAB: Integrator {
    public let timeStep: Double
    /// m of a site variable.
    public let mass: Double
    private let thermostat: OrnsteinUhlenbeck
    private let pool: WorkerPool

    /// - Throws: ``DynamicsError/invalid(key:problem:)`` unless Δt, m > 0 and γ, k_BT ≥ 0, all finite.
    public init(
        timeStep: Double, mass: Double, damping: Double, temperature: Double, seed: UInt64,
        pool: WorkerPool = WorkerPool(threads: 1)
    ) throws {
        thermostat = try OrnsteinUhlenbeck(
            timeStep: timeStep, mass: mass, damping: damping, temperature: temperature, seed: seed)
        self.timeStep = timeStep
        self.mass = mass
        self.pool = pool
    }

    public func step(_ state: inout PhaseSpaceState, forceField: any ForceField) throws {
        let (kick, halfDrift) = (timeStep / (2 * mass), timeStep / 2)
        let (thermostat, step) = (thermostat, state.step)
        state.update(with: pool) { fields, piece in
            fields.kickDriftThermalizeDrift(
                piece, kick: kick, halfDrift: halfDrift, decay: thermostat.decay, amplitude: thermostat.amplitude,
                noise: thermostat.noise, step: step)
        }
        try state.evaluateForce(forceField, ofStep: state.step + 1)
        state.update(with: pool) { fields, piece in fields.kick(piece, kick: kick) }
        state.step += 1
    }
}
