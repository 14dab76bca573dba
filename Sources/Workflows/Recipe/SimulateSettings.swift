import Training

/// `[simulate]`: the long run on a large lattice.
public struct SimulateSettings: Sendable, Equatable, RecipeTable {
    /// Where the electronic part of the force comes from.
    public enum ForceFieldName: Sendable, Equatable, RawRepresentable, CaseIterable {
        /// The network that the run has trained.
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

        /// The name in `simulate.force_field`: `model`, or that of the solver.
        public var rawValue: String {
            switch self {
            case .model: "model"
            case .solver(let solver): solver.rawValue
            }
        }
    }

    /// Cells along each primitive vector, [Lx, Ly]; `lattice.size` unless given.
    public var size: [Int]
    /// Where the electronic part of the force comes from; the elastic part is always that of the recipe.
    public var forceField = ForceFieldName.model
    /// The arithmetic of the learned force; positions and velocities are always Float64.
    public var precision = TrainingOptions.Precision.float32
    /// Time steps of `dynamics.time_step`.
    public var steps = 5000
    /// Steps between the lines of observables.
    public var observableInterval = 10
    /// Steps between the configurations that are written.
    public var frameInterval = 500
    /// Steps between checkpoints.
    public var checkpointInterval = 500
    /// The run stops as failed when some |Q_i| exceeds this.
    public var maximumDisplacement = 1000.0

    static var keys: [RecipeKey<SimulateSettings>] {
        [
            .size("size", \.size),
            .choice("force_field", \.forceField),
            .choice("precision", \.precision),
            .integer("steps", \.steps, 1...1_000_000_000),
            .integer("observable_interval", \.observableInterval, 1...1_000_000_000),
            .integer("frame_interval", \.frameInterval, 1...1_000_000_000),
            .integer("checkpoint_interval", \.checkpointInterval, 1...1_000_000_000),
            .number("maximum_displacement", \.maximumDisplacement, .positive),
        ]
    }

    init(_ reader: TableReader, lattice: LatticeSettings) throws {
        size = lattice.size
        try read(reader)
    }
}
