import ArgumentParser
import Runs

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Compare the files of a run with the digests in its manifest.",
        discussion: """
            Says for every file of a finished stage whether it is the same, missing, changed, or outdated because its inputs have \
            changed since. The exit code is 65 unless all files are the same.
            """)

    @Argument(help: "The folder of the run.", completion: .directory)
    var directory: String

    @Flag(help: "Write the result to stdout as JSON.")
    var json = false

    func run() throws {
        try Failure.reporting {
            let verification = try RunVerification(RunDirectory(directory))
            if json { try Terminal.printJSON(verification) } else { try Terminal.printResult(verification.text) }
            guard verification.isIntact else { throw VerificationFailed(verification) }
        }
    }
}

/// Files that are not as the stages wrote them.
struct VerificationFailed: Error, CustomStringConvertible {
    let description: String

    init(_ verification: RunVerification) {
        let files = verification.files.filter { $0.outcome != .same }.map { "\($0.name) (\($0.outcome.rawValue))" }
        description = "\(verification.directory): not as the stages wrote it: " + files.joined(separator: ", ")
    }
}

extension RunVerification {
    /// A line a file.
    var text: String {
        let width = files.map(\.name.count).max() ?? 0
        let lines = files.map {
            "  \($0.name.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.outcome.rawValue), of \($0.stage)"
        }
        return (["\(directory): \(files.count) files"] + lines).joined(separator: "\n")
    }
}
