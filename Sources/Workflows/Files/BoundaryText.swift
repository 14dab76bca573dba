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
