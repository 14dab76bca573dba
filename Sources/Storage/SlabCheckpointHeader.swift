/// What stands before the slabs in the file of a ``SlabCheckpoint``: the safetensors header and the small tensors.
struct SlabCheckpointHeader {
    static let digestKey = "checkpoint.sha256"
    static let unitKey = "checkpoint.unit"
    private static let noDigest = String(repeating: "0", count: 2 * RunningDigest.size)

    /// The small tensors, and the metadata without those of the checkpoint itself.
    let contents: Safetensors
    /// The arithmetic that the file was made with, if it says so.
    let arithmetic: String?
    /// The digest that the file claims to have; nil for one about to be written.
    let digest: String?
    /// The bytes up to the first slab, zeros in place of the digest.
    private let blank: [UInt8]
    private let layout: SlabLayout

    /// The header of a new file, all of it equal on all ranks.
    init(
        tensors: [Safetensors.Tensor], metadata: [String: String], arithmetic: String, slabs: [String], layout: SlabLayout
    ) {
        precondition(
            [Self.digestKey, Self.unitKey, CheckpointPair.arithmeticKey].allSatisfy { metadata[$0] == nil },
            "metadata of the checkpoint itself are its own")
        contents = Safetensors(tensors: tensors, metadata: metadata)
        self.arithmetic = arithmetic
        digest = nil
        self.layout = layout
        var metadata = metadata
        metadata[Self.digestKey] = Self.noDigest
        metadata[Self.unitKey] = "\(layout.unit)"
        metadata[CheckpointPair.arithmeticKey] = arithmetic
        let entries =
            tensors.map { (name: $0.name, elementType: $0.values.elementType, shape: $0.shape) }
            + slabs.map { (name: $0, elementType: .float64, shape: layout.shape) }
        blank =
            SafetensorsHeader.bytes(of: entries, metadata: metadata)
            + tensors.flatMap { $0.values.withUnsafeBytes { Array($0) } }
        precondition(blank.count % 8 == 0, "small tensors of whole numbers or Float64")
    }

    /// The header of the file at `path`, which must hold these slabs in this layout.
    init(reading path: String, slabs: [String], layout: SlabLayout) throws {
        let file = try InputFile(path)
        let header = try SafetensorsHeader(file)
        var metadata = header.metadata
        guard let digest = metadata.removeValue(forKey: Self.digestKey), digest.utf8.count == Self.noDigest.utf8.count,
            let unit = metadata.removeValue(forKey: Self.unitKey)
        else {
            throw StorageError(
                .malformed, path: path,
                problem: "is not a checkpoint in slabs: its metadata lack '\(Self.digestKey)' or '\(Self.unitKey)'")
        }
        arithmetic = metadata.removeValue(forKey: CheckpointPair.arithmeticKey)
        let large = header.entries.suffix(slabs.count)
        guard unit == "\(layout.unit)", large.map(\.name) == slabs,
            large.allSatisfy({ $0.elementType == .float64 && $0.shape == layout.shape }),
            let start = large.first?.offset
        else {
            let found = header.entries.map { "\($0.name) \(ArrayShape.text($0.shape))" }.joined(separator: ", ")
            throw StorageError(
                .wrongShape, path: path,
                problem: "holds \(found) in units of \(unit); "
                    + "\(slabs.joined(separator: ", ")) of \(layout.count) values in units of \(layout.unit) are needed")
        }
        let tensors = try header.entries.dropLast(slabs.count).map { entry in
            let values: Safetensors.Tensor.Values =
                switch entry.elementType {
                case .float32: .float32(try file.elements(Float.self, at: entry.offset, count: entry.count))
                case .float64: .float64(try file.elements(Double.self, at: entry.offset, count: entry.count))
                case .int64: .int64(try file.elements(Int64.self, at: entry.offset, count: entry.count))
                }
            return Safetensors.Tensor(name: entry.name, shape: entry.shape, values: values)
        }
        contents = Safetensors(tensors: Array(tensors), metadata: metadata, path: path)
        self.digest = digest
        self.layout = layout
        var blank = try file.bytes(at: 0, count: start)
        guard let place = blank.firstRange(of: Array(digest.utf8)) else {
            throw StorageError(.malformed, path: path, problem: "has a damaged header: its digest is written in another way")
        }
        blank.replaceSubrange(place, with: Array(Self.noDigest.utf8))
        self.blank = blank
    }

    /// Bytes of the whole file.
    func fileSize(slabs: Int) -> Int { offset(ofSlab: slabs, value: 0) }

    /// Where a value of a slab is in the file.
    func offset(ofSlab slab: Int, value: Int) -> Int { blank.count + 8 * (slab * layout.count + value) }

    /// The digest of the file, given the digests of all units, slab after slab.
    func digest(units: [UInt8]) -> String {
        let digest = RunningDigest()
        blank.withUnsafeBytes { digest.update($0) }
        units.withUnsafeBytes { digest.update($0) }
        return Digest.text(digest.finish())
    }

    /// The bytes up to the first slab with the digest.
    func bytes(digest: String) -> [UInt8] {
        var bytes = blank
        bytes.replaceSubrange(bytes.firstRange(of: Array(Self.noDigest.utf8))!, with: Array(digest.utf8))
        return bytes
    }
}
