import ForceFields
import Training

/// `[simulate]`: the long run on a large lattice.
public struct SimulateSettings: Sendable, Equatable, RecipeTable {
    /// Where the electronic part of the force comes from.
    public enum ForceFieldName: Sendable, Equatable, RawRepresentable, CaseIterable {
        /// The learned force of the run.
        case model
        /// A solver of the electrons.
        case solver(SolverName)

        /// `model`, then every solver.
        public static var allCases: [ForceFieldName] { [.model] + SolverName.allCases.map(ForceFieldName.solver) }

        /// The force field of this name; nil if there is none.
        public init?(rawValue: String) {
            guard let found = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
            self = found
        }

        /// Whether the cost grows as the number of sites on a lattice of any dimension.
        var isLinear: Bool {
            switch self {
            case .model: true
            case .solver(let solver): solver.options.costExponent(dimension: 2) <= 1
            }
        }

        /// The name in `simulate.force_field`: `model`, or that of the solver.
        public var rawValue: String {
            switch self {
            case .model: "model"
            case .solver(let solver): solver.rawValue
            }
        }
    }

    /// What is done about a force that an audit finds wrong.
    public enum AuditAction: String, Sendable, CaseIterable {
        /// The run fails; what it has written is kept.
        case stop
        /// It goes on, with a warning.
        case warn
    }

    /// Cells along each primitive vector, [Lx, Ly]; unless given four times `lattice.size`, or `lattice.size` for the force of a solver
    /// whose cost grows faster than the number of sites.
    public var size: [Int]
    /// Which of the independent quenches of the seed it is: another number gives another hot start and other noise.
    public var quench = 0
    /// Where the electronic part of the force comes from; the elastic part is always that of the recipe. Unless given it is
    /// the trained network, and with open ends, for which there is none, the solver of `[generate]`.
    public var forceField = ForceFieldName.model
    /// The arithmetic of the learned force; positions and velocities are always Float64.
    public var precision = TrainingOptions.Precision.float32
    /// How the blocks of the learned force are laid in each step of dynamics, if `network.core` is more than 1. Outside of dynamics
    /// sampled blocks are averaged over.
    public var tiling = BlockTiling.sampled
    /// Time steps of `dynamics.time_step`.
    public var steps = 1200
    /// Steps between the lines of observables; 10 unless given, or all of fewer.
    public var observableInterval = 0
    /// Steps between the configurations that are written; 200 unless given, or all of fewer.
    public var frameInterval = 0
    /// What is written of each configuration, the displacement at least.
    public var frameFields = [TrajectoryField.displacement, .velocity, .density]
    /// Steps between checkpoints.
    public var checkpointInterval = 500
    /// Minutes of wall time between checkpoints, which come in addition; 0: none.
    public var checkpointMinutes = Self.usualCheckpointMinutes
    /// The run stops as failed when some |Q_i| exceeds this.
    public var maximumDisplacement = 1000.0
    /// Steps between two audits of the electronic force; 0: never.
    public var auditInterval = 0
    /// The solver it is compared with.
    public var auditSolver = SolverName.auditor
    /// Sites that are compared; 0: all if the solver can afford it, else 256.
    public var auditSites = 0
    /// The largest change of a sampled force with the radius of its patch, in units of the hopping per displacement.
    public var auditAccuracy = Self.usualAuditAccuracy
    /// The accuracy of an audit that does not say it.
    package static let usualAuditAccuracy = 1e-4
    /// Wall time that is lost at most where a recipe does not say.
    package static let usualCheckpointMinutes = 15.0
    /// The largest root mean square error of the electronic force, in units of the hopping per displacement; 0: any.
    public var auditThreshold = 0.0
    /// What is done beyond it.
    public var auditAction = AuditAction.stop

    /// A key of the learned force, which drives the dynamics of `learn` too.
    private static func learnedForce(_ settings: Self) -> RecipeKeyEffects {
        RecipeKeyEffects(learn: .onward, simulate: settings.forceField == .model ? .onward : .nothing)
    }

    package static var keys: [RecipeKey<SimulateSettings>] {
        [
            .size("size", \.size).deciding(.sites { RecipeKeyEffects(simulate: $0) }),
            .integer("quench", \.quench, 0...1_000_000)
                .deciding(RecipeKeyEffects(simulate: .fixed(because: "the existing trajectory is the former quench"))),
            .choice("force_field", \.forceField)
                .deciding(RecipeKeyEffects(simulate: .fixed(because: "a trajectory has one force field"))),
            .choice("precision", \.precision).deciding(learnedForce), .choice("tiling", \.tiling).deciding(learnedForce),
            .integer("steps", \.steps, 1...1_000_000_000).deciding(RecipeKeyEffects(simulate: .extent)),
            .integer("observable_interval", \.observableInterval, 1...1_000_000_000)
                .deciding(RecipeKeyEffects(simulate: .onward)),
            .integer("frame_interval", \.frameInterval, 1...1_000_000_000).deciding(RecipeKeyEffects(simulate: .onward)),
            .choices("frame_fields", \.frameFields)
                .deciding(RecipeKeyEffects(simulate: .fixed(because: "existing frames hold the former fields"))),
            .integer("checkpoint_interval", \.checkpointInterval, 1...1_000_000_000).deciding(.conduct),
            .number("checkpoint_minutes", \.checkpointMinutes, .from(0...1_000_000)).deciding(.conduct),
            .number("maximum_displacement", \.maximumDisplacement, .positive).deciding(.conduct),
            .integer("audit_interval", \.auditInterval, 0...1_000_000_000).deciding(.conduct),
            .choice("audit_solver", \.auditSolver).deciding(.conduct),
            .integer("audit_sites", \.auditSites, 0...1_000_000_000).deciding(.conduct),
            .number("audit_accuracy", \.auditAccuracy, .positive).deciding(.conduct),
            .number("audit_threshold", \.auditThreshold, .nonNegative).deciding(.conduct),
            .choice("audit_action", \.auditAction).deciding(.conduct),
        ]
    }

    init(_ reader: TableReader, lattice: LatticeSettings, generate: GenerateSettings) throws {
        size = lattice.size
        if !lattice.isPeriodic { forceField = .solver(generate.solver) }
        try read(reader)
        if !reader.contains("size"), forceField.isLinear { size = lattice.size.map { min(4 * $0, 1 << 20) } }
        if !reader.contains("observable_interval") { observableInterval = min(10, steps) }
        if !reader.contains("frame_interval") { frameInterval = min(200, steps) }
    }
}
