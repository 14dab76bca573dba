/// A matrix of weights packed for the kernel: blocks of eight rows, and one of four where that suffices for the rest; in a
/// block the rows' weights of one column lie next to one another. Rows that do not exist are zero.
struct WeightPanel: Sendable {
    let depth: Int
    let blocks: [Block]
    let weights: [Float]

    struct Block: Sendable {
        let firstRow: Int
        /// 8 or 4.
        let rows: Int
        let firstWeight: Int
    }

    /// - Parameter matrix: [row][column].
    init(_ matrix: [[Double]]) {
        depth = matrix.first?.count ?? 0
        var blocks: [Block] = []
        var weights: [Float] = []
        var row = 0
        while row < matrix.count {
            let rows = matrix.count - row > 4 ? 8 : 4
            blocks.append(Block(firstRow: row, rows: rows, firstWeight: weights.count))
            for column in 0..<depth {
                for r in row..<row + rows { weights.append(r < matrix.count ? Float(matrix[r][column]) : 0) }
            }
            row += rows
        }
        self.blocks = blocks
        self.weights = weights
    }

    /// Rows of the product, those that do not exist included.
    static func paddedRows(_ rows: Int) -> Int { (rows + 3) / 4 * 4 }
}

/// out[r] = Σ_k weights[k][r] · x[k] for eight rows r, in twenty-four registers.
///
/// - Parameter stride: numbers from one row of `x`, and of `out`, to the next.
@inline(__always)
func multiplyEightRows<Strip: SiteStrip>(
    _: Strip.Type, _ weights: UnsafePointer<Float>, depth: Int, _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>,
    stride: Int
) {
    var (s0, s1, s2, s3) = (Strip.zero, Strip.zero, Strip.zero, Strip.zero)
    var (s4, s5, s6, s7) = (Strip.zero, Strip.zero, Strip.zero, Strip.zero)
    var (w, row) = (weights, x)
    for _ in 0..<depth {
        let value = Strip(row)
        s0.add(value, times: w[0])
        s1.add(value, times: w[1])
        s2.add(value, times: w[2])
        s3.add(value, times: w[3])
        s4.add(value, times: w[4])
        s5.add(value, times: w[5])
        s6.add(value, times: w[6])
        s7.add(value, times: w[7])
        w += 8
        row += stride
    }
    s0.store(out)
    s1.store(out + stride)
    s2.store(out + 2 * stride)
    s3.store(out + 3 * stride)
    s4.store(out + 4 * stride)
    s5.store(out + 5 * stride)
    s6.store(out + 6 * stride)
    s7.store(out + 7 * stride)
}

/// The same for four rows.
@inline(__always)
func multiplyFourRows<Strip: SiteStrip>(
    _: Strip.Type, _ weights: UnsafePointer<Float>, depth: Int, _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>,
    stride: Int
) {
    var (s0, s1, s2, s3) = (Strip.zero, Strip.zero, Strip.zero, Strip.zero)
    var (w, row) = (weights, x)
    for _ in 0..<depth {
        let value = Strip(row)
        s0.add(value, times: w[0])
        s1.add(value, times: w[1])
        s2.add(value, times: w[2])
        s3.add(value, times: w[3])
        w += 4
        row += stride
    }
    s0.store(out)
    s1.store(out + stride)
    s2.store(out + 2 * stride)
    s3.store(out + 3 * stride)
}
