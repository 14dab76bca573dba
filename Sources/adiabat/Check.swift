import ArgumentParser
import Foundation
import LatticeNumerics
import Pipeline
import Recipes
import Reports
import Runs

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validate a recipe, print it with all defaults, and estimate the cost of each stage.",
        discussion: """
            The output is itself a recipe. Comments say what each parameter of the model is and, at the end, what each stage of \
            `adiabat run` costs, or why it cannot run with this recipe or on this machine. If a stage cannot run, `adiabat run` \
            refuses the recipe, and `adiabat check` has the same exit code: 65, or 70 if only a program or memory is missing. The other stages can be run \
            by themselves. Options of a solver that `accuracy` leaves open are found and printed, with their error. \
            The costs come from short timings of a force, a step of training, files of the run and a figure, made \
            beside the folder of the run. They are meant to hold within a factor of two on a machine that has nothing else to do.
            """)

    private struct Answer: Encodable {
        struct Obstacle: Encodable {
            let stage: StageName
            let reason: String
        }

        let recipe: String
        let fingerprint: String
        let resolved: String
        let choices: [AccuracyChoice]
        let stages: [CostEstimate.Stage]
        /// Stages that cannot run.
        let obstacles: [Obstacle]
        let seconds: Double
        let bytes: Double
    }

    @OptionGroup var options: RunOptions

    func run() throws {
        try Failure.reporting {
            try options.compute.reserveMemory()
            let threads = options.compute.threadCount
            var recipe = try options.readRecipe()
            let stages = StageName.all(of: recipe)
            // An accuracy may belong to a stage that cannot run.
            do { recipe = try recipe.resolvingAccuracy(pool: WorkerPool(threads: threads)) } catch {
                throw recipe.obstacles(to: stages).first?.error ?? error
            }
            let obstacles = recipe.obstacles(to: stages)
            let cost = try CostEstimate(recipe, threads: threads, directory: options.directory)
            if options.compute.json {
                try Terminal.printJSON(
                    Answer(
                        recipe: options.recipe, fingerprint: recipe.fingerprint(), resolved: recipe.resolvedTOML,
                        choices: recipe.accuracyChoices, stages: cost.stages,
                        obstacles: obstacles.map { .init(stage: $0.stage, reason: "\($0.error)") },
                        seconds: cost.seconds, bytes: cost.bytes))
            } else {
                let lines = stages.map { stage in
                    let cost = cost.stages.first { $0.stage == stage.rawValue }?.text
                    let obstacle = obstacles.first { $0.stage == stage }.map { "cannot run: \($0.error)" }
                    return "#   \(stage.rawValue): \(obstacle ?? cost!)"
                }
                try Terminal.printResult(
                    ([recipe.annotatedTOML] + recipe.accuracyChoices.map { "# \($0.text)" }
                        + ["# Expected with \(threads) threads, in \(options.directory.path):"] + lines
                        + ["#   in all: about \(durationText(seconds: cost.seconds))"]).joined(separator: "\n"))
            }
            // What input is wrong counts more than what the machine lacks, which comes last.
            if let obstacle = obstacles.first { throw obstacle.error }
        }
    }
}
