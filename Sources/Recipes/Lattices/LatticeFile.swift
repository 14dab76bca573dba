import Lattices

/// Lattice files: TOML with `name`, `primitive_vectors`, `basis` and `[[bonds]]` of `from`, `to`, `cell` and `shell`.
public enum LatticeFile {
    /// Reads the lattice file at `path`.
    ///
    /// - Throws: ``RecipeError`` for a file that cannot be read, is not TOML, or describes no lattice.
    public static func read(_ path: String) throws -> Lattice {
        try lattice(in: TOMLDocument(contentsOf: path))
    }

    /// Reads a lattice from the text of a lattice file; messages name `file`.
    ///
    /// - Throws: ``RecipeError``
    package static func parse(_ text: String, file: String) throws -> Lattice {
        try lattice(in: TOMLDocument(text, file: file))
    }

    /// A lattice as canonical TOML, which reads back as an equal lattice.
    public static func text(of lattice: Lattice) -> String {
        func rows(_ matrix: [[Double]]) -> String { "[" + matrix.map { TOMLText.text($0) }.joined(separator: ", ") + "]" }
        let head = """
            name = \(TOMLText.text(lattice.name))
            primitive_vectors = \(rows(lattice.primitiveVectors))
            basis = \(rows(lattice.basis))

            """
        let bonds = lattice.bonds.map { bond in
            "\n[[bonds]]\nfrom = \(bond.from)\nto = \(bond.to)\ncell = \(TOMLText.text(bond.cell))\n"
                + (bond.shell == 1 ? "" : "shell = \(bond.shell)\n")
        }
        return head + bonds.joined()
    }

    private static func lattice(in document: TOMLDocument) throws -> Lattice {
        let root = TableReader(document)
        try root.refuseKeys(except: ["name", "primitive_vectors", "basis", "bonds"])
        func required<Value>(_ key: String, _ value: Value?) throws -> Value {
            guard let value else { throw root.error(key, "is missing") }
            return value
        }
        let bonds = try root.subtables("bonds").map { bond in
            try bond.refuseKeys(except: ["from", "to", "cell", "shell"])
            guard let cell = try bond.integers("cell", allowed: -64...64) else { throw bond.error("cell", "is missing") }
            return try Lattice.Bond(
                from: bond.integer("from", allowed: 0...1000) ?? 0, to: bond.integer("to", allowed: 0...1000) ?? 0, cell: cell,
                shell: bond.integer("shell", allowed: Lattice.shells) ?? 1)
        }
        do {
            return try Lattice(
                name: required("name", root.text("name")),
                primitiveVectors: required("primitive_vectors", root.matrix("primitive_vectors")),
                basis: required("basis", root.matrix("basis")), bonds: bonds)
        } catch let error as LatticeError {
            throw root.error(error.key, error.problem)
        }
    }
}
