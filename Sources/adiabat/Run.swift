import ArgumentParser

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Do all stages of a recipe, from the data to the report.",
        discussion: """
            What is complete is not repeated: the same command goes on after an interruption. A recipe with the table [learn] \
            learns actively in place of training once, and one with [coarsening] runs an ensemble of quenches in place of one. What a \
            later stage would refuse is refused before the first begins: `adiabat check` tells for every stage.
            """)

    @OptionGroup var options: RunOptions

    func run() throws {
        try options.perform(nil)
    }
}
