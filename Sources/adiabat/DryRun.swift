import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs

/// The effect that a command would have.
struct DryRun: Encodable {
    struct Step: Encodable {
        let stage: StageName
        let output: String
        /// The output is there already, so that nothing would be done.
        let isComplete: Bool
        /// Why the output that is there would be refused, or made anew.
        let problem: String?
        /// Expected, if something would be done and the costs are known.
        let cost: CostEstimate.Stage?
    }

    let recipe: String
    let fingerprint: String
    let seed: UInt64
    let threads: Int
    let directory: String
    /// Files and folders that would be removed first.
    let removed: [String]
    let steps: [Step]

    init(_ recipe: Recipe, options: RunOptions, stage: StageName?, redo: StageName?) throws {
        try recipe.require(stage.map { [$0] } ?? StageName.all(of: recipe))
        let directory = options.directory
        let threads = options.compute.threadCount
        let costs = try CostEstimate(recipe, threads: threads, directory: directory).stages
        self.recipe = options.recipe
        fingerprint = recipe.fingerprint()
        seed = recipe.seed
        self.threads = threads
        self.directory = directory.path
        let context = StageContext(
            recipe: recipe, directory: directory, threads: threads, resume: options.resumePolicy, arguments: options.arguments)
        let removed = try redo.map { try Stages.discarded(by: $0, through: stage ?? .report, context) } ?? []
        self.removed = removed
        steps = try (stage.map { [$0] } ?? StageName.all(of: recipe)).map { stage in
            let output = stage.output(in: directory)
            let isComplete = directory.exists(output) && !removed.contains(output)
            let problem = isComplete ? try stage.problem(context) : nil
            let cost = isComplete ? nil : costs.first { $0.stage == stage.rawValue }
            return Step(stage: stage, output: output, isComplete: isComplete, problem: problem, cost: cost)
        }
    }

    func print(json: Bool) throws {
        if json { return try Terminal.printJSON(self) }
        let figures = removed.filter { $0.hasPrefix("\(directory)/figures/") }
        let others = removed.filter { !figures.contains($0) }.map { "  \($0) would be removed" }
        let pictures = figures.isEmpty ? [] : ["  \(directory)/figures: \(figures.count) files would be removed"]
        var told: Set<String> = []
        let lines = steps.map { step in
            let effect =
                step.isComplete
                ? "exists" + (step.problem.map { told.insert($0).inserted ? ", but " + $0 : ", with the same problem" } ?? "")
                : "would be made" + (step.cost.map { ": " + $0.text } ?? "")
            return "  \(step.stage.rawValue): \(step.output) \(effect)"
        }
        let head = "\(recipe): valid; seed \(seed), \(threads) threads, in \(directory)"
        try Terminal.printResult(([head] + others + pictures + lines).joined(separator: "\n"))
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
