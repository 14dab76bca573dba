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

// MARK: Campaigns

struct Kill: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Kill a run at random moments until it is finished, and compare its files with those of one that was not killed.")

    @OptionGroup var options: CampaignOptions

    @Option(help: "What starts the program on several processes, such as `mpirun --oversubscribe -n`.")
    var launcher: String?

    @Option(help: "Numbers of processes that a launcher is asked for, one of them each time.", transform: Self.numbers)
    var ranks = [1, 2, 4]

    static func numbers(_ text: String) throws -> [Int] {
        let numbers = text.split(separator: ",").compactMap { Int($0) }
        guard !numbers.isEmpty else { throw ValidationError("'\(text)' is no list of numbers such as 1,2,4") }
        return numbers
    }

    func run() throws {
        // The shell's way of finding a launcher that is named without its folder.
        let launcher = launcher.map { ["/usr/bin/env"] + $0.split(separator: " ").map(String.init) }
        try conclude(KillCampaign(options.campaign(), launcher: launcher, ranks: ranks).run())
    }
}

struct Disk: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the disk be full at many sizes, make space, and compare the files with those of an undisturbed run.",
        discussion: "Needs the right to mount a tmpfs.")

    @OptionGroup var options: CampaignOptions

    func run() throws { try conclude(DiskCampaign(options.campaign()).run()) }
}

struct Damage: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cut off, flip, blank and swap bytes in every file the program reads, and see what it makes of them.")

    @OptionGroup var options: CampaignOptions

    func run() throws { try conclude(DamageCampaign(options.campaign()).run()) }
}

struct Fuzz: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Feed the readers of every format with mutated files, thousands a second, each reader in a process of its own.")

    @OptionGroup var options: CampaignOptions

    @Option(help: "Formats to try (default: all): \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")).")
    var format: [FuzzTarget] = []

    func run() throws {
        try conclude(FuzzCampaign(options.campaign(), targets: format.isEmpty ? FuzzTarget.allCases : format).run())
    }
}

struct Recipes: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Check and run random recipes on random lattices: success or a reason, no trap, no hang, no number that is none.")

    @OptionGroup var options: CampaignOptions

    func run() throws { try conclude(RecipeCampaign(options.campaign()).run()) }
}

struct Force: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Stop a run at a random moment, change random keys of its recipe, force it to go on, and see what its files say.")

    @OptionGroup var options: CampaignOptions

    func run() throws { try conclude(ForceCampaign(options.campaign()).run()) }
}

extension FuzzTarget: ExpressibleByArgument {}

/// The process that reads; it is started again after the input that killed it.
struct FuzzWorker: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Read mutated files of one format.", shouldDisplay: false)

    @Option var format: FuzzTarget
    @Option var folder: String
    @Option var seed: UInt64
    @Option var first: Int
    @Option var count: Int
    @Option var seconds: Double

    func run() throws {
        try FuzzReading(target: format, folder: folder, seed: seed)
            .run(first: first, count: count, duration: .seconds(seconds))
    }
}
