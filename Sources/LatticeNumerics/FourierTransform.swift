import CFFTW
import Foundation

/// FFTW's planner is not thread-safe; executing a plan is.
private let planner = NSLock()

/// Discrete Fourier transforms of real periodic fields in one, two or three dimensions, by FFTW.
///
/// Plans are estimated, not measured, so that the same input gives the same bits in every run.
public final class FourierTransform {
    /// Points in each direction, slowest first (for a field [y][x]: [Ly, Lx]).
    public let dimensions: [Int]
    /// Points of the field, the product of ``dimensions``.
    public let count: Int
    private let halfCount: Int
    private let real: UnsafeMutableBufferPointer<Double>
    private let spectrum: UnsafeMutableBufferPointer<fftw_complex>
    private let forwardPlan: fftw_plan
    private let backwardPlan: fftw_plan

    /// Plans the transforms of fields of this shape, slowest direction first.
    public init(dimensions: [Int]) {
        precondition((1...3).contains(dimensions.count) && dimensions.allSatisfy { $0 >= 1 }, "one to three positive dimensions")
        self.dimensions = dimensions
        count = dimensions.reduce(1, *)
        halfCount = count / dimensions.last! * (dimensions.last! / 2 + 1)
        let real = UnsafeMutableBufferPointer<Double>.allocate(capacity: count)
        let spectrum = UnsafeMutableBufferPointer<fftw_complex>.allocate(capacity: halfCount)
        real.initialize(repeating: 0)
        spectrum.initialize(repeating: (0, 0))
        self.real = real
        self.spectrum = spectrum
        let sizes = dimensions.map(Int32.init)
        // FFTW_ESTIMATE = 1 << 6, a macro that Swift does not import.
        let estimate: UInt32 = 1 << 6
        (forwardPlan, backwardPlan) = planner.withLock {
            (
                fftw_plan_dft_r2c(Int32(sizes.count), sizes, real.baseAddress, spectrum.baseAddress, estimate)!,
                fftw_plan_dft_c2r(Int32(sizes.count), sizes, spectrum.baseAddress, real.baseAddress, estimate)!
            )
        }
    }

    deinit {
        planner.withLock {
            fftw_destroy_plan(forwardPlan)
            fftw_destroy_plan(backwardPlan)
        }
        real.deallocate()
        spectrum.deallocate()
    }

    /// |Σ_r f(r) e^{−iq·r}|² at every wave vector q = 2π(k₁/L₁, …), in the order and shape of the field.
    public func powerSpectrum(of field: [Double]) -> [Double] {
        transform(field)
        let last = dimensions.last!
        let half = last / 2 + 1
        var power = [Double](repeating: 0, count: count)
        for row in 0..<(count / last) {
            for k in 0..<half {
                let value = spectrum[row * half + k]
                power[row * last + k] = value.0 * value.0 + value.1 * value.1
            }
        }
        // A real field has |f(−q)| = |f(q)|.
        for row in 0..<(count / last) where half < last {
            let mirrored = mirroredRow(row)
            for k in half..<last { power[row * last + k] = power[mirrored * last + (last - k)] }
        }
        return power
    }

    /// C(d) = (1/N) Σ_r f(r) f(r + d), periodic, in the order and shape of the field (Wiener–Khinchin).
    public func autocorrelation(of field: [Double]) -> [Double] {
        transform(field)
        for k in 0..<halfCount {
            let value = spectrum[k]
            spectrum[k] = (value.0 * value.0 + value.1 * value.1, 0)
        }
        fftw_execute(backwardPlan)
        let scale = 1 / (Double(count) * Double(count))
        return real.map { $0 * scale }
    }

    private func transform(_ field: [Double]) {
        precondition(field.count == count, "a field of \(count) values")
        for k in 0..<count { real[k] = field[k] }
        fftw_execute(forwardPlan)
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
