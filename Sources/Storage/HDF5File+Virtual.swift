import CHDF5

/// Datasets that are in other files, for other programs: this room follows no link to another file.
extension HDF5File {
    /// Where a row of a virtual dataset is.
    public struct RowSource: Sendable {
        /// The file, named from the folder of the file that has the virtual dataset.
        public let file: String
        /// A dataset in it, of the shape of a row.
        public let dataset: String

        /// A dataset of another file, which need not be there yet.
        public init(file: String, dataset: String) {
            self.file = file
            self.dataset = dataset
        }
    }

    /// Creates a `float64` dataset whose rows are datasets of other files; where those are missing it reads as NaN.
    ///
    /// The file should not be opened here again: a damaged list of sources crashes the library.
    ///
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`.
    public func createVirtual(_ path: String, rows: [RowSource], row shape: [Int]) throws {
        try HDF5Library.locked {
            let whole = [rows.count] + shape
            try createDataset(path, shape: whole, datatype: Double.fileType) { properties in
                var missing = Double.nan
                guard H5Pset_fill_value(properties, Double.memoryType, &missing) >= 0 else {
                    throw failure(.unwritable, "cannot create '\(path)'")
                }
                try HDF5Library.withDataspace(whole) { target in
                    try HDF5Library.withDataspace(shape) { source in
                        for (index, row) in rows.enumerated() {
                            let start = [hsize_t(index)] + shape.map { _ in 0 }
                            let size = [1] + shape.map(hsize_t.init)
                            guard H5Sselect_hyperslab(target, H5S_SELECT_SET, start, nil, size, nil) >= 0,
                                H5Pset_virtual(properties, target, row.file, Self.absolute(row.dataset), source) >= 0
                            else { throw failure(.unwritable, "cannot create '\(path)'") }
                        }
                    }
                }
            }
        }
    }

    /// Lets `path` be a name of what is, or will be, at `target` in another file (an external link). For other programs, too.
    ///
    /// - Parameters:
    ///   - file: named from the folder of this one.
    ///   - target: the path in it.
    ///   - path: here; groups above it are created.
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`.
    public func linkExternally(file: String, _ target: String, to path: String) throws {
        try withFile { identifier in
            try createParentGroup(of: path)
            let defaults = HDF5Library.defaultProperties
            guard H5Lcreate_external(file, Self.absolute(target), identifier, Self.absolute(path), defaults, defaults) >= 0 else {
                throw failure(.unwritable, "cannot link '\(path)' to \(file)")
            }
        }
    }
}
