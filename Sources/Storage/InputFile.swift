#if _endian(big)
    #error("npy and safetensors files are little-endian, and so must the machine be that reads them in place")
#endif

/// A file being read, which never allocates more than the file holds.
struct InputFile {
    let path: String
    /// Size in bytes when it was opened.
    let size: Int
    private let descriptor: FileDescriptor

    init(_ path: String) throws {
        self.path = path
        descriptor = try FileDescriptor.reading(path)
        size = try descriptor.size()
    }

    /// The bytes from `offset` to `offset + count`.
    func bytes(at offset: Int, count: Int) throws -> [UInt8] {
        try elements(UInt8.self, at: offset, count: count)
    }

    /// `count` little-endian numbers from byte `offset` on; throws if they do not lie within the file.
    func elements<Element: BitwiseCopyable>(_ type: Element.Type, at offset: Int, count: Int) throws -> [Element] {
        let stride = MemoryLayout<Element>.stride
        guard offset >= 0, offset <= size, count >= 0, count <= (size - offset) / stride else {
            throw StorageError(
                .malformed, path: path,
                problem: "is truncated: \(count) elements of \(stride) bytes should follow byte \(offset), "
                    + "but it has only \(size) bytes")
        }
        return try [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
            // Only the first `count` elements: the array may have been given a larger capacity.
            let wanted = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            try descriptor.read(into: wanted, at: offset)
            initialized = count
        }
    }
}
