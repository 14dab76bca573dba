import ArgumentParser

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
