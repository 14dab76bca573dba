/// `[generate]`: exact data of hot random configurations and of quenches, `trajectories` independent ones.
public struct GenerateSettings: Sendable, Equatable, RecipeTable {
    /// The solver of the electrons that makes the data, and the exact twins unless they have their own.
    public var solver = SolverName.exactDiagonalization
    /// Hot random configurations, drawn as the start of a quench is.
    public var randomConfigurations = 80
    /// Independent quenches.
    public var trajectories = 8
    /// Time steps of each.
    public var steps = 1000
    /// Δt of the quenches, `dynamics.time_step` unless given.
    public var timeStep: Double
    /// Steps between the snapshots that enter the data.
    public var snapshotInterval = 50
    /// Whole trajectories held out for validation; the same fraction of the random configurations goes with them.
    public var validationTrajectories = 1
    /// Whole trajectories held out for the comparison; the same fraction of the random configurations goes with them.
    public var testTrajectories = 1

    static var keys: [RecipeKey<GenerateSettings>] {
        [
            .choice("solver", \.solver),
            .integer("random_configurations", \.randomConfigurations, 0...1_000_000),
            .integer("trajectories", \.trajectories, 3...100_000),
            .integer("steps", \.steps, 1...1_000_000_000),
            .number("time_step", \.timeStep, .positive),
            .integer("snapshot_interval", \.snapshotInterval, 1...1_000_000_000),
            .integer("validation_trajectories", \.validationTrajectories, 1...100_000),
            .integer("test_trajectories", \.testTrajectories, 1...100_000),
        ]
    }

    init(_ reader: TableReader, dynamics: DynamicsSettings) throws {
        timeStep = dynamics.timeStep
        try read(reader)
    }
}
