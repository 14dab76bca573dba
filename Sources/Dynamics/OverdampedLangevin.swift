import ForceFields
import LatticeNumerics

/// Langevin dynamics without inertia, m γ Q̇ = F + η, by the scheme of Leimkuhler and Matthews (the limit of ``BAOAB`` for
/// strong damping):
///
///     Q ← Q + Δt F/(mγ) + √(k_BT Δt/(2mγ)) (ξ_n + ξ_{n+1}),   F ← F(Q)
///
/// ξ_n serves the steps n − 1 and n; being addressed by (seed, n, component), it is drawn again instead of kept. In a harmonic
/// potential of stiffness K, ⟨Q²⟩ = k_BT/K for every stable Δt (KΔt/mγ < 2), where Euler–Maruyama has
/// (k_BT/K)/(1 − KΔt/2mγ); in others ⟨Q²⟩ is off by a term of order Δt². Without a force the mean square displacement from the
/// start is 2D(t − Δt/2) with D = k_BT/mγ. See <doc:TimeStep>.
///
/// There is no velocity: the state's is set to zero, and a kinetic temperature has no meaning.
///
/// Source: Leimkuhler & Matthews, Appl. Math. Res. Express 2013, 34, doi:10.1093/amrx/abs010.
public struct OverdampedLangevin: Integrator {
    public let timeStep: Double
    private let mobility: Double
    private let amplitude: Double
    private let noise: RandomStream
    private let pool: WorkerPool

    /// - Throws: ``DynamicsError/invalid(key:problem:)`` unless Δt, m, γ > 0 and k_BT ≥ 0, all finite.
    public init(
        timeStep: Double, mass: Double, damping: Double, temperature: Double, seed: UInt64,
        pool: WorkerPool = WorkerPool(threads: 1)
    ) throws {
        try DynamicsError.requirePositive(timeStep, "time_step")
        try DynamicsError.requirePositive(mass, "mass")
        try DynamicsError.requirePositive(damping, "damping")
        try DynamicsError.requireNonNegative(temperature, "temperature")
        self.timeStep = timeStep
        mobility = timeStep / (mass * damping)
        amplitude = (temperature * timeStep / (2 * mass * damping)).squareRoot()
        noise = RandomStream(seed: seed, purpose: .thermalNoise)
        self.pool = pool
    }

    public func step(_ state: inout PhaseSpaceState, forceField: any ForceField) throws {
        let (mobility, amplitude, noise, step) = (mobility, amplitude, noise, state.step)
        state.update(with: pool) { fields, piece in
            fields.creep(piece, mobility: mobility, amplitude: amplitude, noise: noise, step: step)
        }
        try state.evaluateForce(forceField, ofStep: state.step + 1)
        state.step += 1
    }
}
