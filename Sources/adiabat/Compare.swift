import ArgumentParser

struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare the learned force and its dynamics with the exact ones.",
        discussion: """
            Needs dataset.h5 and model.safetensors; writes comparison.json, and costs.json with the times of forces on this machine.
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        try options.perform(.compare)
    }
}
