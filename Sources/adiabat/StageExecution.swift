import ArgumentParser
import Communication
import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs

extension RunOptions {
    /// Reads the recipe, runs the stages (or says what would be run) and prints what they did, together with the other processes
    /// that were started with this one.
    ///
    /// - Parameters:
    ///   - stage: nil for all of the recipe.
    ///   - redo: a stage that is done again with what follows it.
    func perform(_ stage: StageName?, redo: StageName? = nil) throws {
        try Failure.reporting(joining: { try LaunchedRanks.join() }) { communicator in
            try compute.reserveMemory()
            let interruption = compute.interruption()
            let recipe = try readRecipe()
            if let redo, stage == nil, !StageName.all(of: recipe).contains(redo) {
                let names = StageName.all(of: recipe).map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--redo \(redo.rawValue) is not allowed with this recipe; \(names) are.")
            }
            if redo != nil, resume == true || forceResume {
                throw ValidationError("--redo excludes --resume and --force-resume: it begins the stage again.")
            }
            try requireOwnRecipe(recipe)
            let isFirst = communicator.rank == 0
            if compute.dryRun {
                guard isFirst else { return }
                return try DryRun(recipe, options: self, stage: stage, redo: redo).print(json: compute.json)
            }
            let progress = isFirst ? Terminal.progress() : nil
            defer { progress?.leaveLine() }
            let context = StageContext(
                recipe: recipe, directory: directory, threads: compute.threadCount, resume: resumePolicy,
                progress: progress ?? SilentProgress(), interruption: interruption, communicator: communicator,
                grid: grid?.ranks, forcesResume: forceResume, arguments: arguments)
            let summaries =
                if let stage {
                    [try redo == nil ? stage.run(context) : Stages.redo(stage, context)]
                } else {
                    try Stages.run(context, redo: redo)
                }
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
