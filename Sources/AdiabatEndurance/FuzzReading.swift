import Foundation
import Lattices
import Recipes
import Runs
import Storage

/// Reads mutated files, one after the other. What it is reading and how far it has come lie in its folder, for the one who
/// starts it again should it die.
struct FuzzReading {
    /// Numbers of inputs, as they are kept in a file.
    struct Progress: Codable {
        /// The input that is being read, counted from 0.
        var current = 0
        var accepted = 0
        var refused = 0
        /// Errors that are not typed, with the number of the input.
        var untyped: [String] = []
    }

    /// Seconds that one input may take.
    static let limit: UInt32 = 20
    /// Bytes of memory: a file must not make its reader ask for more than it holds.
    static let memory: rlim_t = 6 << 30

    let target: FuzzTarget
    let folder: String
    let seed: UInt64

    static func inputPath(_ folder: String, _ target: FuzzTarget) -> String { "\(folder)/input-\(target.rawValue)" }
    static func progressPath(_ folder: String, _ target: FuzzTarget) -> String { "\(folder)/progress-\(target.rawValue).json" }

    static func progress(_ folder: String, _ target: FuzzTarget) throws -> Progress {
        let data = try Data(contentsOf: URL(fileURLWithPath: progressPath(folder, target)))
        // Shorter than before, it ends with what was there.
        return try JSONDecoder().decode(Progress.self, from: data.prefix { $0 != 0 })
    }

    func run(first: Int, count: Int, duration: Duration) throws {
        var memory = rlimit(rlim_cur: Self.memory, rlim_max: Self.memory)
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &memory)
        let samples = try target.samples.map { [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/samples/\($0)"))) }
        let words = target.words.map { Array($0.utf8) }
        let supercell = try Supercell(LatticeFile.read(folder + "/samples/square.toml"), size: [8, 8])
        let path = Self.inputPath(folder, target)
        let record = open(Self.progressPath(folder, target), O_RDWR | O_CREAT, 0o666)
        defer { close(record) }
        var progress = (try? Self.progress(folder, target)) ?? Progress()
        let deadline = ContinuousClock.now + duration
        for number in first..<first + count where ContinuousClock.now < deadline {
            progress.current = number
            let bytes = Self.mutated(samples, words, seed: seed &+ UInt64(number) &* 0x9e37_79b9_7f4a_7c15)
            Self.put(bytes, path)
            Self.write(progress, record)
            alarm(Self.limit)
            do {
                try target.read(path, supercell: supercell)
                progress.accepted += 1
            } catch {
                progress.refused += 1
                if !Self.isTyped(error) { progress.untyped.append("input \(number): \(type(of: error)): \(error)") }
            }
            alarm(0)
        }
        progress.current += 1
        Self.write(progress, record)
    }

    private static func mutated(_ samples: [[UInt8]], _ words: [[UInt8]], seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        var bytes = samples.randomElement(using: &generator)!
        let other = samples.randomElement(using: &generator)!
        for _ in 0..<Int.random(in: 1...6, using: &generator) {
            StructuralMutation.allCases.randomElement(using: &generator)!
                .apply(to: &bytes, other: other, words: words, &generator)
        }
        return bytes
    }

    private static func isTyped(_ error: any Error) -> Bool {
        error is StorageError || error is RecipeError || error is LatticeError || error is StageError
    }

    private static func put(_ bytes: [UInt8], _ path: String) {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
        _ = Foundation.write(file, bytes, bytes.count)
        close(file)
    }

    private static func write(_ progress: Progress, _ file: Int32) {
        guard let data = try? JSONEncoder().encode(progress) else { return }
        _ = data.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
        ftruncate(file, off_t(data.count))
    }
}
