/// tanh on the elements of the group: h = Fᵀ tanh(F y), with F the Fourier transform of regular fields ([operation][row]).
///
/// Scalar fields are those of the group of one element, F = 1. Rows of y and h are [row of one regular channel][channel].
struct PointwiseActivation<Scalar: ConvolutionScalar>: Sendable {
    /// |G|.
    let order: Int
    let channels: Int
    /// F and its transpose, row-major.
    private let matrix: [Scalar]
    private let transpose: [Scalar]
    private let origin: Int
    private let columns: Int
    private let rowLength: Int

    init(_ representation: RegularRepresentation?, channels: Int, on grid: PaddedGrid) {
        let order = representation?.order ?? 1
        let entries = representation?.matrix ?? [1]
        self.order = order
        self.channels = channels
        matrix = entries.map { Scalar($0) }
        transpose = (0..<order * order).map { Scalar(entries[$0 % order * order + $0 / order]) }
        (origin, columns, rowLength) = (grid.origin, grid.columns, grid.rowLength)
    }

    /// h, and tanh(F y) for the passes below.
    @inline(__always) func forward(
        _ y: UnsafePointer<Scalar>, _ h: UnsafeMutablePointer<Scalar>, tanh: UnsafeMutablePointer<Scalar>
    ) {
        forEachVector { place, step, work in
            read(y, place, step, work)
            transform(matrix, work, work + order)
            for g in 0..<order {
                work[order + g] = Scalar.hyperbolicTangent(work[order + g])
                store(work[order + g], tanh + place + g &* step, 0)
            }
            transform(transpose, work + order, work)
            write(work, h, place, step)
        }
    }

    /// dL/dy = Fᵀ (1 − tanh²) F dL/dh; the same map takes a tangent of y to that of h.
    @inline(__always) func linearized(
        _ input: UnsafePointer<Scalar>, _ output: UnsafeMutablePointer<Scalar>, tanh: UnsafePointer<Scalar>
    ) {
        forEachVector { place, step, work in
            read(input, place, step, work)
            transform(matrix, work, work + order)
            for g in 0..<order {
                let t = load(tanh + place + g &* step, 0)
                work[order + g] *= 1 - t * t
            }
            transform(transpose, work + order, work)
            write(work, output, place, step)
        }
    }

    /// dL/dy = Fᵀ [(1 − tanh²) F dL/dh − 2 tanh (F ẏ)(F g_y)], g_y the gradient with respect to ẏ.
    @inline(__always) func dualBackward(
        _ hGradient: UnsafePointer<Scalar>, tangent: UnsafePointer<Scalar>, tangentGradient: UnsafePointer<Scalar>,
        _ yGradient: UnsafeMutablePointer<Scalar>, tanh: UnsafePointer<Scalar>
    ) {
        forEachVector { place, step, work in
            let (first, second, third) = (work + order, work + 2 * order, work + 3 * order)
            read(hGradient, place, step, work)
            transform(matrix, work, first)
            read(tangent, place, step, work)
            transform(matrix, work, second)
            read(tangentGradient, place, step, work)
            transform(matrix, work, third)
            for g in 0..<order {
                let t = load(tanh + place + g &* step, 0)
                first[g] = (1 - t * t) * first[g] - 2 * t * second[g] * third[g]
            }
            transform(transpose, first, work)
            write(work, yGradient, place, step)
        }
    }

    /// Calls `body(place, elements between rows of a channel, memory for four functions on the group)`.
    @inline(__always) private func forEachVector(_ body: (Int, Int, UnsafeMutablePointer<SIMD16<Scalar>>) -> Void) {
        withUnsafeTemporaryAllocation(of: SIMD16<Scalar>.self, capacity: 4 * order) { work in
            for channel in 0..<channels {
                for column in stride(from: 0, to: columns, by: 16) {
                    body(channel * rowLength + origin + column, channels * rowLength, work.baseAddress!)
                }
            }
        }
    }

    @inline(__always) private func read(
        _ rows: UnsafePointer<Scalar>, _ place: Int, _ step: Int, _ values: UnsafeMutablePointer<SIMD16<Scalar>>
    ) { for k in 0..<order { values[k] = load(rows + place + k &* step, 0) } }

    @inline(__always) private func write(
        _ values: UnsafePointer<SIMD16<Scalar>>, _ rows: UnsafeMutablePointer<Scalar>, _ place: Int, _ step: Int
    ) { for k in 0..<order { store(values[k], rows + place + k &* step, 0) } }

    /// output = matrix·input, four rows at a time.
    @inline(__always) private func transform(
        _ matrix: [Scalar], _ input: UnsafeMutablePointer<SIMD16<Scalar>>, _ output: UnsafeMutablePointer<SIMD16<Scalar>>
    ) {
        matrix.withUnsafeBufferPointer { matrix in
            var row = 0
            while row &+ 4 <= order {
                var (a, b, c, d) = (SIMD16<Scalar>.zero, SIMD16<Scalar>.zero, SIMD16<Scalar>.zero, SIMD16<Scalar>.zero)
                let entries = matrix.baseAddress! + row &* order
                for k in 0..<order {
                    a.addProduct(input[k], SIMD16(repeating: entries[k]))
                    b.addProduct(input[k], SIMD16(repeating: entries[k &+ order]))
                    c.addProduct(input[k], SIMD16(repeating: entries[k &+ 2 &* order]))
                    d.addProduct(input[k], SIMD16(repeating: entries[k &+ 3 &* order]))
                }
                (output[row], output[row &+ 1], output[row &+ 2], output[row &+ 3]) = (a, b, c, d)
                row &+= 4
            }
            while row < order {
                var sum = SIMD16<Scalar>.zero
                for k in 0..<order { sum.addProduct(input[k], SIMD16(repeating: matrix[row &* order &+ k])) }
                output[row] = sum
                row &+= 1
            }
        }
    }
}
