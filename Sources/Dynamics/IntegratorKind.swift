import LatticeNumerics

/// The integrators by the names recipes give them.
public enum IntegratorKind: String, Sendable, Codable, CaseIterable {
    /// ``VelocityVerlet``: constant energy.
    case velocityVerlet = "velocity-verlet"
    /// ``LangevinVelocityVerlet``: as published.
    case langevinVelocityVerlet = "langevin-velocity-verlet"
    /// ``BAOAB``: the most accurate for configurations.
    case baoab
    /// ``OverdampedLangevin``: without inertia.
    case overdamped

    /// The integrator with these parameters; velocity Verlet has no use for damping, temperature and seed.
    ///
    /// - Parameters:
    ///   - timeStep: Δt, in units of τ.
    ///   - mass: m of a site variable.
    ///   - damping: γ, per unit of time.
    ///   - temperature: k_BT, in units of the hopping.
    ///   - seed: of the thermal noise.
    ///   - pool: threads for the updates; the result does not depend on their number.
    /// - Throws: ``DynamicsError/invalid(key:problem:)`` with the recipe's key.
    public func make(
        timeStep: Double, mass: Double, damping: Double, temperature: Double, seed: UInt64,
        pool: WorkerPool = WorkerPool(threads: 1)
    ) throws -> any Integrator {
        switch self {
        case .velocityVerlet:
            try VelocityVerlet(timeStep: timeStep, mass: mass, pool: pool)
        case .langevinVelocityVerlet:
            try LangevinVelocityVerlet(
                timeStep: timeStep, mass: mass, damping: damping, temperature: temperature, seed: seed, pool: pool)
        case .baoab:
            try BAOAB(timeStep: timeStep, mass: mass, damping: damping, temperature: temperature, seed: seed, pool: pool)
        case .overdamped:
            try OverdampedLangevin(
                timeStep: timeStep, mass: mass, damping: damping, temperature: temperature, seed: seed, pool: pool)
        }
    }
}
