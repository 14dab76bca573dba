import Foundation

/// One start of the program as a child process, and how it ended.
struct ProgramRun {
    /// What can happen to the process while it works.
    enum Event {
        case signal(Int32)
        /// To one of the processes that a launcher has started, if it has started any.
        case killOfRank
    }

    enum Ending: Equatable {
        case exit(Int32)
        case signal(Int32)
        /// It had to be killed after the time it was given.
        case hang
    }

    let ending: Ending
    /// What it said on stderr.
    let message: String
    let seconds: Double

    /// The program's errors, for people.
    var summary: String { "\(ending): \(message.split(separator: "\n").last.map(String.init) ?? "no message")" }

    /// Starts `command` and waits until it ends.
    ///
    /// - Parameters:
    ///   - command: the program and its arguments.
    ///   - events: what happens to it after so many seconds, in the order of time.
    ///   - limit: seconds after which it hangs.
    ///   - output: the file that gets what it says on stdout; none if nil.
    ///   - environment: variables in place of this process's.
    init(
        _ command: [String], events: [(after: Double, event: Event)] = [], limit: Double = 120, output: String? = nil,
        environment: [String: String] = [:]
    ) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.environment = Campaign.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }.merging(environment) { $1 }
        process.standardOutput = FileHandle.nullDevice
        if let output {
            _ = FileManager.default.createFile(atPath: output, contents: nil)
            process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        }
        let messages = FileManager.default.temporaryDirectory.appendingPathComponent("adiabat-stderr-" + UUID().uuidString)
        _ = FileManager.default.createFile(atPath: messages.path, contents: nil)
        defer { try? FileManager.default.removeItem(at: messages) }
        process.standardError = try FileHandle(forWritingTo: messages)
        let start = ContinuousClock.now
        func seconds() -> Double { Double((ContinuousClock.now - start) / .milliseconds(1)) / 1000 }
        try process.run()
        var isHanging = false
        var next = 0
        while process.isRunning {
            if next < events.count, seconds() >= events[next].after {
                Self.apply(events[next].event, to: process.processIdentifier)
                next += 1
            }
            if seconds() > limit {
                isHanging = true
                kill(process.processIdentifier, SIGKILL)
            }
            usleep(2000)
        }
        process.waitUntilExit()
        self.seconds = seconds()
        message = String(decoding: (try? Data(contentsOf: messages)) ?? Data(), as: UTF8.self)
        ending =
            isHanging
            ? .hang
            : process.terminationReason == .exit ? .exit(process.terminationStatus) : .signal(process.terminationStatus)
    }

    private static func apply(_ event: Event, to process: Int32) {
        switch event {
        case .signal(let signal): kill(process, signal)
        case .killOfRank:
            let ranks = children(of: process)
            if let victim = ranks.last { kill(victim, SIGKILL) }
        }
    }

    private static func children(of process: Int32) -> [Int32] {
        let path = "/proc/\(process)/task/\(process)/children"
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { Int32($0) }
    }
}
