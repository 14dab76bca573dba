import CHDF5

/// Datasets of `float64` in compressed chunks, which are compressed and written by the caller, one by one.
///
/// The library's own filters read them: any HDF5 program does. A chunk is written as ``CompressedChunk`` makes it.
extension HDF5File {
    /// Creates a dataset in chunks, none of which is there yet; what is not written reads as zeros.
    ///
    /// - Parameters:
    ///   - path: of the dataset; missing groups on the way are made.
    ///   - shape: the length of each axis.
    ///   - chunk: the same of a chunk. Chunks at the far ends reach beyond the dataset.
    /// - Throws: ``StorageError`` `.outOfSpace` or `.unwritable`.
    public func createCompressed(_ path: String, shape: [Int], chunk: [Int]) throws {
        precondition(shape.count == chunk.count && chunk.allSatisfy { $0 >= 1 }, "chunks of \(path) have as many axes")
        try HDF5Library.locked {
            try createDataset(path, shape: shape, datatype: Double.fileType) { properties in
                guard H5Pset_chunk(properties, Int32(chunk.count), chunk.map(hsize_t.init)) >= 0,
                    H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER) >= 0,
                    H5Pset_shuffle(properties) >= 0, H5Pset_deflate(properties, UInt32(CompressedChunk.level)) >= 0
                else { throw failure(.unwritable, "cannot create '\(path)'") }
            }
        }
    }

    /// Writes compressed chunks.
    ///
    /// - Parameter chunks: the offset of the first element of each, and its bytes.
    /// - Throws: ``StorageError`` `.missing`, `.unwritable` or `.outOfSpace`.
    public func writeChunks(_ path: String, _ chunks: [(offset: [Int], bytes: [UInt8])]) throws {
        try withDataset(path) { dataset, _, _ in
            for (offset, bytes) in chunks {
                let properties = HDF5Library.defaultProperties
                guard H5Dwrite_chunk(dataset, properties, 0, offset.map(hsize_t.init), bytes.count, bytes) >= 0 else {
                    throw failure(.unwritable, "cannot write a chunk of '\(path)'")
                }
            }
        }
    }

    /// Reads chunks as they are stored.
    ///
    /// - Parameter offsets: of the first element of each.
    /// - Throws: ``StorageError`` `.missing`, or `.malformed` if one is not there or not compressed.
    public func readChunks(_ path: String, offsets: [[Int]]) throws -> [[UInt8]] {
        try withDataset(path) { dataset, _, _ in
            try offsets.map { try readChunk(of: dataset, path: path, offset: $0.map(hsize_t.init)) }
        }
    }

    private func readChunk(of dataset: hid_t, path: String, offset: [hsize_t]) throws -> [UInt8] {
        var size: hsize_t = 0
        var skippedFilters: UInt32 = 0
        guard H5Dget_chunk_storage_size(dataset, offset, &size) >= 0, size > 0 else {
            throw failure(.malformed, "cannot find a chunk of '\(path)'")
        }
        let count = try requirePlausible(
            shape: [Int(clamping: size)], elementSize: 1, available: self.size(), subject: "a chunk of '\(path)'")
        var bytes = [UInt8](repeating: 0, count: count)
        guard H5Dread_chunk(dataset, HDF5Library.defaultProperties, offset, &skippedFilters, &bytes) >= 0 else {
            throw failure(.malformed, "cannot read a chunk of '\(path)'")
        }
        guard skippedFilters == 0 else {
            throw StorageError(.malformed, path: self.path, problem: "has a chunk of '\(path)' that is not compressed")
        }
        return bytes
    }
}
