import Dynamics
import Lattices
import Models

/// `[dynamics]`: the equation of motion m Q̈ = F − γ m Q̇ + noise, and the hot state a quench starts from.
public struct DynamicsSettings: Sendable, Equatable, RecipeTable {
    /// The integrator of the equation of motion.
    public var integrator = IntegratorKind.baoab
    /// Δt, in units of τ.
    public var timeStep = 0.05
    /// m, in units of energy·time² per displacement².
    public var mass = 5.0
    /// γ, per unit of time; above 0 for the overdamped integrator.
    public var damping = 0.2
    /// The variance of Q_i in the hot start, 5/(0.18 K) unless given.
    public var initialDisplacementVariance = 0.0
    /// The variance of Q̇_i in the hot start, 5/m unless given.
    public var initialVelocityVariance = 0.0

    /// Whether friction and noise of a heat bath act.
    package var hasBath: Bool { integrator != .velocityVerlet && damping > 0 }

    private static let hotStart = RecipeKeyEffects.data(.onward, simulate: .fixed(because: "the hot start has been made"))

    package static var keys: [RecipeKey<DynamicsSettings>] {
        [
            .choice("integrator", \.integrator)
                .deciding(.data(.onward, simulate: .fixed(because: "the saved state belongs to the former integrator"))),
            // The data have their own, generate.time_step.
            .number("time_step", \.timeStep, .positive).deciding(RecipeKeyEffects(simulate: .onward)),
            .number("mass", \.mass, .positive).deciding(.data(.onward, simulate: .onward)),
            .number("damping", \.damping, .nonNegative)
                .deciding(.data(.onward, simulate: .onward)) { $0.integrator != .velocityVerlet },
            .number("initial_displacement_variance", \.initialDisplacementVariance, .nonNegative).deciding(hotStart),
            .number("initial_velocity_variance", \.initialVelocityVariance, .nonNegative).deciding(hotStart),
        ]
    }

    /// κ/K of the published model, whose hot start has the variance 5/κ.
    private static let publishedRatio = 0.18

    /// The hot start puts as much elastic energy on a site as the published one, (K/2)⟨Q²⟩ = 13.9, whatever K and κ.
    ///
    /// - Throws: ``RecipeError``
    init(_ reader: TableReader, lattice: Lattice, model: AdiabaticModel) throws {
        try read(reader)
        if !reader.contains("initial_velocity_variance") { initialVelocityVariance = 5 / mass }
        if !reader.contains("initial_displacement_variance") {
            initialDisplacementVariance =
                5 / (Self.publishedRatio * (model.hamiltonian.harmonicPart(on: lattice)?.onsiteStiffness ?? 1))
        }
    }

    /// Δt of runs that need stability more than accuracy, such as those of the data: four times ``timeStep``; or twice or once,
    /// if otherwise Δt would exceed 0.3/ω with the frequency ω of the stiffest elastic mode, or 0.3 of its relaxation time.
    package func coarseTimeStep(_ lattice: Lattice, _ model: AdiabaticModel) -> Double {
        guard let stiffest = model.hamiltonian.harmonicPart(on: lattice)?.stiffnessBound else { return timeStep }
        let time = integrator == .overdamped ? mass * damping / stiffest : (mass / stiffest).squareRoot()
        return [4, 2].map { $0 * timeStep }.first { $0 <= 0.3 * time } ?? timeStep
    }
}
