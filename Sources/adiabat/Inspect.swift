import ArgumentParser
import Experiments

struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Describe a file: its kind, arrays, recipe and digest.",
        discussion:
            "Knows datasets, trajectories, models, checkpoints, comparisons, audits, ensembles, tables, .npy arrays, figures and recipes."
    )

    @Argument(help: "The file.", completion: .file())
    var file: String

    @Flag(help: "Write the description to stdout as JSON.")
    var json = false

    func run() throws {
        try Failure.reporting {
            let inspection = try FileInspection(contentsOf: file)
            if json { try Terminal.printJSON(inspection) } else { try Terminal.printResult(inspection.text) }
        }
    }
}
