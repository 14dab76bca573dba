import Foundation
import Lattices

extension FullyConnectedArchitecture {
    /// - Throws: ``NetworkError`` naming the first value that is out of range.
    public func validate() throws {
        guard radiusSquared >= 0, radiusSquared <= 64 else {
            throw NetworkError(key: "network.radius_squared", problem: "\(radiusSquared); 0 to 64 is allowed")
        }
        guard widths.count <= 8, widths.allSatisfy({ (1...256).contains($0) }) else {
            throw NetworkError(key: "network.widths", problem: "\(widths); up to eight widths from 1 to 256 are allowed")
        }
        guard encodingScales.count <= 8, encodingScales.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw NetworkError(
                key: "network.encoding_scales", problem: "\(encodingScales); up to eight positive numbers are allowed")
        }
    }

    /// How many times a displacement enters.
    var encodings: Int { max(1, encodingScales.count) }

    /// A displacement as it enters: itself, or tanh(Q/s). Odd in Q.
    func encode(_ displacement: Double, _ encoding: Int) -> Double {
        encodingScales.isEmpty ? displacement : tanh(displacement / encodingScales[encoding])
    }

    /// Encodes part of a field's values to their places in [encoding][value].
    @inline(__always)
    func encode<Scalar: NetworkScalar>(
        _ values: UnsafeBufferPointer<Double>, _ range: Range<Int>, into encoded: UnsafeMutablePointer<Scalar>
    ) {
        for encoding in 0..<encodings {
            for k in range { encoded[encoding * values.count + k] = Scalar(encode(values[k], encoding)) }
        }
    }

    /// All values of a field, [encoding][value].
    func encoded<Scalar: NetworkScalar>(_ field: SiteField) -> [Scalar] {
        let count = encodings * field.values.count
        return [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
            field.values.withUnsafeBufferPointer { encode($0, 0..<$0.count, into: buffer.baseAddress!) }
            initialized = count
        }
    }
}
