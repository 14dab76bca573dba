import Foundation
import Storage

/// A text file of comma-separated numbers, one line per record, under the names of the columns. A number that is not defined is an empty
/// field, which reads back as NaN.
package enum NumberTable {
    /// A number as it stands between commas.
    package static func field(_ value: Double) -> String { value.isFinite ? "\(value)" : "" }

    package static func write(_ rows: [String], columns: String, to path: String) throws {
        try AtomicFile.write(([columns] + rows).joined(separator: "\n") + "\n", to: path)
    }

    /// - Parameter record: makes a record of the fields and the numbers of a line, as many as there are columns; nil if they are
    ///   not what it needs.
    /// - Throws: `StorageError` `.unreadable`, or `.malformed` naming the line.
    package static func read<Record>(
        _ path: String, columns: String, record: (_ fields: [Substring], _ numbers: [Double]) -> Record?
    ) throws -> [Record] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StorageError(.unreadable, path: path, problem: "cannot be read")
        }
        return try records(String(decoding: data, as: UTF8.self), path: path, columns: columns, record: record)
    }

    /// The records of a text; `path` is for errors.
    static func records<Record>(
        _ text: String, path: String, columns: String, record: (_ fields: [Substring], _ numbers: [Double]) -> Record?
    ) throws -> [Record] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first.map({ $0.trimmingCharacters(in: .whitespaces) }) == columns else {
            throw StorageError(.malformed, path: path, problem: "line 1: the columns \(columns) are needed")
        }
        let count = columns.split(separator: ",").count
        return try lines.enumerated().dropFirst().compactMap { number, line in
            if line.allSatisfy(\.isWhitespace) { return nil }
            let fields = line.split(separator: ",", omittingEmptySubsequences: false)
            let numbers = fields.compactMap { field in
                let text = field.trimmingCharacters(in: .whitespaces)
                return text.isEmpty ? .nan : Double(text)
            }
            guard fields.count == count, numbers.count == count, let record = record(fields, numbers) else {
                throw StorageError(.malformed, path: path, problem: "line \(number + 1): \(count) numbers are needed")
            }
            return record
        }
    }
}
