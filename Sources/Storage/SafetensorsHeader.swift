/// The JSON header of a safetensors file, read and held against the size of the file, or written.
struct SafetensorsHeader {
    enum ElementType: String {
        case float32 = "F32"
        case float64 = "F64"
        case int64 = "I64"

        var size: Int { self == .float32 ? 4 : 8 }
    }

    /// Where and what a tensor is.
    struct Entry {
        let name: String
        let elementType: ElementType
        let shape: [Int]
        /// Number of elements.
        let count: Int
        /// First byte in the file.
        let offset: Int
    }

    static let metadataKey = "__metadata__"
    /// The reference implementation's limit on the header.
    private static let largestLength = 100_000_000

    /// The tensors in the order of their bytes.
    let entries: [Entry]
    let metadata: [String: String]

    init(_ file: InputFile) throws {
        func malformed(_ problem: String) -> StorageError {
            StorageError(.malformed, path: file.path, problem: problem)
        }
        guard file.size >= 8 else { throw malformed("is not a safetensors file: it has only \(file.size) bytes") }
        let claimedLength = try file.elements(UInt64.self, at: 0, count: 1)[0]
        guard claimedLength <= Self.largestLength else {
            throw malformed(
                "is not a safetensors file: it claims a header of \(claimedLength) bytes; "
                    + "at most \(Self.largestLength) are allowed")
        }
        let length = Int(claimedLength)
        guard length <= file.size - 8 else {
            throw malformed("is truncated: it claims a header of \(length) bytes, but only \(file.size - 8) follow")
        }
        let start = 8 + length
        var json = SafetensorsJSON(try file.bytes(at: 8, count: length))
        let contents: SafetensorsJSON.Contents
        do {
            contents = try json.contents()
        } catch {
            throw malformed("has a damaged safetensors header: \(error)")
        }
        metadata = contents.metadata

        var end = 0
        entries = try contents.descriptions.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }.map { description in
            let name = description.name
            guard let elementType = ElementType(rawValue: description.elementType) else {
                throw StorageError(
                    .wrongType, path: file.path,
                    problem: "tensor '\(name)' holds elements of type '\(description.elementType)'; F32, F64 and I64 are allowed")
            }
            guard description.shape.count <= ArrayShape.largestRank, let count = ArrayShape.count(of: description.shape),
                let byteCount = ArrayShape.byteCount(of: description.shape, elementSize: elementType.size),
                description.end >= description.begin, byteCount == description.end - description.begin
            else {
                throw malformed(
                    "tensor '\(name)' has \(elementType.rawValue) elements and shape \(ArrayShape.text(description.shape)), "
                        + "which does not fit its bytes \(description.begin) to \(description.end)")
            }
            guard description.begin == end else {
                throw malformed(
                    "tensor '\(name)' begins at byte \(description.begin) of the data; "
                        + "it must follow the one before, which ends at \(end)")
            }
            guard description.end <= file.size - start else {
                throw malformed(
                    "is truncated: tensor '\(name)' ends at byte \(description.end) of the data, "
                        + "of which there are \(file.size - start)")
            }
            end = description.end
            return Entry(
                name: name, elementType: elementType, shape: description.shape, count: count, offset: start + description.begin)
        }
        guard end == file.size - start else {
            throw malformed("has \(file.size - start - end) bytes after the last tensor")
        }
    }

    /// The length and the header, padded with spaces so that the numbers begin at a multiple of eight bytes.
    static func bytes(of contents: Safetensors) -> [UInt8] {
        let tensors = contents.tensors.map { (name: $0.name, elementType: $0.values.elementType, shape: $0.shape) }
        return bytes(of: tensors, metadata: contents.metadata)
    }

    /// The same for tensors whose numbers are elsewhere, in the order of their bytes.
    static func bytes(
        of tensors: [(name: String, elementType: ElementType, shape: [Int])], metadata: [String: String]
    ) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }
                .map { SafetensorsJSON.quoted($0.key) + ":" + SafetensorsJSON.quoted($0.value) }
            members.append("\"\(metadataKey)\":{" + pairs.joined(separator: ",") + "}")
        }
        var offset = 0
        for tensor in tensors {
            let end = offset + tensor.shape.reduce(1, *) * tensor.elementType.size
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            members.append(
                SafetensorsJSON.quoted(tensor.name) + ":{\"dtype\":\"\(tensor.elementType.rawValue)\","
                    + "\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = Array(("{" + members.joined(separator: ",") + "}").utf8)
        header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        return withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header
    }
}
