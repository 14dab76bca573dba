import Models
import TOMLKit

/// Typed access to one table of a recipe: every value is checked for type and range, every error names the key.
package struct TableReader {
    let document: TOMLDocument
    /// The name of the table; nil for the root of the document.
    let name: String?
    private let table: TOMLTable

    /// The root of a document.
    package init(_ document: TOMLDocument) {
        self.init(document: document, name: nil, table: document.root)
    }

    private init(document: TOMLDocument, name: String?, table: TOMLTable) {
        self.document = document
        self.name = name
        self.table = table
    }

    func contains(_ key: String) -> Bool { table[key] != nil }

    /// The table under `key`; empty if there is none.
    package func subtable(_ key: String) throws -> TableReader {
        guard let value = table[key] else { return TableReader(document: document, name: key, table: TOMLTable()) }
        guard let subtable = value.table else { throw wrongType(key, value, wanted: "a table [\(key)]") }
        return TableReader(document: document, name: key, table: subtable)
    }

    /// The tables of the array `[[key]]`, named `key[0]`, `key[1]`, …; none if there is no such array.
    func subtables(_ key: String) throws -> [TableReader] {
        guard let value = table[key] else { return [] }
        guard let array = value.array else { throw wrongType(key, value, wanted: "tables [[\(key)]]") }
        return try array.enumerated().map { index, element in
            guard let subtable = element.table else { throw wrongType(key, element, wanted: "tables [[\(key)]]") }
            return TableReader(document: document, name: "\(key)[\(index)]", table: subtable)
        }
    }

    /// Whether all keys are in `known`.
    func hasOnly(_ known: [String]) -> Bool { table.keys.allSatisfy(known.contains) }

    /// - Throws: ``RecipeError`` naming the first key that is not in `known`, and the nearest one that is.
    func refuseKeys(except known: [String]) throws {
        guard let stranger = table.keys.first(where: { !known.contains($0) }) else { return }
        let place = name.map { "[\($0)]" } ?? "a recipe"
        let hint =
            nearestName(to: stranger, among: known).map { "did you mean '\($0)'?" }
            ?? (known.isEmpty ? "there are none" : "the keys are \(known.joined(separator: ", "))")
        throw error(stranger, "is not a key of \(place); \(hint)")
    }

    func text(_ key: String) throws -> String? {
        try value(key, wanted: "a text in quotation marks") { $0.string }
    }

    func boolean(_ key: String) throws -> Bool? {
        try value(key, wanted: "true or false") { $0.bool }
    }

    func integer(_ key: String, allowed: ClosedRange<Int>) throws -> Int? {
        guard let found = try value(key, wanted: "a whole number", { $0.int }) else { return nil }
        guard allowed.contains(found) else {
            throw error(key, "\(found) is not allowed; \(allowed.lowerBound) to \(allowed.upperBound) is")
        }
        return found
    }

    func number(_ key: String, allowed: NumberLimits) throws -> Double? {
        guard let found = try value(key, wanted: "a number", Self.number) else { return nil }
        guard allowed.contains(found) else { throw error(key, "\(found) is not allowed; \(allowed) is") }
        return found
    }

    func integers(_ key: String, allowed: ClosedRange<Int>) throws -> [Int]? {
        try array(key, wanted: "an array of whole numbers") { $0.int }?.map { found in
            guard allowed.contains(found) else {
                throw error(key, "\(found) is not allowed; numbers from \(allowed.lowerBound) to \(allowed.upperBound) are")
            }
            return found
        }
    }

    func booleans(_ key: String) throws -> [Bool]? {
        try array(key, wanted: "an array of true and false") { $0.bool }
    }

    package func numbers(_ key: String, allowed: NumberLimits) throws -> [Double]? {
        try array(key, wanted: "an array of numbers", Self.number)?.map { found in
            guard allowed.contains(found) else { throw error(key, "\(found) is not allowed; \(allowed) is") }
            return found
        }
    }

    /// The values of a parameter of the model, of which one may stand without brackets.
    func values(of parameter: Parameter) throws -> [Double]? {
        let (key, limits) = (parameter.key, NumberLimits(parameter.allowed))
        switch parameter.allowed {
        case .wholeNumber(let range): return try integer(key, allowed: range).map { [Double($0)] }
        case .byShell where table[key]?.array != nil: return try numbers(key, allowed: limits)
        default: return try number(key, allowed: limits).map { [$0] }
        }
    }

    func texts(_ key: String) throws -> [String]? { try array(key, wanted: "an array of names") { $0.string } }

    /// An array of arrays of numbers.
    func matrix(_ key: String) throws -> [[Double]]? {
        try array(key, wanted: "an array of arrays of numbers") { row in
            guard let row = row.array else { return nil }
            let numbers = row.compactMap(Self.number)
            return numbers.count == row.count ? numbers : nil
        }
    }

    package func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, _: Choice.Type = Choice.self) throws
        -> Choice?
    {
        guard let found = try text(key) else { return nil }
        guard let choice = Choice(rawValue: found) else {
            throw unknownName(key, found, allowed: Choice.allCases.map(\.rawValue))
        }
        return choice
    }

    func choices<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, _: Choice.Type = Choice.self) throws -> [Choice]?
    {
        try texts(key)?.map { found in
            guard let choice = Choice(rawValue: found) else {
                throw unknownName(key, found, allowed: Choice.allCases.map(\.rawValue))
            }
            return choice
        }
    }

    /// - Throws: ``RecipeError`` if `key` is there beside one of the others, all of which it excludes.
    func refuse(_ key: String, beside others: [String]) throws {
        guard contains(key), let other = others.first(where: contains) else { return }
        throw error(key, "is given beside \(other); only one of the two is allowed")
    }

    /// An error that `found`, the value of `key`, is none of the names `allowed`.
    func unknownName(_ key: String, _ found: String, allowed: [String]) -> RecipeError {
        let hint = nearestName(to: found, among: allowed).map { "; did you mean '\($0)'?" } ?? ""
        let names = allowed.map { "'\($0)'" }
        let list = names.count < 2 ? names.joined() : names.dropLast().joined(separator: ", ") + " or " + names.last!
        return error(key, "'\(found)' is not allowed; \(list) is\(hint)")
    }

    func error(_ key: String?, _ problem: String) -> RecipeError {
        document.error(table: name, key: key, problem)
    }

    private func value<Value>(
        _ key: String, wanted: String, _ convert: (TOMLValueConvertible) -> Value?
    ) throws -> Value? {
        guard let found = table[key] else { return nil }
        guard let value = convert(found) else { throw wrongType(key, found, wanted: wanted) }
        return value
    }

    private func array<Element>(
        _ key: String, wanted: String, _ convert: (TOMLValueConvertible) -> Element?
    ) throws -> [Element]? {
        guard let found = table[key] else { return nil }
        guard let array = found.array else { throw wrongType(key, found, wanted: wanted) }
        return try array.map { element in
            guard let value = convert(element) else { throw wrongType(key, element, wanted: wanted) }
            return value
        }
    }

    private func wrongType(_ key: String, _ found: TOMLValueConvertible, wanted: String) -> RecipeError {
        error(key, "\(Self.described(found)) is not allowed; \(wanted) is")
    }

    /// A floating-point number, or a whole number where one may be meant.
    private static func number(_ value: TOMLValueConvertible) -> Double? {
        value.double ?? value.int.map(Double.init)
    }

    /// A value as messages show it.
    private static func described(_ value: TOMLValueConvertible) -> String {
        if let text = value.string { return "the text " + TOMLText.text(text) }
        if let boolean = value.bool { return TOMLText.text(boolean) }
        if let integer = value.int { return TOMLText.text(integer) }
        if let number = value.double { return TOMLText.text(number) }
        return switch value.type {
        case .table: "a table"
        case .array: "an array"
        default: "a date or time"
        }
    }
}

/// Which numbers a key accepts. NaN and infinities are never among them.
package struct NumberLimits: Sendable, CustomStringConvertible {
    /// Completes "… is allowed".
    package let description: String
    private let accepts: @Sendable (Double) -> Bool

    func contains(_ number: Double) -> Bool { number.isFinite && accepts(number) }

    package static let finite = NumberLimits("a finite number") { _ in true }
    static let positive = NumberLimits("a finite number above 0") { $0 > 0 }
    static let nonNegative = NumberLimits("a finite number from 0") { $0 >= 0 }

    static func from(_ range: ClosedRange<Double>) -> NumberLimits {
        NumberLimits("a number from \(range.lowerBound) to \(range.upperBound)") { range.contains($0) }
    }

    static func between(_ low: Double, _ high: Double) -> NumberLimits {
        NumberLimits("a number between \(low) and \(high), both excluded") { low < $0 && $0 < high }
    }

    /// From `low`, included, to `high`, excluded.
    static func from(_ range: Range<Double>) -> NumberLimits {
        NumberLimits("a number from \(range.lowerBound) to below \(range.upperBound)") { range.contains($0) }
    }

    /// Those of a parameter of the model.
    init(_ values: ParameterValues) { self.init(values.description, values.contains) }

    private init(_ description: String, _ accepts: @escaping @Sendable (Double) -> Bool) {
        self.description = description
        self.accepts = accepts
    }
}

/// The one of `names` that `misspelled` was most likely meant to be; nil if none is near.
///
/// Near is an edit distance of at most a third of the longer name, or one being the beginning of the other.
func nearestName(to misspelled: String, among names: [String]) -> String? {
    let candidates = names.filter { name in
        let longer = max(name.count, misspelled.count)
        return editDistance(misspelled, name) * 3 <= longer
            || (misspelled.count >= 3 && (name.hasPrefix(misspelled) || misspelled.hasPrefix(name)))
    }
    return candidates.min { editDistance(misspelled, $0) < editDistance(misspelled, $1) }
}

/// Insertions, deletions, substitutions of one character and exchanges of two neighbours that lead from one name to the
/// other (optimal string alignment distance).
func editDistance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second))
    var rows = [Array(0...second.count)]
    for i in first.indices {
        var row = [i + 1]
        for j in second.indices {
            var distance = min(rows[i][j] + (first[i] == second[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, first[i] == second[j - 1], first[i - 1] == second[j] {
                distance = min(distance, rows[i - 1][j - 1] + 1)
            }
            row.append(distance)
        }
        rows.append(row)
    }
    return rows[first.count][second.count]
}
