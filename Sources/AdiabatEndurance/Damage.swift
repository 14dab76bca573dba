import ArgumentParser

struct Damage: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Cut off, flip, blank and swap bytes in every file the program reads, and see what it makes of them.")

    @OptionGroup var options: CampaignOptions

    func run() throws {
        try conclude(DamageCampaign(options.campaign()).run())
    }
}
