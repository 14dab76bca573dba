import ArgumentParser
import Foundation
import LatticeNumerics
import Workflows

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validate a recipe, print it with all defaults, and estimate what it costs.",
        discussion: """
            The output is itself a recipe, with the costs as comments at its end. Options of a solver that `accuracy` leaves \
            open are found and printed, with the error they have. The costs come from timing this machine for a \
            moment and hold within a factor of two where it has nothing else to do.
            """)

    private struct Answer: Encodable {
        let recipe: String
        let fingerprint: String
        let resolved: String
        let choices: [AccuracyChoice]
        let stages: [CostEstimate.Stage]
        let seconds: Double
        let bytes: Double
    }

    @OptionGroup var options: RunOptions

    func run() throws {
        try Failure.reporting {
            try options.compute.reserveMemory()
            let threads = options.compute.threadCount
            let recipe = try options.readRecipe().resolvingAccuracy(pool: WorkerPool(threads: threads))
            let cost = try CostEstimate(recipe, threads: threads)
            if options.compute.json {
                return try Terminal.printJSON(
                    Answer(
                        recipe: options.recipe, fingerprint: recipe.fingerprint(), resolved: recipe.resolvedTOML,
                        choices: recipe.accuracyChoices, stages: cost.stages,
                        seconds: cost.seconds, bytes: cost.bytes))
            }
            let lines =
                [recipe.resolvedTOML] + recipe.accuracyChoices.map { "# \($0.text)" }
                + ["# Expected with \(threads) threads, in \(options.directory.path):"]
                + cost.stages.map { "#   \($0.stage): \($0.text)" }
                + ["#   in all: about \(durationText(seconds: cost.seconds))"]
            try Terminal.printResult(lines.joined(separator: "\n"))
        }
    }
}
