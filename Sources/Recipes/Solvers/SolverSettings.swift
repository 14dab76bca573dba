import LatticeNumerics

/// The tables of solvers in a recipe: the options of every solver, at their defaults where there is no table.
public struct SolverSettings: Sendable, Equatable {
    private var tables: [SolverName: any SolverOptions] = [:]

    /// Every option at its default.
    public init() {}

    /// Reads the tables of all solvers.
    ///
    /// - Throws: ``RecipeError``
    init(_ root: TableReader) throws {
        for name in SolverName.allCases {
            guard let table = name.table, root.contains(table) else { continue }
            try read(name, root.subtable(table))
        }
    }

    /// Sets the tiling that blocks had before there was a choice.
    mutating func layBlocksFromCellZero() {
        guard var options = self[.localDiagonalization] as? LocalDiagonalizationOptions, options.hasBlocks else { return }
        options.tiling = .fixed
        self[.localDiagonalization] = options
    }

    /// Names of the tables that a recipe may have.
    static var tableNames: [String] { SolverName.allCases.compactMap(\.table) }

    package subscript(name: SolverName) -> any SolverOptions {
        get { tables[name] ?? name.options.init() }
        set { tables[name] = newValue }
    }

    /// Sets the options that are in the table and leaves the others.
    private mutating func read(_ name: SolverName, _ reader: TableReader) throws {
        var options = self[name]
        try options.read(reader)
        self[name] = options
    }

    /// What stands in a ``RecipeError`` for the file of options that the command line gives.
    public static let commandLine = "command line"

    /// Sets options as the command line gives them.
    ///
    /// - Parameter values: keys of the solver's table, and TOML.
    /// - Throws: ``RecipeError`` for a key that the solver has not, or a value that is not allowed.
    public mutating func set(_ name: SolverName, _ values: [(key: String, value: String)]) throws {
        let table = name.table ?? name.rawValue
        let lines = values.map { "\($0.key) = \($0.value)\n" }.joined()
        let document = try TOMLDocument("[\(table)]\n" + lines, file: Self.commandLine)
        try read(name, TableReader(document).subtable(table))
    }

    /// Keys and values of a solver's table as canonical TOML.
    package func entries(of name: SolverName) -> [(key: String, value: String)] { self[name].entries }

    /// Whether some of the options are not the defaults.
    func isChanged(_ name: SolverName) -> Bool { !Self.agree(self, SolverSettings(), on: name) }

    /// Equal if all options are, however they were found.
    public static func == (a: SolverSettings, b: SolverSettings) -> Bool {
        SolverName.allCases.allSatisfy { agree(a, b, on: $0) }
    }

    private static func agree(_ a: SolverSettings, _ b: SolverSettings, on name: SolverName) -> Bool {
        a.entries(of: name).elementsEqual(b.entries(of: name), by: ==)
    }
}
