import CHDF5

/// What the elements of a dataset or an attribute are.
public enum HDF5ElementType: Equatable, Sendable {
    /// IEEE 754 numbers of 32 bits.
    case float32
    /// IEEE 754 numbers of 64 bits.
    case float64
    /// Signed whole numbers of 32 bits.
    case int32
    /// Signed whole numbers of 64 bits.
    case int64
    /// Text of at most so many bytes each.
    case string(length: Int)
    /// Text of any length each, which is not read here: nothing guards the place where the file keeps it against damage.
    case variableString
    /// Anything else, which this room does not read.
    case other

    /// Classifies a datatype of the library.
    init(_ type: hid_t) {
        func equals(_ candidates: hid_t...) -> Bool { candidates.contains { H5Tequal(type, $0) > 0 } }

        if equals(chdf5_ieee_f64le(), chdf5_ieee_f64be()) {
            self = .float64
        } else if equals(chdf5_ieee_f32le(), chdf5_ieee_f32be()) {
            self = .float32
        } else if equals(chdf5_std_i64le(), chdf5_std_i64be()) {
            self = .int64
        } else if equals(chdf5_std_i32le(), chdf5_std_i32be()) {
            self = .int32
        } else if H5Tget_class(type) == H5T_STRING {
            self = H5Tis_variable_str(type) > 0 ? .variableString : .string(length: Int(H5Tget_size(type)))
        } else {
            self = .other
        }
    }

    /// Bytes of an element in the file; at least one where the elements are not read.
    var size: Int {
        switch self {
        case .float32, .int32: 4
        case .float64, .int64: 8
        case .string(let length): length
        case .variableString, .other: 1
        }
    }

    var isReal: Bool { self == .float64 || self == .float32 }
    var isInteger: Bool { self == .int64 || self == .int32 }
}

extension HDF5ElementType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .float32: "float32"
        case .float64: "float64"
        case .int32: "int32"
        case .int64: "int64"
        case .string(let length): "text of at most \(length) bytes"
        case .variableString: "text of variable length"
        case .other: "elements of another type"
        }
    }
}
