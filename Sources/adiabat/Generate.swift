import ArgumentParser

struct Generate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the exact data: random configurations and quenches.",
        discussion: """
            Writes dataset.h5.
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        try options.perform(.generate)
    }
}
