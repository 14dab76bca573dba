import Foundation

/// An array of real numbers in NumPy's `.npy` format, versions 1.0, 2.0 and 3.0.
///
/// Reads little-endian `float64` (`<f8`) and `float32` (`<f4`) in C or Fortran order; writes `<f8` in C order.
/// Format: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>
public struct NPYArray: Sendable {
    /// Length of each axis; empty for a single number.
    public let shape: [Int]
    /// The elements, row-major (the last axis runs fastest).
    public let values: [Double]
    /// The file it was read from, for messages.
    public let path: String

    /// An array made in memory; `values` holds Π `shape` elements, row-major.
    public init(shape: [Int], values: [Double]) {
        precondition(ArrayShape.count(of: shape) == values.count, "\(values.count) values for shape \(shape)")
        self.shape = shape
        self.values = values
        path = "array in memory"
    }

    /// Reads an array from a file.
    ///
    /// - Throws: ``StorageError``: `.missing` or `.unreadable`; `.malformed` if it is no `.npy` file, truncated or too long;
    ///   `.wrongType` for any element type but `<f8` and `<f4`.
    public init(contentsOf path: String) throws {
        let file = try InputFile(path)
        let header = try NPYHeader(file)
        let stored: [Double] =
            switch header.elementType {
            case .float64: try file.elements(Double.self, at: header.dataOffset, count: header.count)
            case .float32: try file.elements(Float.self, at: header.dataOffset, count: header.count).map(Double.init)
            }
        self.path = path
        shape = header.shape
        values = header.isFortranOrder ? Self.rowMajor(fromColumnMajor: stored, shape: shape) : stored
    }

    /// Writes the array as `<f8`, atomically.
    ///
    /// - Throws: ``StorageError`` `.notFinite`, `.outOfSpace` or `.unwritable`; the file that was there is then untouched.
    public func write(to path: String, nonFinite: NonFinite = .refused) throws {
        try ArrayShape.requireFinite(
            values, shape: shape, subject: "the array", path: path, kind: .notFinite, except: nonFinite)
        var bytes = NPYHeader.bytes(shape: shape)
        values.withUnsafeBytes { bytes.append(contentsOf: $0) }
        try AtomicFile.write(bytes, to: path)
    }

    /// Checks that every element is a finite number.
    ///
    /// - Throws: ``StorageError`` `.malformed` naming the index of the first NaN or infinity.
    public func validateFinite() throws {
        try ArrayShape.requireFinite(values, shape: shape, subject: "the array", path: path)
    }

    private static func rowMajor(fromColumnMajor stored: [Double], shape: [Int]) -> [Double] {
        guard shape.count > 1, !stored.isEmpty else { return stored }
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in 1..<shape.count {
            strides[axis] = strides[axis - 1] * shape[axis - 1]
        }
        var index = [Int](repeating: 0, count: shape.count)
        var source = 0
        return [Double](unsafeUninitializedCapacity: stored.count) { buffer, initialized in
            for target in 0..<stored.count {
                buffer.initializeElement(at: target, to: stored[source])
                // The next index in row-major order, as an odometer turns.
                var axis = shape.count - 1
                while axis >= 0 {
                    index[axis] += 1
                    source += strides[axis]
                    if index[axis] < shape[axis] { break }
                    source -= strides[axis] * shape[axis]
                    index[axis] = 0
                    axis -= 1
                }
            }
            initialized = stored.count
        }
    }
}
