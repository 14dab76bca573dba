import ArgumentParser

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw the figures and gather them in a report.",
        discussion: """
            Draws what there are files for; writes figures/ and report.html.
            """)

    @OptionGroup var options: RunOptions

    func run() throws {
        try options.perform([.report])
    }
}
