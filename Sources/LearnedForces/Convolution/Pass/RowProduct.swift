/// Rows of numbers at equal distances in memory.
struct RowBlock<Scalar: NetworkScalar> {
    let base: UnsafeMutablePointer<Scalar>
    /// Elements from row to row.
    let pitch: Int
    let count: Int

    @inline(__always)
    subscript(row: Int) -> UnsafeMutablePointer<Scalar> { base + row &* pitch }

    /// The rows from one on.
    @inline(__always)
    func dropping(_ rows: Int) -> RowBlock { RowBlock(base: self[rows], pitch: pitch, count: count - rows) }
}

/// Products of a small matrix with rows of numbers: eight results of two vectors in registers.
enum RowProduct<Scalar: NetworkScalar> {
    /// results[o] = (results[o]) + Σ_k weights[k, o]·rows[k], in `width` columns (a multiple of 16).
    ///
    /// - Parameters:
    ///   - weights: [row][result].
    ///   - adding: to what is there; otherwise it is overwritten.
    @inline(__always)
    static func write(
        _ weights: UnsafePointer<Scalar>, _ rows: RowBlock<Scalar>, to results: RowBlock<Scalar>, width: Int, adding: Bool
    ) {
        let count = results.count
        var o = 0
        while o &+ 8 <= count {
            var column = 0
            while column &+ 32 <= width {
                eightRows(weights + o, count, rows, results.dropping(o), column, adding)
                column &+= 32
            }
            if column < width {
                fourRows(weights + o, count, rows, results.dropping(o), column, adding)
                fourRows(weights + o + 4, count, rows, results.dropping(o &+ 4), column, adding)
            }
            o &+= 8
        }
        while o &+ 4 <= count {
            for column in stride(from: 0, to: width, by: 16) {
                fourRows(weights + o, count, rows, results.dropping(o), column, adding)
            }
            o &+= 4
        }
        while o < count {
            for column in stride(from: 0, to: width, by: 16) {
                var sum = adding ? load(results[o], column) : .zero
                for k in 0..<rows.count { sum.addProduct(load(rows[k], column), SIMD16(repeating: weights[k &* count &+ o])) }
                store(sum, results[o], column)
            }
            o &+= 1
        }
    }

    /// 32 columns of eight results.
    @inline(__always)
    private static func eightRows(
        _ weights: UnsafePointer<Scalar>, _ step: Int, _ rows: RowBlock<Scalar>,
        _ results: RowBlock<Scalar>, _ column: Int, _ adding: Bool
    ) {
        typealias Vector = SIMD16<Scalar>
        var (a0, a1, a2, a3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        var (a4, a5, a6, a7) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        var (b0, b1, b2, b3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        var (b4, b5, b6, b7) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        if adding {
            (a0, a1, a2, a3) = (
                load(results[0], column), load(results[1], column), load(results[2], column), load(results[3], column)
            )
            (a4, a5, a6, a7) = (
                load(results[4], column), load(results[5], column), load(results[6], column), load(results[7], column)
            )
            let next = column &+ 16
            (b0, b1, b2, b3) = (load(results[0], next), load(results[1], next), load(results[2], next), load(results[3], next))
            (b4, b5, b6, b7) = (load(results[4], next), load(results[5], next), load(results[6], next), load(results[7], next))
        }
        var weights = weights
        for k in 0..<rows.count {
            let (x, y) = (load(rows[k], column), load(rows[k], column &+ 16))
            var w = Vector(repeating: weights[0])
            a0.addProduct(x, w)
            b0.addProduct(y, w)
            w = Vector(repeating: weights[1])
            a1.addProduct(x, w)
            b1.addProduct(y, w)
            w = Vector(repeating: weights[2])
            a2.addProduct(x, w)
            b2.addProduct(y, w)
            w = Vector(repeating: weights[3])
            a3.addProduct(x, w)
            b3.addProduct(y, w)
            w = Vector(repeating: weights[4])
            a4.addProduct(x, w)
            b4.addProduct(y, w)
            w = Vector(repeating: weights[5])
            a5.addProduct(x, w)
            b5.addProduct(y, w)
            w = Vector(repeating: weights[6])
            a6.addProduct(x, w)
            b6.addProduct(y, w)
            w = Vector(repeating: weights[7])
            a7.addProduct(x, w)
            b7.addProduct(y, w)
            weights += step
        }
        store(a0, results[0], column)
        store(b0, results[0], column &+ 16)
        store(a1, results[1], column)
        store(b1, results[1], column &+ 16)
        store(a2, results[2], column)
        store(b2, results[2], column &+ 16)
        store(a3, results[3], column)
        store(b3, results[3], column &+ 16)
        store(a4, results[4], column)
        store(b4, results[4], column &+ 16)
        store(a5, results[5], column)
        store(b5, results[5], column &+ 16)
        store(a6, results[6], column)
        store(b6, results[6], column &+ 16)
        store(a7, results[7], column)
        store(b7, results[7], column &+ 16)
    }

    /// 16 columns of four results.
    @inline(__always)
    private static func fourRows(
        _ weights: UnsafePointer<Scalar>, _ step: Int, _ rows: RowBlock<Scalar>,
        _ results: RowBlock<Scalar>, _ column: Int, _ adding: Bool
    ) {
        typealias Vector = SIMD16<Scalar>
        var (a, b, c, d) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        if adding {
            (a, b, c, d) = (
                load(results[0], column), load(results[1], column), load(results[2], column), load(results[3], column)
            )
        }
        var weights = weights
        for k in 0..<rows.count {
            let x = load(rows[k], column)
            a.addProduct(x, Vector(repeating: weights[0]))
            b.addProduct(x, Vector(repeating: weights[1]))
            c.addProduct(x, Vector(repeating: weights[2]))
            d.addProduct(x, Vector(repeating: weights[3]))
            weights += step
        }
        store(a, results[0], column)
        store(b, results[1], column)
        store(c, results[2], column)
        store(d, results[3], column)
    }

    /// products[k, o] = Σ_columns left[o]·right[k], over `width` columns.
    @inline(__always)
    static func overlaps(
        _ left: RowBlock<Scalar>, _ right: RowBlock<Scalar>,
        to products: UnsafeMutablePointer<Scalar>, width: Int
    ) {
        let step = left.count
        var o = 0
        while o &+ 4 <= left.count {
            var k = 0
            while k &+ 4 <= right.count {
                fourByFour(left.dropping(o), right.dropping(k), products + (k &* step &+ o), step, width)
                k &+= 4
            }
            while k < right.count {
                for i in 0..<4 { products[k &* step &+ o &+ i] = overlap(left[o &+ i], right[k], width) }
                k &+= 1
            }
            o &+= 4
        }
        while o < left.count {
            for k in 0..<right.count { products[k &* step &+ o] = overlap(left[o], right[k], width) }
            o &+= 1
        }
    }

    @inline(__always)
    private static func overlap(_ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, _ width: Int) -> Scalar {
        var sum = SIMD16<Scalar>.zero
        for column in stride(from: 0, to: width, by: 16) { sum.addProduct(load(a, column), load(b, column)) }
        return total(sum)
    }

    @inline(__always)
    private static func fourByFour(
        _ left: RowBlock<Scalar>, _ right: RowBlock<Scalar>,
        _ products: UnsafeMutablePointer<Scalar>, _ step: Int, _ width: Int
    ) {
        typealias Vector = SIMD16<Scalar>
        var (a0, a1, a2, a3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        var (b0, b1, b2, b3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        var (c0, c1, c2, c3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        var (d0, d1, d2, d3) = (Vector.zero, Vector.zero, Vector.zero, Vector.zero)
        let (l0, l1, l2, l3) = (left[0], left[1], left[2], left[3])
        let (r0, r1, r2, r3) = (right[0], right[1], right[2], right[3])
        var column = 0
        while column < width {
            let (x0, x1, x2, x3) = (load(l0, column), load(l1, column), load(l2, column), load(l3, column))
            var y = load(r0, column)
            a0.addProduct(x0, y)
            a1.addProduct(x1, y)
            a2.addProduct(x2, y)
            a3.addProduct(x3, y)
            y = load(r1, column)
            b0.addProduct(x0, y)
            b1.addProduct(x1, y)
            b2.addProduct(x2, y)
            b3.addProduct(x3, y)
            y = load(r2, column)
            c0.addProduct(x0, y)
            c1.addProduct(x1, y)
            c2.addProduct(x2, y)
            c3.addProduct(x3, y)
            y = load(r3, column)
            d0.addProduct(x0, y)
            d1.addProduct(x1, y)
            d2.addProduct(x2, y)
            d3.addProduct(x3, y)
            column &+= 16
        }
        (products[0], products[1], products[2], products[3]) = (total(a0), total(a1), total(a2), total(a3))
        let second = products + step
        (second[0], second[1], second[2], second[3]) = (total(b0), total(b1), total(b2), total(b3))
        let third = second + step
        (third[0], third[1], third[2], third[3]) = (total(c0), total(c1), total(c2), total(c3))
        let fourth = third + step
        (fourth[0], fourth[1], fourth[2], fourth[3]) = (total(d0), total(d1), total(d2), total(d3))
    }

    /// The sum of all lanes. The halves are taken by their place in memory: `lowHalf` moves lane after lane.
    @inline(__always)
    private static func total(_ x: SIMD16<Scalar>) -> Scalar {
        let halves = unsafeBitCast(x, to: (SIMD8<Scalar>, SIMD8<Scalar>).self)
        let quarters = unsafeBitCast(halves.0 + halves.1, to: (SIMD4<Scalar>, SIMD4<Scalar>).self)
        let pairs = unsafeBitCast(quarters.0 + quarters.1, to: (SIMD2<Scalar>, SIMD2<Scalar>).self)
        let two = pairs.0 + pairs.1
        return two.x + two.y
    }
}
