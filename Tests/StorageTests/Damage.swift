import Storage
import Testing

/// A small generator with a seed (SplitMix64), so that every run damages the same bytes.
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

/// Cuts a file off at every length and expects `read` to refuse each stump with a `StorageError` that names it.
func expectEveryTruncationRefused(_ whole: [UInt8], at path: String, read: (String) throws -> Void) throws {
    for length in 0..<whole.count {
        try put(whole[..<length], at: path)
        do {
            try read(path)
            Issue.record("accepted when cut off at byte \(length) of \(whole.count)")
        } catch let error as StorageError {
            #expect(error.path == path)
        }
    }
}

/// Changes one to four bytes of a file at random, `times` over, and expects `read` to return or to throw a `StorageError`
/// that names it. Returns how many of the damaged files were refused.
func refusals(of whole: [UInt8], damaged times: Int, seed: UInt64, at path: String, read: (String) throws -> Void) throws -> Int {
    var generator = SeededGenerator(seed: seed)
    var refused = 0
    for _ in 0..<times {
        var damaged = whole
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            damaged[Int.random(in: 0..<whole.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
        }
        try put(damaged, at: path)
        do {
            try read(path)
        } catch let error as StorageError {
            #expect(error.path == path)
            refused += 1
        }
    }
    return refused
}

/// The kind of the `StorageError` that `body` throws; nil if it returns.
func kind(_ body: () throws -> Void) throws -> StorageError.Kind? {
    do {
        try body()
        return nil
    } catch let error as StorageError {
        return error.kind
    }
}
