/// A matrix of ``ComplexLanes`` anywhere in memory; nothing is owned.
struct LanesMatrix<Vector: LaneVector> {
    typealias Lanes = ComplexLanes<Vector>

    let base: UnsafeMutablePointer<Lanes>
    let rowStride: Int
    let columnStride: Int

    /// Stored row by row, `width` numbers from one row to the next.
    @inline(__always)
    init(_ base: UnsafeMutablePointer<Lanes>, width: Int) {
        (self.base, rowStride, columnStride) = (base, width, 1)
    }

    @inline(__always)
    private init(_ base: UnsafeMutablePointer<Lanes>, _ rowStride: Int, _ columnStride: Int) {
        (self.base, self.rowStride, self.columnStride) = (base, rowStride, columnStride)
    }

    @inline(__always)
    subscript(row: Int, column: Int) -> Lanes {
        get { base[row * rowStride + column * columnStride] }
        nonmutating set { base[row * rowStride + column * columnStride] = newValue }
    }

    /// The matrix without its first rows and columns.
    @inline(__always)
    func from(row: Int, column: Int) -> Self {
        Self(base + row * rowStride + column * columnStride, rowStride, columnStride)
    }

    @inline(__always)
    var transposed: Self { Self(base, columnStride, rowStride) }
}

/// Dense kernels on matrices of ``ComplexLanes``. Each number fills two vector registers, so that products run at full speed for
/// any strides and however small the matrices are.
enum FrontKernel<Vector: LaneVector> {
    typealias Lanes = ComplexLanes<Vector>
    typealias Matrix = LanesMatrix<Vector>

    /// The smallest and the largest |pivot|², and their product unless nobody asks for it.
    struct Pivots {
        var smallest = Vector(repeating: .infinity)
        var largest = Vector.zero
        var product = Vector(repeating: 1)

        /// Whether all pivots are different from zero and finite.
        var areRegular: Bool { all(smallest .> 0 .& largest .< .infinity) }
    }

    /// What a product S = A·B does to its destination C.
    enum Effect {
        /// C = S
        case assign
        /// C = −S
        case negate
        /// C = C − S, on and below the diagonal only.
        case subtractLower
    }

    /// Rows and columns of B worked on at a time: together half of the fastest cache.
    @inline(__always)
    private static var block: Int { 16 }

    /// C ← A·B with `rows` × `inner` times `inner` × `columns`.
    @inline(never)
    static func multiply(
        _ c: Matrix, _ a: Matrix, _ b: Matrix, rows: Int, columns: Int, inner: Int, _ effect: Effect
    ) {
        for start in stride(from: 0, to: inner, by: block) {
            let depth = min(block, inner - start)
            let store = Store(effect, isFirst: start == 0)
            let a = a.from(row: 0, column: start)
            for column in stride(from: 0, to: columns, by: block) {
                let width = min(block, columns - column)
                let first = effect == .subtractLower ? column : 0
                for row in stride(from: first, to: rows, by: 3) {
                    // Tiles on the diagonal also write above it, which nobody reads.
                    multiply(
                        c.from(row: row, column: column), a.from(row: row, column: 0), b.from(row: start, column: column),
                        height: min(3, rows - row), width: effect == .subtractLower ? min(width, row + 3 - column) : width,
                        inner: depth, store)
                }
            }
        }
    }

    /// How a sum enters the destination.
    private enum Store {
        case assign, negate, add, subtract

        init(_ effect: Effect, isFirst: Bool) {
            switch effect {
            case .assign: self = isFirst ? .assign : .add
            case .negate: self = isFirst ? .negate : .subtract
            case .subtractLower: self = .subtract
            }
        }
    }

    /// Up to three rows of a product.
    @inline(__always)
    private static func multiply(
        _ c: Matrix, _ a: Matrix, _ b: Matrix, height: Int, width: Int, inner: Int, _ store: Store
    ) {
        var column = 0
        while column + 2 <= width {
            let (target, right) = (c.from(row: 0, column: column), b.from(row: 0, column: column))
            switch height {
            case 3: tile(target, a, right, height: 3, width: 2, inner: inner, store)
            case 2: tile(target, a, right, height: 2, width: 2, inner: inner, store)
            default: tile(target, a, right, height: 1, width: 2, inner: inner, store)
            }
            column += 2
        }
        if column < width {
            let (target, right) = (c.from(row: 0, column: column), b.from(row: 0, column: column))
            switch height {
            case 3: tile(target, a, right, height: 3, width: 1, inner: inner, store)
            case 2: tile(target, a, right, height: 2, width: 1, inner: inner, store)
            default: tile(target, a, right, height: 1, width: 1, inner: inner, store)
            }
        }
    }

    /// A tile of the product whose sums stay in registers.
    @inline(__always)
    private static func tile(
        _ c: Matrix, _ a: Matrix, _ b: Matrix, height: Int, width: Int, inner: Int, _ store: Store
    ) {
        var (c00, c01, c10) = (Lanes.zero, Lanes.zero, Lanes.zero)
        var (c11, c20, c21) = (Lanes.zero, Lanes.zero, Lanes.zero)
        for k in 0..<inner {
            let b0 = b[k, 0]
            let b1 = width > 1 ? b[k, 1] : b0
            let a0 = a[0, k]
            c00 = c00.adding(a0, times: b0)
            if width > 1 { c01 = c01.adding(a0, times: b1) }
            if height > 1 {
                let a1 = a[1, k]
                c10 = c10.adding(a1, times: b0)
                if width > 1 { c11 = c11.adding(a1, times: b1) }
            }
            if height > 2 {
                let a2 = a[2, k]
                c20 = c20.adding(a2, times: b0)
                if width > 1 { c21 = c21.adding(a2, times: b1) }
            }
        }
        put(c00, c, 0, 0, store)
        if width > 1 { put(c01, c, 0, 1, store) }
        if height > 1 {
            put(c10, c, 1, 0, store)
            if width > 1 { put(c11, c, 1, 1, store) }
        }
        if height > 2 {
            put(c20, c, 2, 0, store)
            if width > 1 { put(c21, c, 2, 1, store) }
        }
    }

    @inline(__always)
    private static func put(_ sum: Lanes, _ c: Matrix, _ row: Int, _ column: Int, _ store: Store) {
        let old = c[row, column]
        switch store {
        case .assign: c[row, column] = sum
        case .negate: c[row, column] = -sum
        case .add: c[row, column] = old + sum
        case .subtract: c[row, column] = old - sum
        }
    }

    /// Replaces a symmetric matrix, given on and below its diagonal, by its whole inverse.
    ///
    /// Pivots are taken in order: Im (H − μ − ia) = −a, and the imaginary part of every Schur complement is no closer to zero,
    /// so that no pivot is smaller than a.
    @inline(never)
    static func invert(_ a: Matrix, size: Int) -> Pivots {
        var pivots = Pivots()
        // The sweep operator: after the sweep of every pivot the matrix is minus its inverse.
        for k in 0..<size {
            let pivot = a[k, k]
            let magnitude = pivot.squaredMagnitude
            pivots.smallest = pointwiseMin(pivots.smallest, magnitude)
            pivots.largest = pointwiseMax(pivots.largest, magnitude)
            pivots.product *= magnitude
            let inverse = pivot.reciprocal
            for i in 0..<size where i != k {
                let multiplier = (i > k ? a[i, k] : a[k, i]) * inverse
                for j in 0..<min(i + 1, k) { a[i, j] = a[i, j].subtracting(multiplier, times: a[k, j]) }
                if i > k { for j in k + 1..<i + 1 { a[i, j] = a[i, j].subtracting(multiplier, times: a[j, k]) } }
            }
            for i in k + 1..<size { a[i, k] = a[i, k] * inverse }
            for j in 0..<k { a[k, j] = a[k, j] * inverse }
            a[k, k] = -inverse
        }
        for i in 0..<size {
            for j in 0...i {
                a[i, j] = -a[i, j]
                a[j, i] = a[i, j]
            }
        }
        return pivots
    }
}
