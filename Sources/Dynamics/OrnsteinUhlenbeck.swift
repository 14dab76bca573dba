import Foundation
import LatticeNumerics

/// The exact update of a velocity under friction and noise alone over one time step,
///
///     v ← e^{−γΔt} v + √((1 − e^{−2γΔt}) k_BT/m) ξ
///
/// with ξ a normal number for every (seed, step, component).
struct OrnsteinUhlenbeck: Sendable {
    /// e^{−γΔt}
    let decay: Double
    /// √((1 − e^{−2γΔt}) k_BT/m)
    let amplitude: Double
    let noise: RandomStream

    /// - Throws: ``DynamicsError/invalid(key:problem:)``.
    init(timeStep: Double, mass: Double, damping: Double, temperature: Double, seed: UInt64) throws {
        try DynamicsError.requirePositive(timeStep, "time_step")
        try DynamicsError.requirePositive(mass, "mass")
        try DynamicsError.requireNonNegative(damping, "damping")
        try DynamicsError.requireNonNegative(temperature, "temperature")
        decay = exp(-damping * timeStep)
        amplitude = (-expm1(-2 * damping * timeStep) * temperature / mass).squareRoot()
        noise = RandomStream(seed: seed, purpose: .thermalNoise)
    }
}
