import CHDF5

/// Datasets that grow into space reserved for them: row `i` of the first axis at a time.
///
/// Once a reserved dataset has been created and ``flush()`` has returned, writing rows changes nothing but the numbers
/// themselves, in place, until the file is closed. A program that is killed at any moment therefore leaves a readable file,
/// and a full disk shows when the space is reserved rather than in the middle of a run. How far the run has come belongs
/// into a reserved dataset too, not into an attribute.
///
/// Killed before that ``flush()``, it leaves a file that is refused as malformed. Whoever wants none at all creates and
/// closes the file within ``AtomicFile/replace(_:_:)``, and then opens it for writing.
extension HDF5File {
    /// What a reserved dataset is made of.
    public enum ReservedType: Sendable {
        /// IEEE single precision.
        case float32
        /// IEEE double precision.
        case float64
        /// Signed 64-bit integers.
        case int64

        var fileType: hid_t {
            switch self {
            case .float32: Float.fileType
            case .float64: Double.fileType
            case .int64: Int.fileType
            }
        }
    }

    /// Creates a dataset of zeros, whose bytes are all on the disk (or on the way there) when this returns.
    ///
    /// - Parameters:
    ///   - path: of the dataset; missing groups on the way are made.
    ///   - shape: the length of each axis; the first counts the rows.
    ///   - type: of the elements.
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`.
    public func createReserved(_ path: String, shape: [Int], type: ReservedType) throws {
        precondition(!shape.isEmpty && ArrayShape.count(of: shape) != nil, "\(path) cannot have shape \(shape)")
        try HDF5Library.locked {
            try createDataset(path, shape: shape, datatype: type.fileType, filling: .zeros) { _ in }
        }
    }

    /// Overwrites row `index` of a dataset of real numbers, in place.
    ///
    /// - Throws: ``StorageError`` `.missing`, `.wrongType`, `.wrongShape` if there is no such row or it has not as many
    ///   elements as `values`, `.unwritable` or `.outOfSpace`.
    public func writeRow(
        _ path: String, index: Int, _ values: [Double], nonFinite: NonFinite = .refused
    ) throws {
        try requireFinite(values, shape: [values.count], to: path, except: nonFinite)
        try writeNumbers(path, index..<index + 1, values)
    }

    /// Overwrites row `index` of a dataset of real numbers, in place. - Throws: as for `float64` elements.
    public func writeRow(
        _ path: String, index: Int, _ values: [Float], nonFinite: NonFinite = .refused
    ) throws {
        try requireFinite(values, shape: [values.count], to: path, except: nonFinite)
        try writeNumbers(path, index..<index + 1, values)
    }

    /// Overwrites row `index` of a dataset of whole numbers, in place. - Throws: as for `float64` elements.
    public func writeRow(_ path: String, index: Int, _ values: [Int]) throws {
        try writeNumbers(path, index..<index + 1, values)
    }

    /// Overwrites consecutive rows of a dataset of real numbers along one axis, in place.
    ///
    /// - Throws: as for a single row.
    public func writeRows(
        _ path: String, from index: Int, _ values: [Double], nonFinite: NonFinite = .refused
    ) throws {
        try requireFinite(values, shape: [values.count], to: path, except: nonFinite)
        try writeNumbers(path, index..<index + values.count, values)
    }

    /// Reads consecutive rows of a dataset of real numbers.
    ///
    /// - Returns: the elements, row-major, and their shape: the length of `rows`, then the other axes.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType`, `.malformed`, or `.wrongShape` if there are no such rows.
    public func readRows(_ path: String, _ rows: Range<Int>) throws -> (values: [Double], shape: [Int]) {
        try readNumbers(path, rows)
    }

    /// Reads consecutive rows of a dataset of whole numbers.
    ///
    /// - Returns: the elements, row-major, and their shape: the length of `rows`, then the other axes.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType`, `.malformed`, or `.wrongShape` if there are no such rows.
    public func readIntegerRows(_ path: String, _ rows: Range<Int>) throws -> (values: [Int], shape: [Int]) {
        try readNumbers(path, rows)
    }

    private func writeNumbers<Number: HDF5Number>(_ path: String, _ rows: Range<Int>, _ values: [Number]) throws {
        try withRows(path, rows, of: Number.self) { dataset, shape, selected, memory in
            guard ArrayShape.count(of: shape) == values.count else {
                throw StorageError(
                    .wrongShape, path: self.path,
                    problem: "a row of '\(path)' has shape \(ArrayShape.text(Array(shape.dropFirst()))); "
                        + "it cannot take \(values.count) values")
            }
            guard !values.isEmpty else { return }
            try unseal(dataset, path: path)
            guard H5Dwrite(dataset, Number.memoryType, memory, selected, HDF5Library.defaultProperties, values) >= 0,
                // Hands the row to the operating system now, so that a kill right after this keeps it and an error shows.
                H5Dflush(dataset) >= 0
            else { throw failure(.unwritable, "cannot write row \(rows.lowerBound) of '\(path)'") }
        }
    }

    private func readNumbers<Number: HDF5Number>(_ path: String, _ rows: Range<Int>) throws -> (values: [Number], shape: [Int]) {
        try withRows(path, rows, of: Number.self) { dataset, shape, selected, memory in
            let count = ArrayShape.count(of: shape)!
            let values = try [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
                guard count > 0 else { return }
                let properties = HDF5Library.defaultProperties
                guard H5Dread(dataset, Number.memoryType, memory, selected, properties, buffer.baseAddress) >= 0 else {
                    throw failure(.malformed, "cannot read rows \(rows) of '\(path)'")
                }
                initialized = count
            }
            return (values, shape)
        }
    }

    /// Opens a dataset and selects rows of it for the duration of `body`, which gets the dataset, the shape of the
    /// selection, and the dataspaces of the selection and of the memory.
    private func withRows<Number: HDF5Number, Result>(
        _ path: String, _ rows: Range<Int>, of type: Number.Type,
        _ body: (_ dataset: hid_t, _ shape: [Int], _ selected: hid_t, _ memory: hid_t) throws -> Result
    ) throws -> Result {
        try withDataset(path) { dataset, datatype, dataspace in
            let array = try HDF5Array(
                file: self, subject: "'\(path)'", datatype: datatype, dataspace: dataspace,
                available: expandedSize(of: dataset, path: path, isWhole: false), read: { _, _ in -1 })
            try array.requireAccepted(by: type)
            _ = try array.requirePlausible()
            guard let rowCount = array.shape.first, rows.lowerBound >= 0, rows.upperBound <= rowCount else {
                throw StorageError(
                    .wrongShape, path: self.path,
                    problem: "'\(path)' has shape \(ArrayShape.text(array.shape)); "
                        + "it has no rows \(rows.lowerBound)..<\(rows.upperBound)")
            }
            let shape = [rows.count] + array.shape.dropFirst()
            let start = [hsize_t(rows.lowerBound)] + [hsize_t](repeating: 0, count: shape.count - 1)
            if !shape.contains(0) {
                let lengths = shape.map(hsize_t.init)
                guard H5Sselect_hyperslab(dataspace, H5S_SELECT_SET, start, nil, lengths, nil) >= 0 else {
                    throw failure(.malformed, "cannot select rows of '\(path)'")
                }
            }
            return try HDF5Library.withDataspace(shape) { try body(dataset, shape, dataspace, $0) }
        }
    }
}
