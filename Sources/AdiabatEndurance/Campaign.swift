import Foundation

/// What a campaign works with: the program, a folder, chance, and how long it may go on.
package struct Campaign {
    package let program: String
    let seed: UInt64
    private let deadline: ContinuousClock.Instant
    let count: Int
    /// Holds everything that is made; removed at the end if nothing was lost and nobody named it.
    let folder: String
    private let isTemporary: Bool

    /// `adiabat` in the folder of the running executable.
    package static var siblingProgram: String { sibling("adiabat") }

    /// The environment of this process without the variables that its own start has set: a program that is run starts as a user
    /// starts it.
    package static var environment: [String: String] {
        ProcessInfo.processInfo.environment.filter {
            !["OPENBLAS_NUM_THREADS", "OPENBLAS_CORETYPE", "HDF5_USE_FILE_LOCKING"].contains($0.key)
        }
    }

    /// This tool, in the folder of the running executable, which may be that of the tests.
    static var ownProgram: String { sibling("AdiabatEndurance") }

    private static func sibling(_ name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
    }

    /// - Throws: what making the folder throws, and ``EnduranceError`` if the program is not there.
    package init(program: String = siblingProgram, seed: UInt64, duration: Duration, count: Int, folder: String? = nil) throws {
        guard FileManager.default.isExecutableFile(atPath: program) else {
            throw EnduranceError(description: "\(program): is not there; `swift build -c release --product adiabat` makes it")
        }
        self.program = program
        self.seed = seed
        deadline = .now + duration
        self.count = count
        isTemporary = folder == nil
        self.folder = folder ?? NSTemporaryDirectory() + "adiabat-endurance-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
    }

    /// Whether another trial may begin.
    func goesOn(after trials: Int) -> Bool { trials < count && ContinuousClock.now < deadline }

    /// Until no trial may begin any more.
    var secondsLeft: Double { Double((deadline - .now) / .milliseconds(1)) / 1000 }

    /// Removes the folder if it is a temporary one and nothing was lost.
    func tidy(_ report: CampaignReport) {
        if isTemporary, report.failures.isEmpty { try? FileManager.default.removeItem(atPath: folder) }
    }
}

/// A campaign that cannot be run here.
package struct EnduranceError: Error, CustomStringConvertible {
    package let description: String
}

/// What a campaign has tried and what became of it.
package struct CampaignReport {
    package let name: String
    /// Counts by what happened, such as `refused`.
    package var outcomes: [String: Int] = [:]
    /// What was lost, a line each; empty as it should be.
    package var failures: [String] = []

    package init(_ name: String) { self.name = name }

    mutating func add(_ outcome: String, _ count: Int = 1) { outcomes[outcome, default: 0] += count }

    /// One line, and one for everything lost.
    package var text: String {
        let counts = outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return (["\(name): \(counts), \(failures.count) lost"] + failures.map { "  LOST: \($0)" }).joined(separator: "\n")
    }
}

/// Random numbers that follow from a seed: SplitMix64.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
