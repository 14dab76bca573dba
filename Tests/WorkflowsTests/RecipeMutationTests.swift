import Experiments
import Foundation
import LatticeNumerics
import Recipes
import Reports
import Testing

/// Recipes cut short or with bytes changed either read or are refused with a message; nothing else happens.
@Suite struct RecipeMutationTests {
    @Test func truncatedRecipesNeverCrash() throws {
        let text = try Recipe(header).resolvedTOML
        var refused = 0
        for length in 0..<text.utf8.count {
            if !reads(Array(text.utf8.prefix(length))) { refused += 1 }
        }
        #expect(refused > 100)
    }

    @Test func mutatedRecipesNeverCrash() throws {
        let text = Array(try Recipe(header).resolvedTOML.utf8)
        let stream = RandomStream(seed: 5, purpose: .testing)
        let fragments = [
            "[", "]", "\"", "=", ".", "-", "nan", "9999999999999999999", "[[", "'''", "\\u0000", "{", "1e999", "\0", "#",
        ]
        var refused = 0
        for trial in 0..<3000 {
            var bytes = text
            for change in 0...trial % 4 {
                let place = Int(stream.uniform(step: trial, index: 3 * change) * Double(bytes.count))
                let choice = stream.uniform(step: trial, index: 3 * change + 1)
                if choice < 0.4 {
                    bytes[place] = UInt8(stream.uniform(step: trial, index: 3 * change + 2) * 256)
                } else if choice < 0.7 {
                    bytes.remove(at: place)
                } else {
                    let fragment = fragments[Int(stream.uniform(step: trial, index: 3 * change + 2) * Double(fragments.count))]
                    bytes.insert(contentsOf: fragment.utf8, at: place)
                }
            }
            if !reads(bytes) { refused += 1 }
        }
        #expect(refused > 1000 && refused < 3000)
    }

    @Test(arguments: [
        ("[network]\nwidths = ", "["), ("[network]\nwidths = ", "{a="), ("a", ".a"), ("[a", ".a"), ("[network]\nx = ", "[[{a.a="),
    ])
    func deepNestingIsRefused(_ start: String, _ repeated: String) {
        #expect(!reads(Array((header + start + String(repeating: repeated, count: 100_000) + " = 1\n").utf8)))
    }

    @Test func piecesOfTOMLInAnyOrderNeverCrash() {
        let stream = RandomStream(seed: 6, purpose: .testing)
        let pieces = [
            "[", "]", "[[", "]]", "{", "}", ",", ".", "=", "\"", "'", "\"\"\"", "'''", "\\", "\n", "\r", " ", "\t", "#", "a",
            "a.b",
            "a = ", "-", "+", "_", "0", "1", "0x", "0b", "1e", "1.", "nan", "inf", "true", "f", "1979-05-27", "T", "07:32", ":",
            "Z",
            "\u{b}", "\u{85}", "\u{2028}", "\u{a0}", "ü", "\u{7f}", "[model]\n",
        ]
        var refused = 0
        for trial in 0..<4000 {
            let count = 1 + Int(stream.uniform(step: trial, index: 0) * 12)
            let text = (1...count).map { pieces[Int(stream.uniform(step: trial, index: $0) * Double(pieces.count))] }.joined()
            if !reads(Array(text.utf8)) { refused += 1 }
        }
        #expect(refused == 4000)
    }

    private func reads(_ bytes: [UInt8]) -> Bool {
        do {
            _ = try Recipe(String(decoding: bytes, as: UTF8.self))
            return true
        } catch let error as RecipeError {
            #expect(!error.description.isEmpty)
        } catch {
            Issue.record("\(error)")
        }
        return false
    }
}
