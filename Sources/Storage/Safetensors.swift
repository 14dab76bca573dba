import Foundation

/// Named arrays and text metadata in the safetensors format.
///
/// The file is eight bytes of header length (little-endian), a JSON header with the element type, shape and position of
/// each tensor, and the numbers. Equal contents give equal bytes: tensors stand in the order given, metadata sorted by key.
/// Format: <https://github.com/huggingface/safetensors>
public struct Safetensors: Sendable, Equatable {
    /// One named array, row-major.
    public struct Tensor: Sendable, Equatable {
        /// The elements and, by the case, their type.
        public enum Values: Sendable, Equatable {
            /// Type `F32` of the format.
            case float32([Float])
            /// Type `F64`.
            case float64([Double])
            /// Type `I64`.
            case int64([Int64])
        }

        /// The key of the tensor in the header.
        public let name: String
        /// Length of each axis; empty for a single number.
        public let shape: [Int]
        /// The elements, row-major.
        public let values: Values

        /// A tensor of Π `shape` elements.
        public init(name: String, shape: [Int], values: Values) {
            precondition(ArrayShape.count(of: shape) == values.count, "\(values.count) values for \(name) of shape \(shape)")
            precondition(name != SafetensorsHeader.metadataKey, "the format keeps the name \(name) for itself")
            self.name = name
            self.shape = shape
            self.values = values
        }
    }

    /// The tensors in the order in which the file holds them; no two have the same name.
    public let tensors: [Tensor]
    /// Text by key: whatever describes the tensors.
    public let metadata: [String: String]
    /// The file it was read from, for messages.
    public let path: String

    /// Tensors made in memory; their names must differ.
    public init(tensors: [Tensor], metadata: [String: String] = [:]) {
        self.init(tensors: tensors, metadata: metadata, path: "safetensors in memory")
    }

    init(tensors: [Tensor], metadata: [String: String], path: String) {
        precondition(Set(tensors.map(\.name)).count == tensors.count, "two tensors have the same name")
        self.tensors = tensors
        self.metadata = metadata
        self.path = path
    }

    /// Whether the tensors and metadata are equal, whichever file they came from.
    public static func == (first: Self, second: Self) -> Bool {
        first.tensors == second.tensors && first.metadata == second.metadata
    }

    /// The tensor called `name`, or nil.
    public subscript(name: String) -> Tensor? {
        tensors.first { $0.name == name }
    }
}

extension Safetensors.Tensor.Values {
    /// Number of elements.
    public var count: Int {
        switch self {
        case .float32(let values): values.count
        case .float64(let values): values.count
        case .int64(let values): values.count
        }
    }

    var elementType: SafetensorsHeader.ElementType {
        switch self {
        case .float32: .float32
        case .float64: .float64
        case .int64: .int64
        }
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch self {
        case .float32(let values): try values.withUnsafeBytes(body)
        case .float64(let values): try values.withUnsafeBytes(body)
        case .int64(let values): try values.withUnsafeBytes(body)
        }
    }
}
