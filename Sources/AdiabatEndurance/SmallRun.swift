import Foundation

/// A recipe whose stages take a second or two, and the commands that run them.
struct SmallRun {
    /// The stages in their order; what they write does not depend on how often they were stopped.
    static let stages = ["generate", "train", "simulate", "analyze"]

    /// Cells of the simulation: large enough for its arrays to be cut into several pieces.
    static let size = [48, 192]

    /// A recipe on `size` cells, with the lines of its tables that campaigns differ by.
    static func recipe(size: [Int], generate: String, training: String = "", simulate: String) -> String {
        """
        title = "Endurance"
        seed = 7
        [lattice]
        file = "square"
        size = \(size)
        [model]
        coupling = 3.5
        temperature = 0.1
        [dynamics]
        time_step = 0.1
        [generate]
        random_configurations = 8
        trajectories = 4
        \(generate)
        [network]
        name = "equivariant-fully-connected"
        radius_squared = 2
        widths = [4]
        [training]
        epochs = 150
        batch_size = 100
        warmup_steps = 2
        \(training)
        [simulate]
        \(simulate)

        """
    }

    /// With exact labels, a learned force and audits.
    private static let usual = recipe(
        size: [8, 8],
        generate: """
            solver = "exact-diagonalization"
            steps = 400
            time_step = 0.1
            snapshot_interval = 50
            """,
        training: "checkpoint_interval = 2",
        simulate: """
            size = \(size)
            steps = 400
            observable_interval = 5
            frame_interval = 40
            checkpoint_interval = 10
            audit_interval = 150
            audit_sites = 2
            """)

    let program: String
    /// The folder of the recipe, with the lattices beside it.
    let home: String

    /// Writes the recipe and its lattice into `folder`.
    init(program: String, in folder: String, recipe: String = usual) throws {
        self.program = program
        home = folder
        try recipe.write(toFile: recipePath, atomically: true, encoding: .utf8)
        try Self.lattice.write(toFile: folder + "/square.toml", atomically: true, encoding: .utf8)
    }

    /// As `lattices/square.toml`, so that the tool needs no other file.
    static let lattice = """
        name = "square"
        primitive_vectors = [[1.0, 0.0], [0.0, 1.0]]
        basis = [[0.0, 0.0]]
        [[bonds]]
        from = 0
        to = 0
        cell = [1, 0]
        [[bonds]]
        from = 0
        to = 0
        cell = [0, 1]

        """

    var recipePath: String { home + "/recipe-of-the-user.toml" }

    func command(_ stage: String, output: String) -> [String] {
        [program, stage, recipePath, "--output", output, "--threads", "1"]
    }

    /// Runs the stages to their end, undisturbed.
    ///
    /// - Returns: the seconds that each took.
    /// - Throws: ``EnduranceError`` if one fails.
    @discardableResult
    func finish(_ output: String, stages: [String] = stages) throws -> [String: Double] {
        var seconds: [String: Double] = [:]
        for stage in stages {
            let run = try ProgramRun(command(stage, output: output), limit: 600)
            guard run.ending == .exit(0) else {
                throw EnduranceError(description: "`adiabat \(stage)` fails undisturbed, with \(run.summary)")
            }
            seconds[stage] = run.seconds
        }
        return seconds
    }
}
