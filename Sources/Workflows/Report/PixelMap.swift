import Foundation
import Lattices

/// A field on a rectangular grid, drawn as coloured pixels.
struct PixelMap {
    let name: String
    let columns: Int
    let rows: Int
    /// Row-major [y][x], the lowest row first.
    let values: [Double]
    /// Position of the first pixel's centre, and steps between pixels, in units of the axes.
    var origin = [0.0, 0.0]
    var steps = [1.0, 1.0]
    /// Sides of the blocks that were averaged into one pixel.
    private(set) var block = 1

    /// More pixels in a row than this are not seen on the page.
    static let largestSide = 512

    init(_ name: String, columns: Int, rows: Int, values: [Double]) {
        precondition(values.count == columns * rows, "a value a pixel")
        self.name = name
        self.columns = columns
        self.rows = rows
        self.values = values
    }

    /// The same map with blocks of pixels averaged, so that no side exceeds ``largestSide``.
    func reduced() -> PixelMap {
        let block = (max(columns, rows) + Self.largestSide - 1) / Self.largestSide
        guard block > 1 else { return self }
        let (width, height) = ((columns + block - 1) / block, (rows + block - 1) / block)
        let means = (0..<width * height).map { index -> Double in
            let xs = index % width * block..<min(columns, (index % width + 1) * block)
            let ys = index / width * block..<min(rows, (index / width + 1) * block)
            let sum = ys.reduce(0.0) { sum, y in xs.reduce(sum) { $0 + values[y * columns + $1] } }
            return sum / Double(xs.count * ys.count)
        }
        var result = PixelMap(name, columns: width, rows: height, values: means)
        result.block = block
        result.steps = steps.map { $0 * Double(block) }
        result.origin = zip(origin, steps).map { $0 + $1 * Double(block - 1) / 2 }
        return result
    }

    /// The pixels whose centres lie within `distance` of `center` along both axes, as a map named `name`.
    func closeUp(_ name: String, around center: Double, within distance: Double) -> PixelMap {
        func pixels(_ axis: Int, _ count: Int) -> [Int] {
            (0..<count).filter { abs(origin[axis] + Double($0) * steps[axis] - center) <= distance * (1 + 1e-9) }
        }
        let (xs, ys) = (pixels(0, columns), pixels(1, rows))
        let kept = ys.flatMap { y in xs.map { values[y * columns + $0] } }
        var result = PixelMap(name, columns: xs.count, rows: ys.count, values: kept)
        result.steps = steps
        result.origin = zip(origin, zip([xs[0], ys[0]], steps)).map { $0 + Double($1.0) * $1.1 }
        return result
    }

    var file: String { name + ".bin" }

    /// The values as gnuplot reads them.
    var bytes: [UInt8] { values.flatMap { withUnsafeBytes(of: Float($0).bitPattern.littleEndian, Array.init) } }

    /// Edges along x (0) or y (1).
    func range(_ axis: Int) -> ClosedRange<Double> {
        let start = origin[axis] - steps[axis] / 2
        return start...start + steps[axis] * Double(axis == 0 ? columns : rows)
    }

    /// The command that sets the range of both axes to the map.
    var ranges: String {
        "set xrange [\(range(0).lowerBound):\(range(0).upperBound)]\nset yrange [\(range(1).lowerBound):\(range(1).upperBound)]"
    }

    /// What stands after `plot`.
    var plot: String {
        "'\(file)' binary array=(\(columns),\(rows)) format='%float32' endian=little "
            + "origin=(\(origin[0]),\(origin[1])) dx=\(steps[0]) dy=\(steps[1]) using 1 with image"
    }
}
