import ArgumentParser

struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Train the network on the data.",
        discussion: """
            Needs dataset.h5; writes model.safetensors, training.csv and training.checkpoint.
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        try options.perform(.train)
    }
}
