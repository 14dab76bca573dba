import ArgumentParser
import Foundation

/// The options that every measurement has.
struct MachineOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Threads of the cases that use several; one a core unless given.", valueName: "count"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("How long each case is repeated.", valueName: "seconds"))
    var seconds = 2.0

    @Flag(help: "Write one JSON object a line: the machine first, then every case.")
    var json = false

    func validate() throws {
        guard (1...1024).contains(threads) else { throw ValidationError("--threads \(threads) is not allowed; 1 to 1024 is.") }
        guard seconds > 0, seconds <= 3600 else { throw ValidationError("--seconds \(seconds) is not allowed; up to 3600 is.") }
    }
}
