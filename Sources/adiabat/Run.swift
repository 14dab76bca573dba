import ArgumentParser
import Pipeline
import Recipes
import Runs

struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Do all stages of a recipe, from the data to the report.",
        discussion: """
            A complete stage is not repeated: the same command goes on after an interruption. A file of another recipe, or one \
            whose inputs have changed, is refused; --redo makes it again. A recipe with the table [learn] \
            learns actively in place of training once, and one with [coarsening] runs an ensemble of quenches in place of one. If \
            a later stage cannot run, the command ends before the first stage begins; `adiabat check` says which stages can run.
            """)

    @OptionGroup var options: RunOptions

    @Option(
        help: ArgumentHelp(
            "Do a stage and all later stages again.",
            discussion: """
                Removes the files of the stage, finished or not, and all files that were made from them, and runs the stages that \
                are then not complete. Inputs of another recipe are still refused; the error names the stage that has to be done \
                again first. --dry-run lists the files that would be removed. If the command was stopped, the same command goes on.
                """, valueName: "stage"))
    var redo: StageName?

    func run() throws {
        try options.perform(nil, redo: redo)
    }
}
