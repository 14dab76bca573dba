import Foundation
import Storage

/// `manifest.json` as lines of a table.
enum ManifestFacts {
    /// Every number and word of the file under its path of keys, in alphabetical order, but for whole recipes and what an earlier report left
    /// there: reports of the same results are the same.
    ///
    /// - Throws: `StorageError` `.unreadable`, or `.malformed` for what is damaged or not JSON.
    static func read(_ path: String) throws -> [(name: String, value: String)] {
        let data = try JSONFile.contents(of: path)
        let root: Any
        do { root = try JSONSerialization.jsonObject(with: data) } catch {
            throw StorageError(.malformed, path: path, problem: "is not JSON: \(error.localizedDescription)")
        }
        return leaves(of: root, under: "").filter {
            !$0.name.hasPrefix("stages · report") && !$0.name.hasPrefix("recipes · ") && !$0.name.hasPrefix("redo · ")
        }
    }

    private static func leaves(of value: Any, under name: String) -> [(name: String, value: String)] {
        func joined(_ key: String) -> String { name.isEmpty ? key : name + " · " + key }
        switch value {
        case let table as [String: Any]:
            return table.keys.sorted().flatMap { leaves(of: table[$0]!, under: joined($0)) }
        case let list as [Any]:
            if list.allSatisfy({ !($0 is [String: Any]) && !($0 is [Any]) }) {
                return [(name, list.map { "\($0)" }.joined(separator: ", "))]
            }
            return list.enumerated().flatMap { leaves(of: $0.element, under: joined("\($0.offset + 1)")) }
        case let number as Double where number != number.rounded(): return [(name, TerminalNumber.text(number))]
        case is NSNull: return [(name, "none")]
        default: return [(name, "\(value)")]
        }
    }
}
