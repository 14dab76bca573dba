import ArgumentParser

struct Analyze: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find energies, order, structure factors and domain lengths of the trajectory, as far as they are defined.",
        discussion: """
            Needs trajectory.h5; writes analysis.json.
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        try options.perform(.analyze)
    }
}
