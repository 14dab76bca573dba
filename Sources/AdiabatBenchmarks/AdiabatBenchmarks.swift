import ArgumentParser

/// The command: what is measured.
@main
struct AdiabatBenchmarks: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "AdiabatBenchmarks",
        abstract: "Measure how long the parts of a run take, and how accurate its forces are.",
        subcommands: [
            TimeCommand.self, ScalingCommand.self, ParetoCommand.self, LearningCurvesCommand.self, ModelCommand.self,
            PolesCommand.self, TilingCommand.self, SparsityCommand.self,
        ],
        defaultSubcommand: TimeCommand.self)
}
