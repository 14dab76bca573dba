import CHDF5

/// Attributes: small values attached to a group or dataset. The root group's, at `/`, describe the file.
extension HDF5File {
    /// Sets an attribute to a text.
    /// - Throws: ``StorageError`` `.missing` if there is nothing at `path`; `.unwritable` or `.outOfSpace`.
    public func writeAttribute(_ name: String, of path: String, _ value: String) throws {
        try writeStrings(name, of: path, [value], shape: [])
    }

    /// Sets an attribute to texts along one axis.
    /// - Throws: ``StorageError`` `.missing` if there is nothing at `path`; `.unwritable` or `.outOfSpace`.
    public func writeAttribute(_ name: String, of path: String, _ values: [String]) throws {
        try writeStrings(name, of: path, values, shape: [values.count])
    }

    /// Sets an attribute to a real number.
    /// - Throws: ``StorageError`` `.missing` if there is nothing at `path`; `.unwritable` or `.outOfSpace`.
    public func writeAttribute(_ name: String, of path: String, _ value: Double) throws {
        try writeNumbers(name, of: path, [value], shape: [])
    }

    /// Sets an attribute to real numbers along one axis.
    /// - Throws: ``StorageError`` `.missing` if there is nothing at `path`; `.unwritable` or `.outOfSpace`.
    public func writeAttribute(_ name: String, of path: String, _ values: [Double]) throws {
        try writeNumbers(name, of: path, values, shape: [values.count])
    }

    /// Sets an attribute to a whole number.
    /// - Throws: ``StorageError`` `.missing` if there is nothing at `path`; `.unwritable` or `.outOfSpace`.
    public func writeAttribute(_ name: String, of path: String, _ value: Int) throws {
        try writeNumbers(name, of: path, [value], shape: [])
    }

    /// Sets an attribute to whole numbers along one axis.
    /// - Throws: ``StorageError`` `.missing` if there is nothing at `path`; `.unwritable` or `.outOfSpace`.
    public func writeAttribute(_ name: String, of path: String, _ values: [Int]) throws {
        try writeNumbers(name, of: path, values, shape: [values.count])
    }

    /// Whether the group or dataset at `path` has an attribute called `name`.
    /// - Throws: ``StorageError`` `.missing` if there is nothing at `path`, or `.malformed`.
    public func hasAttribute(_ name: String, of path: String) throws -> Bool {
        try withObject(path) { try hasAttribute(name, of: $0, path: path) }
    }

    /// The names of the attributes of a group or dataset, sorted.
    /// - Throws: ``StorageError`` `.missing` if there is nothing at `path`, or `.malformed`.
    public func attributeNames(of path: String) throws -> [String] {
        try withObject(path) { object in
            var names: [String] = []
            let visit: H5A_operator2_t = { _, name, _, names in
                guard let name, let names else { return -1 }
                names.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
                return 0
            }
            // In the order of the file, as in ``children(of:)``.
            var index: hsize_t = 0
            let outcome = withUnsafeMutablePointer(to: &names) {
                H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &index, visit, $0)
            }
            guard outcome >= 0 else { throw failure(.malformed, "cannot read the attributes of '\(path)'") }
            return names.sorted()
        }
    }

    /// An attribute that is a single text.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType`, `.wrongShape` or `.malformed`.
    public func readStringAttribute(_ name: String, of path: String) throws -> String {
        try withAttribute(name, of: path) { try single($0.strings(), of: $0) }
    }

    /// An attribute of texts.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` or `.malformed`.
    public func readStringsAttribute(_ name: String, of path: String) throws -> [String] {
        try withAttribute(name, of: path) { try $0.strings() }
    }

    /// An attribute that is a single real number.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType`, `.wrongShape` or `.malformed`.
    public func readDoubleAttribute(_ name: String, of path: String) throws -> Double {
        try withAttribute(name, of: path) { try single($0.numbers(Double.self), of: $0) }
    }

    /// An attribute of real numbers.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` or `.malformed`.
    public func readDoublesAttribute(_ name: String, of path: String) throws -> [Double] {
        try withAttribute(name, of: path) { try $0.numbers(Double.self) }
    }

    /// An attribute that is a single whole number.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType`, `.wrongShape` or `.malformed`.
    public func readIntegerAttribute(_ name: String, of path: String) throws -> Int {
        try withAttribute(name, of: path) { try single($0.numbers(Int.self), of: $0) }
    }

    /// An attribute of whole numbers.
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` or `.malformed`.
    public func readIntegersAttribute(_ name: String, of path: String) throws -> [Int] {
        try withAttribute(name, of: path) { try $0.numbers(Int.self) }
    }

    private func single<Value>(_ values: [Value], of array: HDF5Array) throws -> Value {
        guard values.count == 1 else {
            throw StorageError(
                .wrongShape, path: path,
                problem: "\(array.subject) has shape \(ArrayShape.text(array.shape)); a single value is needed")
        }
        return values[0]
    }

    private func writeNumbers<Number: HDF5Number>(_ name: String, of path: String, _ values: [Number], shape: [Int]) throws {
        try HDF5Library.locked {
            try values.withUnsafeBytes {
                try replaceAttribute(name, of: path, shape: shape, fileType: Number.fileType, memoryType: Number.memoryType, $0)
            }
        }
    }

    private func writeStrings(_ name: String, of path: String, _ values: [String], shape: [Int]) throws {
        try HDF5Library.locked {
            try HDF5Library.withText(values) { datatype, fields in
                try fields.withUnsafeBytes {
                    try replaceAttribute(name, of: path, shape: shape, fileType: datatype, memoryType: datatype, $0)
                }
            }
        }
    }

    private func replaceAttribute(
        _ name: String, of path: String, shape: [Int], fileType: hid_t, memoryType: hid_t, _ bytes: UnsafeRawBufferPointer
    ) throws {
        try withObject(path) { object in
            if try hasAttribute(name, of: object, path: path) {
                guard H5Adelete(object, name) >= 0 else {
                    throw failure(.unwritable, "cannot replace attribute '\(name)' of '\(path)'")
                }
            }
            try HDF5Library.withDataspace(shape) { dataspace in
                let defaults = HDF5Library.defaultProperties
                let attribute = H5Acreate2(object, name, fileType, dataspace, defaults, defaults)
                guard attribute >= 0 else { throw failure(.unwritable, "cannot create attribute '\(name)' of '\(path)'") }
                defer { H5Aclose(attribute) }
                guard bytes.isEmpty || H5Awrite(attribute, memoryType, bytes.baseAddress) >= 0 else {
                    throw failure(.unwritable, "cannot write attribute '\(name)' of '\(path)'")
                }
            }
        }
    }

    private func hasAttribute(_ name: String, of object: hid_t, path: String) throws -> Bool {
        let found = H5Aexists(object, name)
        guard found >= 0 else { throw failure(.malformed, "cannot look for attribute '\(name)' of '\(path)'") }
        return found > 0
    }

    /// Opens an attribute for reading, for the duration of `body`.
    private func withAttribute<Result>(_ name: String, of path: String, _ body: (HDF5Array) throws -> Result) throws -> Result {
        try withObject(path) { object in
            guard try hasAttribute(name, of: object, path: path) else {
                throw StorageError(.missing, path: self.path, problem: "'\(path)' has no attribute '\(name)'")
            }
            let attribute = H5Aopen(object, name, HDF5Library.defaultProperties)
            guard attribute >= 0 else { throw failure(.malformed, "cannot open attribute '\(name)' of '\(path)'") }
            defer { H5Aclose(attribute) }
            let datatype = H5Aget_type(attribute)
            guard datatype >= 0 else { throw failure(.malformed, "cannot read the type of attribute '\(name)' of '\(path)'") }
            defer { H5Tclose(datatype) }
            let dataspace = H5Aget_space(attribute)
            guard dataspace >= 0 else { throw failure(.malformed, "cannot read the shape of attribute '\(name)' of '\(path)'") }
            defer { H5Sclose(dataspace) }
            let array = try HDF5Array(
                file: self, subject: "attribute '\(name)' of '\(path)'", datatype: datatype, dataspace: dataspace,
                available: try size(), read: { H5Aread(attribute, $0, $1) })
            return try body(array)
        }
    }
}
