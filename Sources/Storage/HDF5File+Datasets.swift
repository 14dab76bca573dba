import CHDF5

/// Whole datasets.
///
/// Every array is row-major, its shape giving the length of each axis; an empty shape is a single number. Datasets written here
/// are contiguous and not compressed. Groups above a new dataset are created. Writing to a path that is taken is an error.
extension HDF5File {
    /// Creates a `float64` dataset. - Throws: ``StorageError`` `.unwritable` or `.outOfSpace`.
    public func write(
        _ values: [Double], shape: [Int], to path: String, nonFinite: NonFinite = .refused
    ) throws {
        try requireFinite(values, shape: shape, to: path, except: nonFinite)
        try writeNumbers(values, shape: shape, to: path)
    }

    /// Creates a `float32` dataset. - Throws: ``StorageError`` `.unwritable` or `.outOfSpace`.
    public func write(
        _ values: [Float], shape: [Int], to path: String, nonFinite: NonFinite = .refused
    ) throws {
        try requireFinite(values, shape: shape, to: path, except: nonFinite)
        try writeNumbers(values, shape: shape, to: path)
    }

    /// Creates an `int64` dataset. - Throws: ``StorageError`` `.unwritable` or `.outOfSpace`.
    public func write(_ values: [Int], shape: [Int], to path: String) throws {
        try writeNumbers(values, shape: shape, to: path)
    }

    /// Creates a dataset of texts along one axis, in UTF-8 fields of equal length.
    /// - Throws: ``StorageError`` `.unwritable` or `.outOfSpace`.
    public func write(_ strings: [String], to path: String) throws {
        try writeStrings(strings, shape: [strings.count], to: path)
    }

    /// Creates a dataset of a single text in UTF-8. - Throws: ``StorageError`` `.unwritable` or `.outOfSpace`.
    public func write(_ string: String, to path: String) throws {
        try writeStrings([string], shape: [], to: path)
    }

    /// Reads a `float64` or `float32` dataset.
    ///
    /// - Returns: the elements, row-major, and the length of each axis.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` or `.malformed`.
    public func readDoubles(_ path: String) throws -> (values: [Double], shape: [Int]) {
        try readNumbers(path)
    }

    /// Reads an `int64` or `int32` dataset.
    ///
    /// - Returns: the elements, row-major, and the length of each axis.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` or `.malformed`.
    public func readIntegers(_ path: String) throws -> (values: [Int], shape: [Int]) {
        try readNumbers(path)
    }

    /// Reads a dataset of text in fields of equal length.
    ///
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` or `.malformed`.
    public func readStrings(_ path: String) throws -> [String] {
        try withArray(path) { try $0.strings() }
    }

    /// The length of each axis of a dataset.
    ///
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` if it is a group, or `.malformed`.
    public func shape(of path: String) throws -> [Int] {
        try describing(path) { $0.shape }
    }

    /// What the elements of a dataset are.
    ///
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` if it is a group, or `.malformed`.
    public func elementType(of path: String) throws -> HDF5ElementType {
        try describing(path) { $0.elementType }
    }

    private func readNumbers<Number: HDF5Number>(_ path: String) throws -> (values: [Number], shape: [Int]) {
        let (values, shape) = try withArray(path) { (try $0.numbers(Number.self), $0.shape) }
        try verify(values, of: path)
        return (values, shape)
    }

    /// - Throws: ``StorageError`` `.notFinite`.
    func requireFinite(
        _ values: [some BinaryFloatingPoint], shape: [Int], to path: String, except nonFinite: NonFinite
    ) throws {
        try ArrayShape.requireFinite(
            values, shape: shape, subject: "'\(path)'", path: self.path, kind: .notFinite, except: nonFinite)
    }

    private func writeNumbers<Number: HDF5Number>(_ values: [Number], shape: [Int], to path: String) throws {
        precondition(ArrayShape.count(of: shape) == values.count, "\(values.count) values for \(path) of shape \(shape)")
        try createDataset(path, shape: shape, datatype: Number.fileType, filling: .never) { dataset in
            try values.withUnsafeBytes { try write($0, of: Number.memoryType, to: dataset, path: path) }
        }
        try seal(path)
    }

    private func writeStrings(_ strings: [String], shape: [Int], to path: String) throws {
        try HDF5Library.locked {
            try HDF5Library.withText(strings) { datatype, fields in
                try createDataset(path, shape: shape, datatype: datatype, filling: .never) { dataset in
                    try fields.withUnsafeBytes { try write($0, of: datatype, to: dataset, path: path) }
                }
            }
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer, of memoryType: hid_t, to dataset: hid_t, path: String) throws {
        guard !bytes.isEmpty else { return }
        let all: hid_t = 0
        guard H5Dwrite(dataset, memoryType, all, all, HDF5Library.defaultProperties, bytes.baseAddress) >= 0 else {
            throw failure(.unwritable, "cannot write '\(path)'")
        }
    }
}

extension HDF5File {
    /// What a new dataset holds before it is written to.
    enum Filling {
        /// Nothing: every element is about to be written.
        case never
        /// Zeros, on the disk before the dataset is used.
        case zeros
    }

    /// Creates a contiguous dataset, its space in the file allotted, and opens it for the duration of `body`.
    func createDataset(
        _ path: String, shape: [Int], datatype: hid_t, filling: Filling, _ body: (hid_t) throws -> Void
    ) throws {
        try createDataset(path, shape: shape, datatype: datatype) { properties in
            H5Pset_layout(properties, H5D_CONTIGUOUS)
            H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY)
            H5Pset_fill_time(properties, filling == .zeros ? H5D_FILL_TIME_ALLOC : H5D_FILL_TIME_NEVER)
        } body: {
            try body($0)
        }
    }

    /// Creates a dataset of the properties that `prepare` sets, and opens it for the duration of `body`.
    func createDataset(
        _ path: String, shape: [Int], datatype: hid_t, prepare: (hid_t) throws -> Void, body: (hid_t) throws -> Void = { _ in }
    ) throws {
        try withFile { file in
            guard try !exists(path) else {
                throw StorageError(.unwritable, path: self.path, problem: "already has '\(path)'")
            }
            try createParentGroup(of: path)
            let properties = H5Pcreate(chdf5_dataset_create())
            defer { H5Pclose(properties) }
            H5Pset_obj_track_times(properties, false)
            try prepare(properties)
            try HDF5Library.withDataspace(shape) { dataspace in
                let defaults = HDF5Library.defaultProperties
                let dataset = H5Dcreate2(file, Self.absolute(path), datatype, dataspace, defaults, properties, defaults)
                guard dataset >= 0 else { throw failure(.unwritable, "cannot create '\(path)'") }
                do {
                    try body(dataset)
                } catch {
                    H5Dclose(dataset)
                    throw error
                }
                // Closing writes what is buffered.
                guard H5Dclose(dataset) >= 0 else { throw failure(.unwritable, "cannot write '\(path)'") }
            }
            if let unit = unit(path) { try writeAttribute("unit", of: path, unit) }
        }
    }

    /// Opens a dataset, be its elements here or in other files, to tell of its type and shape.
    private func describing<Result>(_ path: String, _ body: (HDF5Array) -> Result) throws -> Result {
        try withDataset(path) { _, datatype, dataspace in
            body(
                try HDF5Array(
                    file: self, subject: "'\(path)'", datatype: datatype, dataspace: dataspace, available: 0, read: { _, _ in -1 }
                ))
        }
    }

    /// Opens a dataset for reading all of it, for the duration of `body`.
    func withArray<Result>(_ path: String, _ body: (HDF5Array) throws -> Result) throws -> Result {
        try withDataset(path) { dataset, datatype, dataspace in
            let array = try HDF5Array(
                file: self, subject: "'\(path)'", datatype: datatype, dataspace: dataspace,
                available: expandedSize(of: dataset, path: path)
            ) { memoryType, address in
                let all: hid_t = 0
                return H5Dread(dataset, memoryType, all, all, HDF5Library.defaultProperties, address)
            }
            return try body(array)
        }
    }

    /// Opens a dataset, its datatype and its dataspace for the duration of `body`.
    func withDataset<Result>(
        _ path: String, _ body: (_ dataset: hid_t, _ datatype: hid_t, _ dataspace: hid_t) throws -> Result
    ) throws -> Result {
        try withObject(path) { dataset in
            guard H5Iget_type(dataset) == H5I_DATASET else {
                throw StorageError(.wrongType, path: self.path, problem: "'\(path)' is a group; a dataset is needed")
            }
            let datatype = H5Dget_type(dataset)
            guard datatype >= 0 else { throw failure(.malformed, "cannot read the type of '\(path)'") }
            defer { H5Tclose(datatype) }
            let dataspace = H5Dget_space(dataset)
            guard dataspace >= 0 else { throw failure(.malformed, "cannot read the shape of '\(path)'") }
            defer { H5Sclose(dataspace) }
            return try body(dataset, datatype, dataspace)
        }
    }

    /// How many bytes the stored part of a dataset can expand to at most. A dataset kept in other files is refused.
    ///
    /// - Parameter isWhole: whether all of it is wanted. For a part the bound is that of the whole file if the dataset is
    ///   compressed, because the library counts all its chunks each time.
    func expandedSize(of dataset: hid_t, path: String, isWhole: Bool = true) throws -> Int {
        let properties = H5Dget_create_plist(dataset)
        guard properties >= 0 else { throw failure(.malformed, "cannot read the layout of '\(path)'") }
        defer { H5Pclose(properties) }
        let layout = H5Pget_layout(properties)
        let isInternal = layout == H5D_CONTIGUOUS || layout == H5D_CHUNKED || layout == H5D_COMPACT
        guard isInternal, H5Pget_external_count(properties) == 0 else {
            throw StorageError(
                .malformed, path: self.path, problem: "'\(path)' keeps its elements in other files, which are not read")
        }
        let isCompressed = H5Pget_nfilters(properties) > 0
        let stored = isCompressed && !isWhole ? try size() : min(Int(clamping: H5Dget_storage_size(dataset)), try size())
        guard isCompressed else { return stored }
        // Deflate, the usual compression, makes its input at most 1032 times smaller.
        let (expanded, overflow) = stored.multipliedReportingOverflow(by: 1032)
        return overflow ? Int.max : expanded
    }
}
