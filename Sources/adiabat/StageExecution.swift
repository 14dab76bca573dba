import Communication
import Foundation
import Workflows

extension RunOptions {
    /// Reads the recipe, runs the stages (or says what would be run) and prints what they did, together with the other processes
    /// that were started with this one.
    ///
    /// - Parameter stages: nil for all of the recipe.
    func perform(_ stages: [StageName]?) throws {
        try Failure.reporting(joining: { try LaunchedRanks.join() }) { communicator in
            try compute.reserveMemory()
            let interruption = compute.interruption()
            let recipe = try readRecipe()
            try requireOwnRecipe(recipe)
            let isFirst = communicator.rank == 0
            if compute.dryRun {
                guard isFirst else { return }
                return try DryRun(recipe, options: self, stages: stages ?? StageName.all(of: recipe)).print(json: compute.json)
            }
            let progress = isFirst ? Terminal.progress() : nil
            defer { progress?.leaveLine() }
            let context = StageContext(
                recipe: recipe, directory: directory, threads: compute.threadCount, resume: resumePolicy,
                progress: progress ?? SilentProgress(), interruption: interruption, communicator: communicator,
                grid: grid?.ranks, forcesResume: forceResume)
            let summaries = try stages.map { try $0.map { try $0.run(context) } } ?? Stages.run(context)
            guard isFirst else { return }
            if compute.json {
                try Terminal.printJSON(summaries)
            } else {
                try Terminal.printResult(summaries.map(\.text).joined(separator: "\n"))
            }
        }
    }
}

extension StageSummary {
    /// What was done and the facts, a line each.
    var text: String {
        let width = facts.map(\.name.count).max() ?? 0
        let lines = facts.map { "  \($0.name.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.value)" }
        let head = "\(stage): " + (ran ? "" : "already complete, ") + outputs.joined(separator: ", ")
        return ([head] + lines).joined(separator: "\n")
    }
}
