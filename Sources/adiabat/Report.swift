import ArgumentParser

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Draw the figures and gather them in a report.",
        discussion: """
            Draws a figure of every result that exists; writes figures/ and report.html. A figure that cannot be drawn is left \
            out, and the page says why.
            """)

    @OptionGroup var options: StageOptions

    func run() throws {
        try options.perform(.report)
    }
}
