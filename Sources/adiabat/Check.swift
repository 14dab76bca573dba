import ArgumentParser
import Foundation
import Workflows

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validate a recipe, print it with all defaults, and estimate what it costs.",
        discussion: """
            The output is itself a recipe, with the costs as comments at its end. They come from timing this machine for a \
            moment and hold within a factor of two where it has nothing else to do.
            """)

    private struct Answer: Encodable {
        let recipe: String
        let fingerprint: String
        let resolved: String
        let stages: [CostEstimate.Stage]
        let seconds: Double
        let bytes: Double
    }

    @OptionGroup var options: RunOptions

    func run() throws {
        try Failure.reporting {
            let recipe = try options.readRecipe()
            let threads = options.compute.threadCount
            let cost = try CostEstimate(recipe, threads: threads)
            if options.compute.json {
                return try Terminal.printJSON(
                    Answer(
                        recipe: options.recipe, fingerprint: recipe.fingerprint(), resolved: recipe.resolvedTOML,
                        stages: cost.stages,
                        seconds: cost.seconds, bytes: cost.bytes))
            }
            print(recipe.resolvedTOML)
            print("# Expected with \(threads) threads, in \(options.directory.path):")
            for stage in cost.stages { print("#   \(stage.stage): \(stage.text)") }
            print("#   in all: about \(durationText(seconds: cost.seconds))")
        }
    }
}
