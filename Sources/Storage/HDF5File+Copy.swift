import CHDF5

extension HDF5File {
    /// Copies a group with all that is in it, or a dataset, from another file to the same path in this one, attributes included.
    /// Names of one and the same object stay that within what is copied.
    ///
    /// - Throws: ``StorageError`` `.missing` or `.malformed` of the other file; `.unwritable` or `.outOfSpace`.
    public func copy(_ path: String, from other: HDF5File) throws {
        try withFile { file in
            try other.withObject(path) { _ in }
            try createParentGroup(of: path)
            let (defaults, place) = (HDF5Library.defaultProperties, Self.absolute(path))
            try other.withFile { source in
                guard H5Ocopy(source, place, file, place, defaults, defaults) >= 0 else {
                    throw failure(.unwritable, "cannot copy '\(path)' from \(other.path)")
                }
            }
        }
    }
}
