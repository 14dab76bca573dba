import CHDF5
import Foundation

/// A dataset or an attribute that is open in the library: what the file claims of it, and how to read it.
///
/// Lives no longer than the closure it is given to.
struct HDF5Array {
    /// The file, for sizes and errors.
    let file: HDF5File
    /// What messages call it.
    let subject: String
    let elementType: HDF5ElementType
    let shape: [Int]
    /// How many bytes can come out of the file for it at most.
    let available: Int
    /// The library's datatype.
    let datatype: hid_t
    /// The library's reading function: converts all elements to the type in memory and stores them at the address.
    let read: (_ memoryType: hid_t, _ address: UnsafeMutableRawPointer) -> herr_t

    init(
        file: HDF5File, subject: String, datatype: hid_t, dataspace: hid_t, available: Int,
        read: @escaping (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws {
        self.file = file
        self.subject = subject
        self.available = available
        self.datatype = datatype
        self.read = read
        elementType = HDF5ElementType(datatype)
        shape = try Self.shape(of: dataspace, file: file, subject: subject)
    }

    /// All elements as numbers.
    func numbers<Number: HDF5Number>(_ type: Number.Type) throws -> [Number] {
        try requireAccepted(by: type)
        let count = try requirePlausible()
        return try [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
            guard count > 0, let address = buffer.baseAddress else { return }
            guard read(Number.memoryType, UnsafeMutableRawPointer(address)) >= 0 else {
                throw file.failure(.malformed, "cannot read \(subject)")
            }
            initialized = count
        }
    }

    /// All elements as text, from fields of equal length the rest of which is filled up as the datatype says.
    func strings() throws -> [String] {
        guard case .string(let length) = elementType else {
            throw StorageError(
                .wrongType, path: file.path, problem: "\(subject) holds \(elementType); text of fixed length is needed")
        }
        let count = try requirePlausible()
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count * length)
        guard read(datatype, &bytes) >= 0 else { throw file.failure(.malformed, "cannot read \(subject)") }
        let padding = H5Tget_strpad(datatype)
        return try (0..<count).map { index in
            var field = bytes[index * length..<(index + 1) * length]
            if padding == H5T_STR_NULLTERM {
                field = field.prefix { $0 != 0 }
            } else {
                let filler = padding == H5T_STR_SPACEPAD ? UInt8(ascii: " ") : 0
                while field.last == filler { field.removeLast() }
            }
            guard let string = String(validating: field, as: UTF8.self) else {
                throw StorageError(.malformed, path: file.path, problem: "\(subject) holds text that is not UTF-8")
            }
            return string
        }
    }

    func requireAccepted<Number: HDF5Number>(by type: Number.Type) throws {
        guard Number.accepts(elementType) else {
            throw StorageError(
                .wrongType, path: file.path, problem: "\(subject) holds \(elementType); \(Number.acceptedTypes) is needed")
        }
    }

    /// Throws unless the file is large enough for what it claims; returns the number of elements.
    func requirePlausible() throws -> Int {
        try file.requirePlausible(shape: shape, elementSize: elementType.size, available: available, subject: subject)
    }

    private static func shape(of dataspace: hid_t, file: HDF5File, subject: String) throws -> [Int] {
        let rank = H5Sget_simple_extent_ndims(dataspace)
        guard H5Sget_simple_extent_type(dataspace) != H5S_NULL, rank >= 0, rank <= ArrayShape.largestRank else {
            throw StorageError(.malformed, path: file.path, problem: "\(subject) has no shape")
        }
        var axes = [hsize_t](repeating: 0, count: Int(rank))
        guard H5Sget_simple_extent_dims(dataspace, &axes, nil) >= 0 else {
            throw file.failure(.malformed, "cannot read the shape of \(subject)")
        }
        return try axes.map { axis in
            guard let length = Int(exactly: axis) else {
                throw StorageError(.malformed, path: file.path, problem: "\(subject) claims an axis of length \(axis)")
            }
            return length
        }
    }
}

extension HDF5Library {
    /// Makes a dataspace of `shape` (a single number if it is empty) for the duration of `body`.
    static func withDataspace<Result>(_ shape: [Int], _ body: (hid_t) throws -> Result) rethrows -> Result {
        let dataspace = shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), shape.map(hsize_t.init), nil)
        defer { H5Sclose(dataspace) }
        return try body(dataspace)
    }

    /// Makes the datatype of UTF-8 text in fields of as many bytes as the longest of `strings` has, the rest filled with
    /// zeros, for the duration of `body`, which also gets the fields.
    static func withText<Result>(_ strings: [String], _ body: (hid_t, [UInt8]) throws -> Result) rethrows -> Result {
        let length = max(1, strings.map(\.utf8.count).max() ?? 1)
        let fields = strings.flatMap { Array($0.utf8) + [UInt8](repeating: 0, count: length - $0.utf8.count) }
        let datatype = H5Tcopy(chdf5_c_string())
        defer { H5Tclose(datatype) }
        H5Tset_size(datatype, length)
        H5Tset_strpad(datatype, H5T_STR_NULLPAD)
        H5Tset_cset(datatype, H5T_CSET_UTF8)
        return try body(datatype, fields)
    }
}
