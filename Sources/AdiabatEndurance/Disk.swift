import ArgumentParser

struct Disk: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let the disk be full at many sizes, make space, and compare the files with those of an undisturbed run.",
        discussion: "Needs the right to mount a tmpfs.")

    @OptionGroup var options: CampaignOptions

    func run() throws {
        try conclude(DiskCampaign(options.campaign()).run())
    }
}
