import Foundation
import Reports
import Runs
import Storage
import Testing

@Suite struct JSONFileTests {
    private struct Results: Codable {
        var title: String
        var scalar: Double
        var values: [Double]
        var optional: Double?
        var missing: Double?
        var nested: [[String: Double]]
        var count: Int
    }

    private func readBack(_ results: Results) throws -> Results {
        let path = temporaryFile("results.json", "")
        try JSONFile.write(results, to: path)
        #expect(try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) is [String: Any])
        return try JSONFile.read(Results.self, from: path)
    }

    @Test func undefinedNumbersAreNullAndReadBackAsNaN() throws {
        let results = Results(
            title: "null, \"null\": null and \\", scalar: .nan, values: [1, .nan, .infinity, -.infinity, 1e-300], optional: .nan,
            missing: nil, nested: [["a": .nan, "b": 0.1]], count: 3)
        let back = try readBack(results)
        #expect(back.title == results.title)
        #expect(back.scalar.isNaN && back.optional?.isNaN == true && back.missing == nil)
        #expect(back.values[0] == 1 && back.values[1...3].allSatisfy { $0.isNaN } && back.values[4] == 1e-300)
        #expect(back.nested[0]["a"]?.isNaN == true && back.nested[0]["b"] == 0.1)
        #expect(JSONFile.encode(results) == JSONFile.encode(back))
    }

    @Test func finiteNumbersKeepTheirBits() throws {
        let values = [0.1, -0.0, 1 / 3, .greatestFiniteMagnitude, .leastNormalMagnitude, .pi * 1e-200]
        let back = try readBack(Results(title: "é", scalar: 2.0 / 3, values: values, nested: [], count: .max))
        #expect(back.values.map(\.bitPattern) == values.map(\.bitPattern))
        #expect(back.scalar == 2.0 / 3 && back.count == .max && back.title == "é")
    }

    @Test(arguments: ["", "{", "null", "[1]", "{\"title\": nul}", "{\"title\": null}", "\"", "\"\\"])
    func malformedIsRefused(_ text: String) {
        let path = temporaryFile("results.json", text)
        let error = #expect(throws: StorageError.self) { try JSONFile.read(Results.self, from: path) }
        #expect(error?.kind == .malformed && error?.path == path)
    }

    @Test func everyChangedByteIsNoticed() throws {
        let path = temporaryFile("results.json", "")
        try JSONFile.write(
            Results(title: "é", scalar: 2, values: [1, .nan], optional: nil, missing: nil, nested: [], count: 3), to: path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 1
            try damaged.write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: StorageError.self) { try JSONFile.read(Results.self, from: path) }
            #expect(error?.kind == .malformed)
        }
    }
}
