import ArgumentParser

struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the long simulation with the learned force or a solver.",
        discussion: """
            Needs model.safetensors, or simulate.force_field set to a solver; writes trajectory.h5.
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        try options.perform(.simulate)
    }
}
