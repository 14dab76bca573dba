/// h = r·y with r = 1/√(1 + |y|²), |y| the norm over the components of an irrep's channel: odd, smooth at zero, below 1.
struct NormActivation<Scalar: ConvolutionScalar>: Sendable {
    private let channels: IrrepChannels
    private let origin: Int
    private let columns: Int
    private let rowLength: Int

    init(_ channels: IrrepChannels, on grid: PaddedGrid) {
        self.channels = channels
        (origin, columns, rowLength) = (grid.origin, grid.columns, grid.rowLength)
    }

    @inline(__always) func forward(_ y: UnsafePointer<Scalar>, _ h: UnsafeMutablePointer<Scalar>) {
        forEachVector { place, step, dimension in
            let r = Scalar.inverseSquareRoot(1 + dot(y, y, place, step, dimension))
            for a in 0..<dimension { store(r * load(y + place + a &* step, 0), h + place + a &* step, 0) }
        }
    }

    /// dL/dy = r g − r³ (y·g) y for g = dL/dh; the same map takes a tangent of y to that of h.
    @inline(__always) func linearized(
        _ input: UnsafePointer<Scalar>, _ output: UnsafeMutablePointer<Scalar>, y: UnsafePointer<Scalar>
    ) {
        forEachVector { place, step, dimension in
            let r = Scalar.inverseSquareRoot(1 + dot(y, y, place, step, dimension))
            let along = r * r * r * dot(y, input, place, step, dimension)
            for a in 0..<dimension {
                let place = place + a &* step
                store(r * load(input + place, 0) - along * load(y + place, 0), output + place, 0)
            }
        }
    }

    /// The gradient of h·g_h + ḣ·g with respect to y, g_h = dL/dh and g = dL/dḣ:
    ///
    ///     r g_h − r³ (y·g_h) y − r³ [(g·ẏ) y + (g·y) ẏ + (y·ẏ) g] + 3 r⁵ (y·ẏ)(g·y) y
    @inline(__always) func dualBackward(
        _ hGradient: UnsafePointer<Scalar>, tangent: UnsafePointer<Scalar>, tangentGradient: UnsafePointer<Scalar>,
        _ yGradient: UnsafeMutablePointer<Scalar>, y: UnsafePointer<Scalar>
    ) {
        forEachVector { place, step, dimension in
            let r = Scalar.inverseSquareRoot(1 + dot(y, y, place, step, dimension))
            let cube = r * r * r
            let (yt, yg) = (dot(y, tangent, place, step, dimension), dot(y, tangentGradient, place, step, dimension))
            let gt = dot(tangent, tangentGradient, place, step, dimension)
            let along = 3 * cube * r * r * yt * yg - cube * (dot(y, hGradient, place, step, dimension) + gt)
            for a in 0..<dimension {
                let place = place + a &* step
                var sum = r * load(hGradient + place, 0) + along * load(y + place, 0)
                sum -= cube * (yg * load(tangent + place, 0) + yt * load(tangentGradient + place, 0))
                store(sum, yGradient + place, 0)
            }
        }
    }

    @inline(__always) private func dot(
        _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ place: Int, _ step: Int, _ dimension: Int
    ) -> SIMD16<Scalar> {
        var sum = SIMD16<Scalar>.zero
        for k in 0..<dimension { sum.addProduct(load(a + place + k &* step, 0), load(b + place + k &* step, 0)) }
        return sum
    }

    /// Calls `body(place of the first component, elements between components, components)`.
    @inline(__always) private func forEachVector(_ body: (Int, Int, Int) -> Void) {
        for irrep in channels.multiplicities.indices {
            for channel in 0..<channels.multiplicities[irrep] {
                let row = channels.row(irrep, 0) + channel
                for column in stride(from: 0, to: columns, by: 16) {
                    body(
                        row * rowLength + origin + column, channels.multiplicities[irrep] * rowLength, channels.dimensions[irrep])
                }
            }
        }
    }
}
