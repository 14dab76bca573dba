import Foundation
import Lattices

/// `[lattice]`: which lattice, and how large a piece of it makes the training data.
public struct LatticeSettings: Sendable, Equatable {
    /// A name that every recipe finds the lattice by, or the absolute path of its file.
    public var file: String
    /// Cells along each primitive vector, [Lx, Ly]; about 576 sites unless given.
    public var size: [Int]
    /// Whether each direction is periodic, of the exact data and of the simulation; all are unless given.
    public var periodic: [Bool]
    /// What the file says.
    public var geometry: Lattice

    /// Sites of the exact data where the recipe is silent, about: an even number of cells, the same in every direction.
    private static let usualSites = 576.0

    private static func usualSize(_ lattice: Lattice) -> [Int] {
        let side = pow(usualSites / Double(lattice.basis.count), 1 / Double(lattice.dimension))
        return lattice.primitiveVectors.map { _ in max(2, Int(side / 2 + 1e-9) * 2) }
    }

    /// The keys and what another value means for begun work. Simulations have a size of their own.
    static let keys: KeyValuePairs<String, RecipeKeyEffects> = [
        "file": .sites { .data($0, simulate: $0) }, "size": .sites { .data($0) }, "periodic": .sites { .data($0, simulate: $0) },
    ]

    func effects(of key: String) -> RecipeKeyEffects { Self.keys.first { $0.key == key }!.value }

    /// - Throws: ``RecipeError`` for a wrong key, a lattice that is not found and a lattice file that is wrong.
    init(_ reader: TableReader, search: LatticeSearch) throws {
        try reader.refuseKeys(except: Self.keys.map(\.key))
        let name = try reader.text("file") ?? "square"
        do {
            let found = try search.find(name)
            file = found.portableName
            geometry = try LatticeFile.read(found.path)
        } catch let error as LatticeSearch.NotFound {
            throw reader.error("file", error.description)
        }
        size = try reader.integers("size", allowed: 1...1 << 20) ?? Self.usualSize(geometry)
        periodic = try reader.booleans("periodic") ?? geometry.primitiveVectors.map { _ in true }
        guard periodic.count == geometry.dimension else {
            throw reader.error(
                "periodic",
                "\(periodic) is not allowed; the \(geometry.name) lattice needs \(geometry.dimension) of true and false")
        }
    }

    /// Whether there are no open ends.
    public var isPeriodic: Bool { periodic.allSatisfy(\.self) }

    /// `periodic` is written only where there are open ends.
    var entries: [(key: String, value: String)] {
        [("file", TOMLText.text(file)), ("size", TOMLText.text(size))]
            + (isPeriodic ? [] : [("periodic", TOMLText.text(periodic))])
    }
}
