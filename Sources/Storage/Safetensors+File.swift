import Foundation

extension Safetensors {
    /// Reads a file.
    ///
    /// - Throws: ``StorageError``: `.missing` or `.unreadable`; `.malformed` if it is no safetensors file, truncated, too
    ///   long, or if its tensors overlap or leave gaps; `.wrongType` for element types other than F32, F64 and I64.
    public init(contentsOf path: String) throws {
        let file = try InputFile(path)
        let header = try SafetensorsHeader(file)
        tensors = try header.entries.map { entry in
            let values: Tensor.Values =
                switch entry.elementType {
                case .float32: .float32(try file.elements(Float.self, at: entry.offset, count: entry.count))
                case .float64: .float64(try file.elements(Double.self, at: entry.offset, count: entry.count))
                case .int64: .int64(try file.elements(Int64.self, at: entry.offset, count: entry.count))
                }
            return Tensor(name: entry.name, shape: entry.shape, values: values)
        }
        metadata = header.metadata
        self.path = path
    }

    /// The bytes of the file.
    public func serialized() -> Data {
        let header = SafetensorsHeader.bytes(of: self)
        let size = tensors.reduce(header.count) { $0 + $1.values.count * $1.values.elementType.size }
        var data = Data(capacity: size)
        data.append(contentsOf: header)
        for tensor in tensors {
            tensor.values.withUnsafeBytes { data.append(contentsOf: $0) }
        }
        return data
    }

    /// Writes the file atomically.
    ///
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`; the file that was there is then untouched.
    public func write(to path: String) throws {
        try AtomicFile.write(serialized(), to: path)
    }
}
