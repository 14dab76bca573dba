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

    /// Keys and values as canonical TOML.
    var entries: [(key: String, value: String)] {
        Self.keys.compactMap { key in key.text(self).map { (key.name, $0) } }
    }
}

extension RecipeKey {
    static func number(_ name: String, _ path: WritableKeyPath<Table, Double>, _ allowed: NumberLimits) -> RecipeKey {
        RecipeKey(
            name: name,
            read: { reader, table in if let value = try reader.number(name, allowed: allowed) { table[keyPath: path] = value } },
            text: { TOMLText.text($0[keyPath: path]) })
    }

    static func integer(_ name: String, _ path: WritableKeyPath<Table, Int>, _ allowed: ClosedRange<Int>) -> RecipeKey {
        RecipeKey(
            name: name,
            read: { reader, table in if let value = try reader.integer(name, allowed: allowed) { table[keyPath: path] = value } },
            text: { TOMLText.text($0[keyPath: path]) })
    }

    static func boolean(_ name: String, _ path: WritableKeyPath<Table, Bool>) -> RecipeKey {
        RecipeKey(
            name: name,
            read: { reader, table in if let value = try reader.boolean(name) { table[keyPath: path] = value } },
            text: { TOMLText.text($0[keyPath: path]) })
    }

    static func integers(_ name: String, _ path: WritableKeyPath<Table, [Int]>, _ allowed: ClosedRange<Int>) -> RecipeKey {
        RecipeKey(
            name: name,
            read: { reader, table in if let value = try reader.integers(name, allowed: allowed) { table[keyPath: path] = value } },
            text: { TOMLText.text($0[keyPath: path]) })
    }

    static func numbers(_ name: String, _ path: WritableKeyPath<Table, [Double]>, _ allowed: NumberLimits) -> RecipeKey {
        RecipeKey(
            name: name,
            read: { reader, table in if let value = try reader.numbers(name, allowed: allowed) { table[keyPath: path] = value } },
            text: { TOMLText.text($0[keyPath: path]) })
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<Table, Choice>
    ) -> RecipeKey {
        RecipeKey(
            name: name,
            read: { reader, table in if let value = try reader.choice(name, Choice.self) { table[keyPath: path] = value } },
            text: { TOMLText.text($0[keyPath: path].rawValue) })
    }

    /// A name that must be one of `allowed`.
    static func name(_ name: String, _ path: WritableKeyPath<Table, String>, _ allowed: [String]) -> RecipeKey {
        RecipeKey(
            name: name,
            read: { reader, table in
                guard let value = try reader.text(name) else { return }
                guard allowed.contains(value) else { throw reader.unknownName(name, value, allowed: allowed) }
                table[keyPath: path] = value
            },
            text: { TOMLText.text($0[keyPath: path]) })
    }

    /// Cells along each primitive vector, [Lx, Ly, …].
    static func size(_ name: String, _ path: WritableKeyPath<Table, [Int]>) -> RecipeKey {
        integers(name, path, 1...1 << 20)
    }
}
