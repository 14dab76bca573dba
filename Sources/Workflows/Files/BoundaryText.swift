import Lattices
import Storage

/// Boundaries as H5MD writes them: "periodic" or "none" in each direction.
enum BoundaryText {
    static func texts(_ periodic: [Bool]) -> [String] { periodic.map { $0 ? "periodic" : "none" } }

    /// Reads the attribute `boundary` of a group.
    ///
    /// - Throws: `StorageError` if it is not there or says anything else.
    static func read(from file: HDF5File, of group: String) throws -> [Bool] {
        try file.readStringsAttribute("boundary", of: group).map { text in
            switch text {
            case "periodic": return true
            case "none": return false
            default:
                throw StorageError(
                    .malformed, path: file.path, problem: "boundary '\(text)'; 'periodic' and 'none' are allowed")
            }
        }
    }
}

/// How the site variable of a file transforms, in the attribute `site_variable`: `scalar`, `polar vector`, …, `B1 + A1`.
extension SiteVariable.Kind {
    private static let recordKey = "site_variable"

    func record(in file: HDF5File, of group: String) throws {
        try file.writeAttribute(Self.recordKey, of: group, description)
    }

    /// That of a file, in which a scalar need not be named.
    ///
    /// - Throws: `StorageError` if it is none of the lattice.
    static func recorded(in file: HDF5File, of group: String, on lattice: Lattice) throws -> Self {
        guard try file.hasAttribute(recordKey, of: group) else { return .scalar }
        let text = try file.readStringAttribute(recordKey, of: group)
        guard let kind = Self(text) else {
            throw StorageError(.malformed, path: file.path, problem: "its site variable is of the unknown kind '\(text)'")
        }
        do { try kind.validate(on: lattice) } catch let error as LatticeError {
            throw StorageError(.malformed, path: file.path, problem: error.problem)
        }
        return kind
    }
}
