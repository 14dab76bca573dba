import CHDF5

/// A number as Swift holds it in memory, and as HDF5 files hold it.
protocol HDF5Number: BitwiseCopyable {
    /// The library's name for the Swift type.
    static var memoryType: hid_t { get }
    /// What a new dataset or attribute of it is made of.
    static var fileType: hid_t { get }
    /// What it may be read from without loss, for messages.
    static var acceptedTypes: String { get }
    /// Whether it may be read from, or written into, elements of this type.
    static func accepts(_ type: HDF5ElementType) -> Bool
}

extension Double: HDF5Number {
    static var memoryType: hid_t { chdf5_native_double() }
    static var fileType: hid_t { chdf5_ieee_f64le() }
    static var acceptedTypes: String { "float64 or float32" }
    static func accepts(_ type: HDF5ElementType) -> Bool { type.isReal }
}

extension Float: HDF5Number {
    static var memoryType: hid_t { chdf5_native_float() }
    static var fileType: hid_t { chdf5_ieee_f32le() }
    static var acceptedTypes: String { "float64 or float32" }
    static func accepts(_ type: HDF5ElementType) -> Bool { type.isReal }
}

extension Int: HDF5Number {
    static var memoryType: hid_t { chdf5_native_int64() }
    static var fileType: hid_t { chdf5_std_i64le() }
    static var acceptedTypes: String { "int64 or int32" }
    static func accepts(_ type: HDF5ElementType) -> Bool { type.isInteger }
}
