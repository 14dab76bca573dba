import ForceFields
import LatticeNumerics

/// Langevin dynamics as published: a velocity Verlet step, then the exact Ornstein–Uhlenbeck update of the velocity.
///
///     v ← v + Δt F/2m,   Q ← Q + Δt v,   F ← F(Q),   v ← v + Δt F/2m,
///     v ← e^{−γΔt} v + √((1 − e^{−2γΔt}) k_BT/m) ξ
///
/// Without damping this is ``VelocityVerlet``. In a harmonic potential of stiffness K, for every stable Δt (KΔt²/4m < 1) and
/// any damping,
///
///     ⟨Q²⟩ = (k_BT/K)/(1 − KΔt²/4m),   ⟨Qv⟩ = 0,   m⟨v²⟩ = k_BT
///
/// for a velocity Verlet step conserves m v² + K (1 − KΔt²/4m) Q², and the update of the velocity keeps its normal
/// distribution. In others both moments are off by terms of order Δt². See <doc:TimeStep>.
///
/// Source: Fan & Chern, arXiv:2601.04104.
public struct LangevinVelocityVerlet: Integrator {
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
        let (kick, drift) = (timeStep / (2 * mass), timeStep)
        let (thermostat, step) = (thermostat, state.step)
        state.update(with: pool) { fields, piece in fields.kickAndDrift(piece, kick: kick, drift: drift) }
        try state.evaluateForce(forceField, ofStep: state.step + 1)
        state.update(with: pool) { fields, piece in
            fields.kickAndThermalize(
                piece, kick: kick, decay: thermostat.decay, amplitude: thermostat.amplitude, noise: thermostat.noise, step: step)
        }
        state.step += 1
    }
}
