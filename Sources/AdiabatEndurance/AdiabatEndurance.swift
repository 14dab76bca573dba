import ArgumentParser

/// The development tool that tries to make the program lose something.
@main
struct AdiabatEndurance: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "AdiabatEndurance",
        abstract: "Kill the program, fill its disk, damage its files, feed it nonsense and force it: nothing may be lost.",
        discussion: """
            Every campaign follows from its seed, is bounded in time, and exits 1 if anything was lost. What was tried and what \
            became of it goes to stdout as one line a campaign.
            """,
        subcommands: [Kill.self, Disk.self, Damage.self, Fuzz.self, Recipes.self, Force.self, FuzzWorker.self])
}

/// What every campaign takes.
struct CampaignOptions: ParsableArguments {
    @Option(help: "The program (default: `adiabat` beside this one).", completion: .file())
    var program: String?

    @Option(help: "The seed of everything that is random, apart from the clock.")
    var seed: UInt64 = 1

    @Option(help: "When to stop beginning new trials, in minutes.")
    var minutes = 1.0

    @Option(help: "The most trials.")
    var count = 1_000_000

    @Option(help: "Where to work; what failed stays there (default: a temporary folder).", completion: .directory)
    var folder: String?

    func campaign() throws -> Campaign {
        try Campaign(
            program: program ?? Campaign.siblingProgram, seed: seed, duration: .seconds(60 * minutes), count: count,
            folder: folder)
    }
}

/// Prints a report.
///
/// - Throws: exit code 1 if anything was lost.
func conclude(_ report: CampaignReport) throws {
    print(report.text)
    if !report.failures.isEmpty { throw ExitCode(1) }
}
