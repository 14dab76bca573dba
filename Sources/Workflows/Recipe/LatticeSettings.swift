import Lattices

/// `[lattice]`: which lattice, and how large a piece of it makes the training data.
public struct LatticeSettings: Sendable, Equatable {
    /// A name that every recipe finds the lattice by, or the absolute path of its file.
    public var file: String
    /// Cells along each primitive vector, [Lx, Ly].
    public var size: [Int]
    /// What the file says.
    public var geometry: Lattice

    static let sizeDefault = [24, 24]

    /// - Throws: ``RecipeError`` for a wrong key, a lattice that is not found and a lattice file that is wrong.
    init(_ reader: TableReader, search: LatticeSearch) throws {
        try reader.refuseKeys(except: ["file", "size"])
        let name = try reader.text("file") ?? "square"
        do {
            let found = try search.find(name)
            file = found.portableName
            geometry = try LatticeFile.read(found.path)
        } catch let error as LatticeSearch.NotFound {
            throw reader.error("file", error.description)
        }
        size = try reader.integers("size", allowed: 1...1 << 20) ?? Self.sizeDefault
    }

    var entries: [(key: String, value: String)] {
        [("file", TOMLText.text(file)), ("size", TOMLText.text(size))]
    }
}
