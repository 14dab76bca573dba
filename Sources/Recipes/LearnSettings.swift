import Models

/// `[learn]`: active learning, in place of training once.
public struct LearnSettings: Sendable, Equatable, RecipeTable {
    /// What tells where the learned force is not to be trusted.
    public enum Disagreement: Sendable, Equatable, RawRepresentable, CaseIterable {
        /// The error that `training.uncertainty` tells to expect.
        case uncertainty
        /// The difference from a solver that is cheaper than exact labels.
        case solver(SolverName)

        /// `uncertainty`, then every solver.
        public static var allCases: [Disagreement] { [.uncertainty] + SolverName.allCases.map(Disagreement.solver) }

        /// The source of this name; nil if there is none. `committee` is the name that `uncertainty` had when there was no other.
        public init?(rawValue: String) {
            let name = rawValue == "committee" ? "uncertainty" : rawValue
            guard let found = Self.allCases.first(where: { $0.rawValue == name }) else { return nil }
            self = found
        }

        /// `uncertainty`, or the name of the solver.
        public var rawValue: String {
            switch self {
            case .uncertainty: "uncertainty"
            case .solver(let solver): solver.rawValue
            }
        }
    }

    /// Cells along each primitive vector of the lattices that the learned dynamics is run on; twice `lattice.size` unless given.
    public var size: [Int]
    /// Hot starts of a round.
    public var trajectories = 2
    /// Time steps of each.
    public var steps = 200
    /// Δt, `generate.time_step` unless given.
    public var timeStep: Double
    /// Steps between the configurations that are looked at.
    public var interval = 10
    /// The most rounds.
    public var rounds = 4
    /// Configurations with the largest disagreement that are solved in a round.
    public var configurations = 6
    /// Configurations spread evenly over a round that are solved as its audit.
    public var audits = 4
    /// The root mean square error of the electronic force in an audit that is small enough, in units of the hopping.
    public var accuracy = 1e-2
    /// What tells where the learned force is not to be trusted.
    public var disagreement = Disagreement.uncertainty
    /// The solver of the exact labels; selected inversion unless given, and at k_BT = 0 exact diagonalization.
    public var solver: SolverName

    package static var keys: [RecipeKey<LearnSettings>] {
        [
            .size("size", \.size).deciding(.sites { RecipeKeyEffects(learn: $0) }),
            .integer("trajectories", \.trajectories, 1...10_000)
                .deciding(
                    RecipeKeyEffects(
                        learn: .fixed(because: "the hot starts of further rounds are numbered after the existing ones"))),
            .integer("steps", \.steps, 1...1_000_000_000).deciding(RecipeKeyEffects(learn: .onward)),
            .number("time_step", \.timeStep, .positive).deciding(RecipeKeyEffects(learn: .onward)),
            .integer("interval", \.interval, 1...1_000_000_000).deciding(RecipeKeyEffects(learn: .onward)),
            .integer("rounds", \.rounds, 1...1000).deciding(RecipeKeyEffects(learn: .extent)),
            .integer("configurations", \.configurations, 1...100_000).deciding(RecipeKeyEffects(learn: .onward)),
            .integer("audits", \.audits, 1...100_000).deciding(RecipeKeyEffects(learn: .onward)),
            .number("accuracy", \.accuracy, .positive).deciding(RecipeKeyEffects(learn: .extent)),
            .choice("disagreement", \.disagreement).deciding(RecipeKeyEffects(learn: .onward)),
            .choice("solver", \.solver).deciding(RecipeKeyEffects(learn: .onward)),
        ]
    }

    init(_ reader: TableReader, lattice: LatticeSettings, model: AdiabaticModel, generate: GenerateSettings) throws {
        size = lattice.size.map { 2 * $0 }
        solver = .usual(for: [model.temperature] + generate.temperatures)
        timeStep = generate.timeStep
        try read(reader)
    }

    /// Configurations that are looked at in a round whose dynamics goes to its end, the hot starts among them.
    package var frames: Int { trajectories * (steps / interval + 1) }
}
