import ArgumentParser
import Workflows

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Do all stages of a recipe, from the data to the report.",
        discussion: """
            What is complete is not repeated: the same command goes on after an interruption. What another recipe has made, or what \
            was made from other files than those that are there, is refused; --redo does it again. A recipe with the table [learn] \
            learns actively in place of training once, and one with [coarsening] runs an ensemble of quenches in place of one. What a \
            later stage would refuse is refused before the first begins: `adiabat check` tells for every stage.
            """)

    @OptionGroup var options: RunOptions

    @Option(
        help: ArgumentHelp(
            "Do a stage and all that follows it again.",
            discussion: """
                Removes what the stage has made, finished or not, and all that was made from it, and runs what is then not complete. \
                Inputs of another recipe are refused all the same, with the stage that is to be done again first. --dry-run says \
                what would be removed. The same command goes on if it was stopped.
                """, valueName: "stage"))
    var redo: StageName?

    func run() throws {
        try options.perform(nil, redo: redo)
    }
}
