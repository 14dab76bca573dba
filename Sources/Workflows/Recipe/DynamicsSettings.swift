import Dynamics
import ElectronicStructure

/// `[dynamics]`: the equation of motion m Q̈ = F − γ m Q̇ + noise, and the hot state a quench starts from.
public struct DynamicsSettings: Sendable, Equatable, RecipeTable {
    /// The integrator of the equation of motion.
    public var integrator = IntegratorKind.baoab
    /// Δt, in units of ħ/t.
    public var timeStep = 0.05
    /// m, in units of energy·time² per displacement².
    public var mass = 5.0
    /// γ, per unit of time; above 0 for the overdamped integrator.
    public var damping = 0.2
    /// The variance of Q_i in the hot start, 5/κ unless given.
    public var initialDisplacementVariance = 0.0
    /// The variance of Q̇_i in the hot start, 5/m unless given.
    public var initialVelocityVariance = 0.0

    private static let hotStart = RecipeKeyEffects.data(.onward, simulate: .fixed(because: "the hot start has been made"))

    static var keys: [RecipeKey<DynamicsSettings>] {
        [
            .choice("integrator", \.integrator)
                .deciding(.data(.onward, simulate: .fixed(because: "the state that is there is that of the former integrator"))),
            // The data have their own, generate.time_step.
            .number("time_step", \.timeStep, .positive).deciding(RecipeKeyEffects(simulate: .onward)),
            .number("mass", \.mass, .positive).deciding(.data(.onward, simulate: .onward)),
            .number("damping", \.damping, .nonNegative)
                .deciding(.data(.onward, simulate: .onward)) { $0.integrator != .velocityVerlet },
            .number("initial_displacement_variance", \.initialDisplacementVariance, .nonNegative).deciding(hotStart),
            .number("initial_velocity_variance", \.initialVelocityVariance, .nonNegative).deciding(hotStart),
        ]
    }

    /// - Throws: ``RecipeError``, also if `initial_displacement_variance` is missing and the model gives no default.
    init(_ reader: TableReader, model: HolsteinModel) throws {
        try read(reader)
        if !reader.contains("initial_velocity_variance") { initialVelocityVariance = 5 / mass }
        guard !reader.contains("initial_displacement_variance") else { return }
        guard model.neighborStiffness > 0 else {
            throw reader.error(
                "initial_displacement_variance",
                "must be given, because its default 5/κ needs model.neighbor_stiffness > 0, which is \(model.neighborStiffness)")
        }
        initialDisplacementVariance = 5 / model.neighborStiffness
    }
}
