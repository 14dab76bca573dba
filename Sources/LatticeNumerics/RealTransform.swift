import CFFTW

/// Discrete Fourier transforms of real periodic fields of a given shape, by FFTW, in memory of the caller.
///
/// All memory begins at a multiple of 64 bytes (``AlignedMemory``). Transforms by several threads at a time are safe.
public final class RealTransform: @unchecked Sendable {
    /// Points in each direction, slowest first (for a field [y][x]: [Ly, Lx]).
    public let dimensions: [Int]
    /// Points of the field, the product of ``dimensions``.
    public let count: Int
    /// Complex numbers of a spectrum: of the last direction only wave numbers 0…L/2 are kept, the others are their conjugates.
    public let spectrumCount: Int
    private let forwardPlan: fftw_plan
    private let backwardPlan: fftw_plan

    /// Plans the transforms of fields of one to three directions.
    public init(dimensions: [Int]) {
        precondition((1...3).contains(dimensions.count) && dimensions.allSatisfy { $0 >= 1 }, "one to three positive dimensions")
        self.dimensions = dimensions
        let count = dimensions.reduce(1, *)
        let spectrumCount = count / dimensions.last! * (dimensions.last! / 2 + 1)
        self.count = count
        self.spectrumCount = spectrumCount
        let sizes = dimensions.map(Int32.init)
        let field = AlignedMemory(count: count)
        let spectrum = AlignedMemory(count: 2 * spectrumCount)
        (forwardPlan, backwardPlan) = withExtendedLifetime((field, spectrum)) {
            spectrum.start.withMemoryRebound(to: fftw_complex.self, capacity: spectrumCount) { complex in
                FourierPlanner.withLock {
                    (
                        fftw_plan_dft_r2c(Int32(sizes.count), sizes, field.start, complex, FourierPlanner.estimate)!,
                        fftw_plan_dft_c2r(Int32(sizes.count), sizes, complex, field.start, FourierPlanner.estimate)!
                    )
                }
            }
        }
    }

    deinit {
        FourierPlanner.withLock {
            fftw_destroy_plan(forwardPlan)
            fftw_destroy_plan(backwardPlan)
        }
    }

    /// f(q) = Σ_r f(r) e^{−iq·r}, real and imaginary parts in turns, in the order of the field; the field may be overwritten.
    public func forward(_ field: UnsafeMutablePointer<Double>, into spectrum: UnsafeMutablePointer<Double>) {
        spectrum.withMemoryRebound(to: fftw_complex.self, capacity: spectrumCount) {
            fftw_execute_dft_r2c(forwardPlan, field, $0)
        }
    }

    /// f(r) = Σ_q f(q) e^{iq·r} over all q, from the spectrum of a real field, which is overwritten; not divided by ``count``.
    public func backward(_ spectrum: UnsafeMutablePointer<Double>, into field: UnsafeMutablePointer<Double>) {
        spectrum.withMemoryRebound(to: fftw_complex.self, capacity: spectrumCount) {
            fftw_execute_dft_c2r(backwardPlan, $0, field)
        }
    }
}
