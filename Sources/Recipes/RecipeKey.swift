/// One key of a table of the recipe: its name, how it is read into a value, how it is written from one, and what another value
/// means for work that was begun.
///
/// Reading, writing, refusing unknown keys, comparing recipes and going on with unfinished work all follow from the list of a
/// table's keys, so a new setting is one stored property and one line in that list.
package struct RecipeKey<Table> {
    let name: String
    /// Sets the property if the key is there.
    let read: (TableReader, inout Table) throws -> Void
    /// The value as canonical TOML; nil if the key is not written.
    let text: (Table) -> String?
    /// What another value means for work that was begun; nothing in a table whose other keys switch this one off.
    let effects: (Table) -> RecipeKeyEffects
}

/// A key that does not say yet what another value means for work that was begun. Only with that it becomes a ``RecipeKey``, so that
/// no key is without a decision.
struct UndecidedKey<Table> {
    let name: String
    let read: (TableReader, inout Table) throws -> Void
    let text: (Table) -> String?

    /// - Parameter isUsed: whether the key decides anything beside the others of the table.
    func deciding(_ effects: RecipeKeyEffects, where isUsed: @escaping (Table) -> Bool = { _ in true }) -> RecipeKey<Table> {
        RecipeKey(name: name, read: read, text: text, effects: { isUsed($0) ? effects : .conduct })
    }

    /// The same for a key that some stages may not use.
    func deciding(_ effects: @escaping (Table) -> RecipeKeyEffects) -> RecipeKey<Table> {
        RecipeKey(name: name, read: read, text: text, effects: effects)
    }
}

/// What a new value of a key means for work that a stage has begun with the former value, in ascending gravity.
package enum RecipeKeyEffect: Sendable, Equatable {
    /// Nothing: the results do not depend on the key, though it may decide when work is saved, audited or given up.
    case nothing
    /// How far the work goes, such as `simulate.steps`: existing work is the beginning of the same work.
    case extent
    /// The key decides only the rest of the work. A change takes force; existing work keeps the former value and records it.
    case onward
    /// Existing work could not go on with a new value, not even by force.
    case fixed(because: String)

    private var weight: Int {
        switch self {
        case .nothing: 0
        case .extent: 1
        case .onward: 2
        case .fixed: 3
        }
    }

    /// The graver of two.
    static func graver(_ a: RecipeKeyEffect, _ b: RecipeKeyEffect) -> RecipeKeyEffect { a.weight >= b.weight ? a : b }
}

/// The stages whose work is saved before it is finished. An ensemble of `coarsen` is work of `simulate`; `audit` takes its recipe from
/// the trajectory.
package enum BegunStage: String, CaseIterable, Sendable {
    case generate, train, learn, simulate

    /// The stage.
    package var name: StageName { StageName(rawValue: rawValue)! }
}

/// What another value of a key means for the work of every stage that saves it unfinished; nothing where a stage is not named.
package struct RecipeKeyEffects: Sendable, Equatable {
    var generate = RecipeKeyEffect.nothing
    var train = RecipeKeyEffect.nothing
    var learn = RecipeKeyEffect.nothing
    package var simulate = RecipeKeyEffect.nothing

    package subscript(stage: BegunStage) -> RecipeKeyEffect {
        get {
            switch stage {
            case .generate: generate
            case .train: train
            case .learn: learn
            case .simulate: simulate
            }
        }
        set {
            switch stage {
            case .generate: generate = newValue
            case .train: train = newValue
            case .learn: learn = newValue
            case .simulate: simulate = newValue
            }
        }
    }

    /// The graver of two, stage by stage.
    static func graver(_ a: RecipeKeyEffects, _ b: RecipeKeyEffects) -> RecipeKeyEffects {
        BegunStage.allCases.reduce(into: RecipeKeyEffects()) { $0[$1] = .graver(a[$1], b[$1]) }
    }

    /// A key that only decides when work is saved, audited or given up, or that belongs to stages that save nothing unfinished.
    static let conduct = RecipeKeyEffects()

    /// A key of the exact data: they are finished when `train` and `learn` begin, and belong to the recipe.
    static func data(_ effect: RecipeKeyEffect, simulate: RecipeKeyEffect = .nothing) -> RecipeKeyEffects {
        let fixed = RecipeKeyEffect.fixed(because: "the training data were made with the former value")
        return RecipeKeyEffects(generate: effect, train: fixed, learn: fixed, simulate: simulate)
    }

    /// A key of the lattice on which something lives.
    static func sites(_ effects: (RecipeKeyEffect) -> RecipeKeyEffects) -> RecipeKeyEffects {
        effects(.fixed(because: "existing work lives on the former sites"))
    }

    /// A key of an architecture: a training that was begun has its parameters. Further rounds of `learn` may have another.
    static let architecture = RecipeKeyEffects(
        train: .fixed(because: "existing parameters belong to the former architecture"), learn: .onward)

    /// An option of a solver, for the stages that name the solver.
    static let solver = data(.onward, simulate: .onward)

    /// A key of the training. `learn` trains every round as the round began.
    static func training(_ effect: RecipeKeyEffect) -> RecipeKeyEffects { RecipeKeyEffects(train: effect, learn: .onward) }
}

/// A table of the recipe that is decoded key by key.
package protocol RecipeTable {
    /// In the order in which they are written.
    static var keys: [RecipeKey<Self>] { get }
    /// The same with those that depend on the model.
    var allKeys: [RecipeKey<Self>] { get }
}

extension RecipeTable {
    package var allKeys: [RecipeKey<Self>] { Self.keys }

    /// Sets the properties whose keys are there and leaves the others.
    ///
    /// - Throws: ``RecipeError`` for the first wrong value or unknown key.
    mutating func read(_ reader: TableReader) throws {
        let keys = allKeys
        try reader.refuseKeys(except: keys.map(\.name))
        for key in keys { try key.read(reader, &self) }
    }

    /// What another value of a key means for begun work.
    func effects(of key: String) -> RecipeKeyEffects { allKeys.first { $0.name == key }!.effects(self) }

    static var keyNames: [String] { keys.map(\.name) }

    /// Keys and values as canonical TOML.
    var entries: [(key: String, value: String)] {
        allKeys.compactMap { key in key.text(self).map { (key.name, $0) } }
    }
}

extension RecipeKey {
    static func number(_ name: String, _ path: WritableKeyPath<Table, Double>, _ allowed: NumberLimits) -> UndecidedKey<Table> {
        property(name, path, read: { try $0.number(name, allowed: allowed) }, text: TOMLText.text)
    }

    static func integer(_ name: String, _ path: WritableKeyPath<Table, Int>, _ allowed: ClosedRange<Int>) -> UndecidedKey<Table> {
        property(name, path, read: { try $0.integer(name, allowed: allowed) }, text: TOMLText.text)
    }

    static func boolean(_ name: String, _ path: WritableKeyPath<Table, Bool>) -> UndecidedKey<Table> {
        property(name, path, read: { try $0.boolean(name) }, text: TOMLText.text)
    }

    static func integers(_ name: String, _ path: WritableKeyPath<Table, [Int]>, _ allowed: ClosedRange<Int>) -> UndecidedKey<
        Table
    > {
        property(name, path, read: { try $0.integers(name, allowed: allowed) }, text: TOMLText.text)
    }

    static func numbers(_ name: String, _ path: WritableKeyPath<Table, [Double]>, _ allowed: NumberLimits) -> UndecidedKey<Table>
    {
        property(name, path, read: { try $0.numbers(name, allowed: allowed) }, text: TOMLText.text)
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<Table, Choice>
    ) -> UndecidedKey<Table> {
        property(name, path, read: { try $0.choice(name, Choice.self) }, text: { TOMLText.text($0.rawValue) })
    }

    /// An array of names.
    static func choices<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<Table, [Choice]>
    ) -> UndecidedKey<Table> {
        property(
            name, path, read: { try $0.choices(name, Choice.self) },
            text: { "[" + $0.map { TOMLText.text($0.rawValue) }.joined(separator: ", ") + "]" })
    }

    /// A name that must be one of `allowed`.
    static func name(_ name: String, _ path: WritableKeyPath<Table, String>, _ allowed: [String]) -> UndecidedKey<Table> {
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
    static func size(_ name: String, _ path: WritableKeyPath<Table, [Int]>) -> UndecidedKey<Table> {
        integers(name, path, 1...1 << 20)
    }

    /// A key for the property at `path`; `read` gives nil if the key is not there.
    private static func property<Value>(
        _ name: String, _ path: WritableKeyPath<Table, Value>, read: @escaping (TableReader) throws -> Value?,
        text: @escaping (Value) -> String
    ) -> UndecidedKey<Table> {
        UndecidedKey(
            name: name,
            read: { reader, table in
                if let value = try read(reader) { table[keyPath: path] = value }
            },
            text: { text($0[keyPath: path]) })
    }
}
