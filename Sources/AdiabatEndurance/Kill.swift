import ArgumentParser

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
