import Foundation
import Workflows

/// What a command would do.
struct DryRun: Encodable {
    struct Step: Encodable {
        let stage: StageName
        let output: String
        /// The output is there already, so that nothing would be done.
        let isComplete: Bool
        /// Expected, if something would be done and the costs are known.
        let cost: CostEstimate.Stage?
    }

    let recipe: String
    let fingerprint: String
    let seed: UInt64
    let threads: Int
    let directory: String
    let steps: [Step]

    init(_ recipe: Recipe, options: RunOptions, stages: [StageName]) throws {
        try recipe.require(stages)
        let directory = options.directory
        let threads = options.compute.threadCount
        let costs = try CostEstimate(recipe, threads: threads, directory: directory).stages
        self.recipe = options.recipe
        fingerprint = recipe.fingerprint()
        seed = recipe.seed
        self.threads = threads
        self.directory = directory.path
        steps = stages.map { stage in
            let output = stage.output(in: directory)
            let isComplete = directory.exists(output)
            let cost = isComplete ? nil : costs.first { $0.stage == stage.rawValue }
            return Step(stage: stage, output: output, isComplete: isComplete, cost: cost)
        }
    }

    func print(json: Bool) throws {
        if json { return try Terminal.printJSON(self) }
        let lines = steps.map { step in
            let effect = step.isComplete ? "is there" : "would be made" + (step.cost.map { ": " + $0.text } ?? "")
            return "  \(step.stage.rawValue): \(step.output) \(effect)"
        }
        let head = "\(recipe): valid; seed \(seed), \(threads) threads, in \(directory)"
        try Terminal.printResult(([head] + lines).joined(separator: "\n"))
    }
}

extension CostEstimate.Stage {
    /// `2000 forces on 576 sites by exact diagonalization, about 1 min 5 s and 24 MB`
    var text: String {
        let memory =
            bytes < 1e9
            ? TerminalNumber.fixed(max(1, bytes / 1e6), decimals: 0) + " MB"
            : TerminalNumber.fixed(bytes / 1e9, decimals: 1) + " GB"
        return "\(work), about \(durationText(seconds: seconds)) and \(memory)"
    }
}
