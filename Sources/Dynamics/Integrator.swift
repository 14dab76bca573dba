import ForceFields

/// A rule that carries a state over one time step, given the forces and nothing else.
///
/// The equation of motion of the thermostatted integrators is
///
///     m Q̈ = F(Q) − γ m Q̇ + η,      ⟨η(t) η(t′)⟩ = 2 γ m k_BT δ(t − t′)
///
/// independently for every component of every site. Time is in units of τ, energies in units of the hopping t.
/// Noise is drawn from the stream `.thermalNoise` at (seed, ``PhaseSpaceState/step``, component index), so a trajectory depends
/// neither on the number of threads nor on interruptions.
public protocol Integrator: Sendable {
    /// Δt.
    var timeStep: Double { get }

    /// Advances displacement, velocity, force, potential and step by one time step.
    ///
    /// - Throws: what the force field throws; the state is then between two steps and of no further use.
    func step(_ state: inout PhaseSpaceState, forceField: any ForceField) throws
}

extension Integrator {
    /// t = step · Δt.
    public func time(of state: PhaseSpaceState) -> Double { Double(state.step) * timeStep }
}
