import CFFTW

/// Discrete Fourier transforms of lines of complex numbers, by FFTW, in memory of the caller.
///
/// Numbers are real and imaginary parts in turns. All memory begins at a multiple of 64 bytes (``AlignedMemory``). Transforms by
/// several threads at a time are safe.
public final class ComplexTransform: @unchecked Sendable {
    /// Complex numbers of a line.
    public let length: Int
    private let plan: fftw_plan

    /// Plans the transform of lines of `length` ≥ 1 numbers.
    public init(length: Int) {
        precondition(length >= 1, "a number at least")
        self.length = length
        let (source, target) = (AlignedMemory(count: 2 * length), AlignedMemory(count: 2 * length))
        plan = withExtendedLifetime((source, target)) {
            source.start.withMemoryRebound(to: fftw_complex.self, capacity: length) { source in
                target.start.withMemoryRebound(to: fftw_complex.self, capacity: length) { target in
                    FourierPlanner.withLock {
                        // FFTW_FORWARD = −1, the sign of the exponent.
                        fftw_plan_dft_1d(Int32(length), source, target, -1, FourierPlanner.estimate)!
                    }
                }
            }
        }
    }

    deinit { FourierPlanner.withLock { fftw_destroy_plan(plan) } }

    /// f(k) = Σ_n f(n) e^{−2πikn/L}.
    public func forward(_ line: UnsafeMutablePointer<Double>, into result: UnsafeMutablePointer<Double>) {
        line.withMemoryRebound(to: fftw_complex.self, capacity: length) { line in
            result.withMemoryRebound(to: fftw_complex.self, capacity: length) { fftw_execute_dft(plan, line, $0) }
        }
    }
}
