import ForceFields
import LatticeNumerics
import Lattices

/// The start of a thermal quench: every site variable and its velocity drawn independently,
///
///     Q ~ N(0, σ_Q²),      Q̇ ~ N(0, σ_v²)
///
/// from the streams `.initialDisplacement` and `.initialVelocity` at step 0, one number a component. The quench itself is an
/// integrator at the low temperature.
///
/// Published values: σ_Q² = 5/κ and σ_v² = 5/m (Fan & Chern, arXiv:2601.04104).
public struct HotStart: Sendable, Equatable {
    /// σ_Q².
    public let displacementVariance: Double
    /// σ_v².
    public let velocityVariance: Double
    /// Of both fields; different seeds give independent starts.
    public let seed: UInt64

    /// - Throws: ``DynamicsError/invalid(key:problem:)`` unless both variances are finite and not negative.
    public init(displacementVariance: Double, velocityVariance: Double, seed: UInt64) throws {
        try DynamicsError.requireNonNegative(displacementVariance, "displacement_variance")
        try DynamicsError.requireNonNegative(velocityVariance, "velocity_variance")
        self.displacementVariance = displacementVariance
        self.velocityVariance = velocityVariance
        self.seed = seed
    }

    /// The displacement alone: a random configuration.
    public func displacement(on supercell: Supercell, kind: SiteVariable.Kind = .scalar) -> SiteField {
        displacement(on: Domain(supercell), kind: kind)
    }

    /// The displacement in a domain; its halo is zero.
    public func displacement(on domain: Domain, kind: SiteVariable.Kind = .scalar) -> SiteField {
        field(on: domain, kind: kind, variance: displacementVariance, purpose: .initialDisplacement)
    }

    /// The velocity alone.
    public func velocity(on supercell: Supercell, kind: SiteVariable.Kind = .scalar) -> SiteField {
        velocity(on: Domain(supercell), kind: kind)
    }

    /// The velocity in a domain; its halo is zero.
    public func velocity(on domain: Domain, kind: SiteVariable.Kind = .scalar) -> SiteField {
        field(on: domain, kind: kind, variance: velocityVariance, purpose: .initialVelocity)
    }

    /// The state at step 0, with its force; a force field that draws at each step draws by the same seed.
    ///
    /// - Throws: what the force field throws.
    public func state(
        on supercell: Supercell, kind: SiteVariable.Kind = .scalar, forceField: any ForceField, tracksPotential: Bool = false
    ) throws -> PhaseSpaceState {
        try state(on: Domain(supercell), kind: kind, forceField: forceField, tracksPotential: tracksPotential)
    }

    /// The part of the state at step 0 that a domain has, with its force.
    ///
    /// - Throws: what the force field throws.
    public func state(
        on domain: Domain, kind: SiteVariable.Kind = .scalar, forceField: any ForceField, tracksPotential: Bool = false
    ) throws -> PhaseSpaceState {
        try PhaseSpaceState(
            displacement: displacement(on: domain, kind: kind),
            velocity: velocity(on: domain, kind: kind), forceField: forceField, domain: domain, seed: seed,
            tracksPotential: tracksPotential)
    }

    private func field(
        on domain: Domain, kind: SiteVariable.Kind, variance: Double, purpose: RandomPurpose
    ) -> SiteField {
        var field = SiteField(domain.local, kind: kind)
        let (deviation, stream) = (variance.squareRoot(), RandomStream(seed: seed, purpose: purpose))
        field.values.withUnsafeMutableBufferPointer { values in
            for piece in Piece.all(of: domain, components: kind.count(in: domain.whole.lattice)) {
                PhaseSpacePointers.drawNormal(values.baseAddress!, piece, amplitude: deviation, noise: stream, step: 0)
            }
        }
        return field
    }
}
