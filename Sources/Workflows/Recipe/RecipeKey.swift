/// One key of a table of the recipe: its name, how it is read into a value and how it is written from one.
///
/// Reading, writing, refusing unknown keys and comparing recipes all follow from the list of a table's keys, so a new
/// setting is one stored property and one line in that list.
struct RecipeKey<Table> {
    let name: String
    /// Sets the property if the key is there.
    let read: (TableReader, inout Table) throws -> Void
    /// The value as canonical TOML; nil if the key is not written.
    let text: (Table) -> String?
    /// What another value means for work that was begun.
    var effect = RecipeKeyEffect.results
}

/// What a key of the recipe decides, and so whether work that was begun with another value can be gone on with.
enum RecipeKeyEffect {
    /// The results: unfinished work of another value belongs to another run.
    case results
    /// How far the work goes, such as `simulate.steps`: what is there is the beginning of the same run.
    case extent
    /// When it is saved, looked at or given up, which leaves the results as they are.
    case conduct
}

/// A table of the recipe that is decoded key by key.
protocol RecipeTable {
    /// In the order in which they are written.
    static var keys: [RecipeKey<Self>] { get }
}

extension RecipeTable {
    /// Sets the properties whose keys are there and leaves the others.
    ///
    /// - Throws: ``RecipeError`` for the first wrong value or unknown key.
    mutating func read(_ reader: TableReader) throws {
        try reader.refuseKeys(except: Self.keys.map(\.name))
        for key in Self.keys { try key.read(reader, &self) }
    }

    static func effect(of key: String) -> RecipeKeyEffect { keys.first { $0.name == key }?.effect ?? .results }

    /// Keys and values as canonical TOML.
    var entries: [(key: String, value: String)] {
        Self.keys.compactMap { key in key.text(self).map { (key.name, $0) } }
    }
}

extension RecipeKey {
    /// The same key, known to decide something else than the results.
    func deciding(_ effect: RecipeKeyEffect) -> RecipeKey {
        var key = self
        key.effect = effect
        return key
    }

    static func number(_ name: String, _ path: WritableKeyPath<Table, Double>, _ allowed: NumberLimits) -> RecipeKey {
        property(name, path, read: { try $0.number(name, allowed: allowed) }, text: TOMLText.text)
    }

    static func integer(_ name: String, _ path: WritableKeyPath<Table, Int>, _ allowed: ClosedRange<Int>) -> RecipeKey {
        property(name, path, read: { try $0.integer(name, allowed: allowed) }, text: TOMLText.text)
    }

    static func boolean(_ name: String, _ path: WritableKeyPath<Table, Bool>) -> RecipeKey {
        property(name, path, read: { try $0.boolean(name) }, text: TOMLText.text)
    }

    static func integers(_ name: String, _ path: WritableKeyPath<Table, [Int]>, _ allowed: ClosedRange<Int>) -> RecipeKey {
        property(name, path, read: { try $0.integers(name, allowed: allowed) }, text: TOMLText.text)
    }

    static func numbers(_ name: String, _ path: WritableKeyPath<Table, [Double]>, _ allowed: NumberLimits) -> RecipeKey {
        property(name, path, read: { try $0.numbers(name, allowed: allowed) }, text: TOMLText.text)
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<Table, Choice>
    ) -> RecipeKey {
        property(name, path, read: { try $0.choice(name, Choice.self) }, text: { TOMLText.text($0.rawValue) })
    }

    /// An array of names.
    static func choices<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<Table, [Choice]>
    ) -> RecipeKey {
        property(
            name, path, read: { try $0.choices(name, Choice.self) },
            text: { "[" + $0.map { TOMLText.text($0.rawValue) }.joined(separator: ", ") + "]" })
    }

    /// A name that must be one of `allowed`.
    static func name(_ name: String, _ path: WritableKeyPath<Table, String>, _ allowed: [String]) -> RecipeKey {
        property(
            name, path,
            read: { reader in
                guard let value = try reader.text(name) else { return nil }
                guard allowed.contains(value) else { throw reader.unknownName(name, value, allowed: allowed) }
                return value
            },
            text: TOMLText.text)
    }

    /// Cells along each primitive vector, [Lx, Ly, …].
    static func size(_ name: String, _ path: WritableKeyPath<Table, [Int]>) -> RecipeKey {
        integers(name, path, 1...1 << 20)
    }

    /// A key for the property at `path`; `read` gives nil if the key is not there.
    private static func property<Value>(
        _ name: String, _ path: WritableKeyPath<Table, Value>, read: @escaping (TableReader) throws -> Value?,
        text: @escaping (Value) -> String
    ) -> RecipeKey {
        RecipeKey(
            name: name,
            read: { reader, table in
                if let value = try read(reader) { table[keyPath: path] = value }
            },
            text: { text($0[keyPath: path]) })
    }
}
