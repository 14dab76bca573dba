/// `[compare]`: learned against exact, on the test trajectories and in twin dynamics, and the non-conservative part of the
/// learned force.
public struct CompareSettings: Sendable, Equatable, RecipeTable {
    /// The solver of the electrons in the exact twins, `generate.solver` unless given.
    public var solver: SolverName
    /// Pairs of a learned and an exact run from the same start with the same noise. Unless given, one pair, and none on lattices
    /// with several sites per cell, which have no structure factors.
    public var twinTrajectories: Int
    /// Cells along each primitive vector, [Lx, Ly]; `lattice.size` unless given.
    public var twinSize: [Int]
    /// Time steps of a twin.
    public var twinSteps = 200
    /// Δt of the twins, `generate.time_step` unless given.
    public var twinTimeStep: Double
    /// Steps between the samples that are compared; a fortieth of the steps unless given.
    public var twinSampleInterval = 0
    /// Stages of the quench, equal in time, for which the force errors are told apart.
    public var stages = 4
    /// Closed loops through configuration space around which the learned force's work is measured.
    public var loops = 8
    /// Time steps without a heat bath under the learned force, for the drift of the energy.
    public var energySteps = 1000
    /// Time steps without a heat bath under the force of `generate.solver`.
    public var exactEnergySteps = 100
    /// Time steps at k_BT under the learned force, for its kinetic temperature.
    public var thermalSteps = 2000
    /// Energies, and forces, of `generate.solver` that are computed along the runs with the learned force.
    public var exactSamples = 20

    /// The comparison saves nothing unfinished.
    package static var keys: [RecipeKey<CompareSettings>] {
        [
            .choice("solver", \.solver).deciding(.conduct),
            .integer("twin_trajectories", \.twinTrajectories, 0...10_000).deciding(.conduct),
            .size("twin_size", \.twinSize).deciding(.conduct),
            .integer("twin_steps", \.twinSteps, 1...1_000_000_000).deciding(.conduct),
            .number("twin_time_step", \.twinTimeStep, .positive).deciding(.conduct),
            .integer("twin_sample_interval", \.twinSampleInterval, 1...1_000_000_000).deciding(.conduct),
            .integer("stages", \.stages, 1...100).deciding(.conduct),
            .integer("loops", \.loops, 0...10_000).deciding(.conduct),
            .integer("energy_steps", \.energySteps, 0...1_000_000_000).deciding(.conduct),
            .integer("exact_energy_steps", \.exactEnergySteps, 0...1_000_000_000).deciding(.conduct),
            .integer("thermal_steps", \.thermalSteps, 0...1_000_000_000).deciding(.conduct),
            .integer("exact_samples", \.exactSamples, 1...1_000_000).deciding(.conduct),
        ]
    }

    init(_ reader: TableReader, lattice: LatticeSettings, generate: GenerateSettings) throws {
        solver = generate.solver
        twinTrajectories = lattice.geometry.basis.count == 1 ? 1 : 0
        twinSize = lattice.size
        twinTimeStep = generate.timeStep
        try read(reader)
        if !reader.contains("twin_sample_interval") { twinSampleInterval = max(1, twinSteps / 40) }
    }
}
