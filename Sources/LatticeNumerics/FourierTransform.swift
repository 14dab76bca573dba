/// Power spectra and autocorrelations of real periodic fields in one, two or three dimensions, of one field in one call.
///
/// For fields that are not large, and to check by: ``RealTransform`` and ``ComplexTransform`` are what larger ones are made of.
public final class FourierTransform {
    /// Points in each direction, slowest first (for a field [y][x]: [Ly, Lx]).
    public var dimensions: [Int] { transform.dimensions }
    /// Points of the field, the product of ``dimensions``.
    public var count: Int { transform.count }
    private let transform: RealTransform
    private let field: AlignedMemory
    private let spectrum: AlignedMemory

    /// Plans the transforms of fields of this shape, slowest direction first.
    public init(dimensions: [Int]) {
        precondition(!dimensions.isEmpty, "one to three dimensions")
        transform = RealTransform(dimensions: dimensions)
        field = AlignedMemory(count: transform.count)
        spectrum = AlignedMemory(count: 2 * transform.spectrumCount)
    }

    /// |Σ_r f(r) e^{−iq·r}|² at every wave vector q = 2π(k₁/L₁, …), in the order and shape of the field.
    public func powerSpectrum(of values: [Double]) -> [Double] {
        transform(values)
        let last = dimensions.last!
        let half = last / 2 + 1
        var power = [Double](repeating: 0, count: count)
        for row in 0..<(count / last) {
            for k in 0..<half { power[row * last + k] = squareOfSpectrum(row * half + k) }
        }
        // A real field has |f(−q)| = |f(q)|.
        for row in 0..<(count / last) where half < last {
            let mirrored = mirroredRow(row)
            for k in half..<last { power[row * last + k] = power[mirrored * last + (last - k)] }
        }
        return power
    }

    /// C(d) = (1/N) Σ_r f(r) f(r + d), periodic, in the order and shape of the field (Wiener–Khinchin).
    public func autocorrelation(of values: [Double]) -> [Double] {
        transform(values)
        for k in 0..<transform.spectrumCount {
            (spectrum.start[2 * k], spectrum.start[2 * k + 1]) = (squareOfSpectrum(k), 0)
        }
        transform.backward(spectrum.start, into: field.start)
        let scale = 1 / (Double(count) * Double(count))
        return (0..<count).map { field.start[$0] * scale }
    }

    private func transform(_ values: [Double]) {
        precondition(values.count == count, "a field of \(count) values")
        for k in 0..<count { field.start[k] = values[k] }
        transform.forward(field.start, into: spectrum.start)
    }

    private func squareOfSpectrum(_ k: Int) -> Double {
        let (real, imaginary) = (spectrum.start[2 * k], spectrum.start[2 * k + 1])
        return real * real + imaginary * imaginary
    }

    /// The row of −q for the directions before the last.
    private func mirroredRow(_ row: Int) -> Int {
        var row = row
        var mirrored = 0
        var stride = 1
        for size in dimensions.dropLast().reversed() {
            mirrored += (size - row % size) % size * stride
            stride *= size
            row /= size
        }
        return mirrored
    }
}
