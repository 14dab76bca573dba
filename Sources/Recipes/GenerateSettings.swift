import Models

/// `[generate]`: exact data of hot random configurations and of quenches, `trajectories` independent ones.
public struct GenerateSettings: Sendable, Equatable, RecipeTable {
    /// When the snapshots of a quench are taken.
    public enum SnapshotSpacing: String, Sendable, CaseIterable {
        /// At equal intervals.
        case even
        /// As many, the k-th of n after the fraction (k/n)² of the quench: configurations change most at its beginning.
        case early
    }

    /// The solver of the electrons that makes the data, and the exact twins unless they have their own; selected inversion unless
    /// given, and at k_BT = 0 exact diagonalization.
    public var solver: SolverName
    /// Hot random configurations, drawn as the start of a quench is.
    public var randomConfigurations = 30
    /// Independent quenches.
    public var trajectories = 12
    /// Time steps of each.
    public var steps = 200
    /// Δt of the quenches, four times `dynamics.time_step` unless given, or less if that were too much.
    public var timeStep: Double
    /// Steps between the snapshots that enter the data; with another spacing, on average. A 25th of the steps unless given.
    public var snapshotInterval = 0
    /// When the snapshots of a quench are taken.
    public var snapshotSpacing = SnapshotSpacing.even
    /// Whole trajectories held out for validation, a twelfth unless given; the same fraction of the random configurations goes with
    /// them.
    public var validationTrajectories = 0
    /// Whole trajectories held out for the comparison, an eighth unless given; the same fraction of the random configurations goes
    /// with them.
    public var testTrajectories = 0
    /// The parameters of the model of which there may be lists.
    package let listedParameters: [Parameter]
    /// The values of such parameters, by key, that the trajectories share evenly; never empty.
    private var lists: [String: [Double]] = [:]

    /// The values of a parameter of the electrons, by its key; empty: that of the model alone.
    public func values(of key: String) -> [Double] { lists[key] ?? [] }

    /// k_BT of the trajectories, which share the values evenly; empty: that of the model.
    var temperatures: [Double] { values(of: "temperature") }
    /// μ of the trajectories, which share the values evenly; empty: that of the model.
    package var chemicalPotentials: [Double] { values(of: "chemical_potential") }

    /// The steps after which snapshots of a quench are taken, in ascending order.
    package var snapshotSteps: [Int] {
        let count = steps / snapshotInterval
        return (1...count).map { k in
            switch snapshotSpacing {
            case .even: return k * snapshotInterval
            case .early:
                let fraction = Double(k) / Double(count)
                return max(k, Int((Double(steps) * fraction * fraction).rounded()))
            }
        }
    }

    package static var keys: [RecipeKey<GenerateSettings>] {
        [
            .choice("solver", \.solver).deciding(.data(.onward)),
            .integer("random_configurations", \.randomConfigurations, 0...1_000_000)
                .deciding(.data(.fixed(because: "existing quenches are numbered after them"))),
            .integer("trajectories", \.trajectories, 3...100_000).deciding(.data(.onward)),
            .integer("steps", \.steps, 1...1_000_000_000).deciding(.data(.onward)),
            .number("time_step", \.timeStep, .positive).deciding(.data(.onward)),
            .integer("snapshot_interval", \.snapshotInterval, 1...1_000_000_000).deciding(.data(.onward)),
            .choice("snapshot_spacing", \.snapshotSpacing).deciding(.data(.onward)),
            .integer("validation_trajectories", \.validationTrajectories, 1...100_000).deciding(.data(.onward)),
            .integer("test_trajectories", \.testTrajectories, 1...100_000).deciding(.data(.onward)),
        ]
    }

    /// The keys of the lists.
    static func listKeys(of parameters: [Parameter]) -> [RecipeKey<GenerateSettings>] {
        parameters.compactMap { parameter in
            parameter.listKey.map { name in
                UndecidedKey(
                    name: name,
                    read: { reader, table in
                        let values = try reader.numbers(name, allowed: NumberLimits(parameter.allowed)) ?? []
                        table.lists[parameter.key] = values.isEmpty ? nil : values
                    }, text: { TOMLText.text($0.values(of: parameter.key)) }
                ).deciding(.data(.onward))
            }
        }
    }

    package var allKeys: [RecipeKey<GenerateSettings>] { Self.keys + Self.listKeys(of: listedParameters) }

    init(_ reader: TableReader, lattice: LatticeSettings, model: AdiabaticModel, dynamics: DynamicsSettings) throws {
        timeStep = dynamics.coarseTimeStep(lattice.geometry, model)
        solver = .selectedInversion
        listedParameters = model.listedParameters
        // A force at fixed filling takes about ten solutions, exact or learned; half of the data will do.
        if model.reservoir.isFillingFixed { (randomConfigurations, trajectories) = (15, 6) }
        try read(reader)
        if !reader.contains("solver") { solver = .usual(for: [model.temperature] + temperatures) }
        if !reader.contains("snapshot_interval") { snapshotInterval = max(1, steps / 25) }
        if !reader.contains("validation_trajectories") { validationTrajectories = max(1, trajectories / 12) }
        if !reader.contains("test_trajectories") { testTrajectories = max(1, trajectories / 8) }
    }
}
