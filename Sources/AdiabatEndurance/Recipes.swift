import ArgumentParser

struct Recipes: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Check and run random recipes on random lattices: success or a reason, no trap, no hang, no number that is none.")

    @OptionGroup var options: CampaignOptions

    func run() throws { try conclude(RecipeCampaign(options.campaign()).run()) }
}
