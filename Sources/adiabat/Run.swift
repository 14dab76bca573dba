import ArgumentParser

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Do all stages of a recipe, from the data to the report.",
        discussion: """
            What is complete is not repeated: the same command goes on after an interruption.
            """)

    @OptionGroup var options: RunOptions

    func run() throws {
        try options.perform(StageName.allCases)
    }
}
