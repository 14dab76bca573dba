import ArgumentParser
import Foundation
import LatticeNumerics
import Workflows

struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validate a recipe, print it with all defaults, and estimate what it costs.",
        discussion: """
            The output is itself a recipe, with the stages of `adiabat run` as comments at its end: what each will cost, or why it \
            cannot run on this recipe or this machine. If one cannot, the exit code is the one that `adiabat run` would begin with, \
            65, or 70 where only a program or memory is missing; the other stages can be run by themselves. Options of a solver \
            that `accuracy` leaves open are found and printed, with the error they have. The costs come from timing a \
            force, a step of training, files of the run and a figure for a moment each, beside the folder of the run, and hold within \
            a factor of two where the machine has nothing else to do.
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
            var obstacles = recipe.obstacles(to: stages)
            // An accuracy may belong to a stage that cannot run.
            do { recipe = try recipe.resolvingAccuracy(pool: WorkerPool(threads: threads)) } catch {
                throw obstacles.first?.error ?? error
            }
            obstacles = recipe.obstacles(to: stages)
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
                    ([recipe.resolvedTOML] + recipe.accuracyChoices.map { "# \($0.text)" }
                        + ["# Expected with \(threads) threads, in \(options.directory.path):"] + lines
                        + ["#   in all: about \(durationText(seconds: cost.seconds))"]).joined(separator: "\n"))
            }
            // What input is wrong counts more than what the machine lacks, which comes last.
            if let obstacle = obstacles.first { throw obstacle.error }
        }
    }
}
