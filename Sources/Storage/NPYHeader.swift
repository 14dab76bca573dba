/// What stands before the numbers of a `.npy` file: magic bytes, version, header length and a Python dictionary literal
/// `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
struct NPYHeader {
    enum ElementType: String {
        case float64 = "<f8"
        case float32 = "<f4"

        var size: Int { self == .float64 ? 8 : 4 }
    }

    let elementType: ElementType
    let isFortranOrder: Bool
    let shape: [Int]
    /// Number of elements.
    let count: Int
    /// Where the numbers begin.
    let dataOffset: Int

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Reads the header and holds its claims against the size of the file.
    init(_ file: InputFile) throws {
        let path = file.path
        let prefix = try file.bytes(at: 0, count: min(12, file.size))
        guard prefix.starts(with: Self.magic) else {
            throw StorageError(.malformed, path: path, problem: "is not a .npy file: it does not begin with \\x93NUMPY")
        }
        let truncated = StorageError(.malformed, path: path, problem: "is truncated within the .npy header")
        guard prefix.count >= 10 else { throw truncated }
        let start: Int
        let length: Int
        switch prefix[6] {
        case 1:
            start = 10
            length = Int(prefix[8]) | Int(prefix[9]) << 8
        case 2, 3:
            guard prefix.count == 12 else { throw truncated }
            start = 12
            length = (8..<12).reversed().reduce(0) { $0 << 8 | Int(prefix[$1]) }
        default:
            throw StorageError(
                .malformed, path: path,
                problem: "has .npy format version \(prefix[6]).\(prefix[7]); 1.0, 2.0 and 3.0 are allowed")
        }
        guard length <= file.size - start else { throw truncated }
        dataOffset = start + length

        var literal = PythonLiteral(try file.bytes(at: start, count: length))
        guard let entries = literal.dictionary(),
            Set(entries.keys) == ["descr", "fortran_order", "shape"],
            case .boolean(let isFortranOrder) = entries["fortran_order"],
            case .tuple(let shape) = entries["shape"]
        else {
            throw StorageError(
                .malformed, path: path,
                problem: "has a damaged .npy header: a dictionary with 'descr', 'fortran_order' and 'shape' is expected")
        }
        guard case .string(let type) = entries["descr"], let elementType = ElementType(rawValue: type) else {
            let found = if case .string(let type) = entries["descr"] { "'\(type)'" } else { "structure" }
            throw StorageError(
                .wrongType, path: path,
                problem: "holds elements of type \(found); '<f8' (float64) and '<f4' (float32) are allowed")
        }
        guard shape.count <= ArrayShape.largestRank, let count = ArrayShape.count(of: shape),
            let byteCount = ArrayShape.byteCount(of: shape, elementSize: elementType.size),
            byteCount == file.size - dataOffset
        else {
            throw StorageError(
                .malformed, path: path,
                problem: "claims shape \(ArrayShape.text(shape)) of \(elementType.size)-byte elements, "
                    + "which does not fit the \(file.size - dataOffset) bytes that follow the header")
        }
        self.elementType = elementType
        self.isFortranOrder = isFortranOrder
        self.shape = shape
        self.count = count
    }

    /// The header of a row-major `<f8` array, version 1.0, padded so that the numbers begin at a multiple of 64 bytes.
    static func bytes(shape: [Int]) -> [UInt8] {
        let axes = shape.map { "\($0), " }.joined()
        let tuple = shape.count == 1 ? "(\(shape[0]),)" : "(" + axes.dropLast(2) + ")"
        var dictionary = Array("{'descr': '<f8', 'fortran_order': False, 'shape': \(tuple), }".utf8)
        let unpadded = magic.count + 4 + dictionary.count + 1
        dictionary += [UInt8](repeating: UInt8(ascii: " "), count: (64 - unpadded % 64) % 64)
        dictionary.append(UInt8(ascii: "\n"))
        // At most 32 axes of 20 digits, so version 1.0 and its two bytes of length are always enough.
        return magic + [1, 0, UInt8(dictionary.count & 0xff), UInt8(dictionary.count >> 8)] + dictionary
    }
}
