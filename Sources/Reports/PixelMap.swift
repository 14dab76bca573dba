import Foundation

/// Numbers on a rectangular grid, drawn as coloured pixels; NaN is left white.
package struct PixelMap {
    let name: String
    let raster: SiteRaster
    /// Row-major [y][x], the lowest row first.
    package let values: [Double]

    var file: String { name + ".bin" }

    /// The values as gnuplot reads them.
    var bytes: [UInt8] { values.flatMap { withUnsafeBytes(of: Float($0).bitPattern.littleEndian, Array.init) } }

    /// Unit of both axes.
    private var unit = 1.0

    init(_ name: String, _ raster: SiteRaster, _ values: [Double]) {
        self.name = name
        self.raster = raster
        self.values = values
    }

    /// The same with axes in units of π.
    var inUnitsOfPi: PixelMap {
        var map = self
        map.unit = .pi
        return map
    }

    /// The commands that set the ranges of both axes to the picture, and few enough marks that panels side by side have room for
    /// their numbers.
    var ranges: String {
        let (low, high) = (raster.corner / unit, (raster.corner + raster.extent) / unit)
        let sides = high - low
        let marks = [0, 1].map { LogarithmicAxis.roundStep((raster.plane.isIsotropic ? sides.max() : sides[$0]) / 5.5) }
        return "set xrange [\(low.x):\(high.x)]\nset yrange [\(low.y):\(high.y)]\nset xtics \(marks[0])\nset ytics \(marks[1])"
    }

    /// What stands after `plot`.
    var plot: String {
        let (first, steps) = ((raster.corner + raster.steps / 2) / unit, raster.steps / unit)
        return "'\(file)' binary array=(\(raster.columns),\(raster.rows)) format='%float32' endian=little "
            + "origin=(\(first.x),\(first.y)) dx=\(steps.x) dy=\(steps.y) using 1 with image"
    }
}

/// Which points of a lattice the pixels of a picture show: each its nearest point, or the mean of the points that it covers where
/// the lattice is finer than the picture.
package struct SiteRaster {
    let plane: PlaneLattice
    package let columns: Int
    package let rows: Int
    /// The lower left corner of the picture, and the sides of a pixel.
    let corner: SIMD2<Double>
    let steps: SIMD2<Double>
    /// The nearest point of each pixel by its place among the values, −1 outside the lattice.
    package let nearest: [Int]
    /// Cells whose points pixels are the means of; nil if pixels show their nearest point.
    private let averaged: (x: Range<Int>, y: Range<Int>)?

    /// More pixels along a side than this are not seen on the page.
    static let largestSide = 640

    /// All cells of a plane.
    package init(_ plane: PlaneLattice) {
        let start = plane.corner
        let sides = SIMD2(Double(plane.size[0]), Double(plane.size[1]))
        let corners = [(0.0, 0.0), (1, 0), (0, 1), (1, 1)].map { plane.position(start + SIMD2($0.0, $0.1) * sides) }
        let low = corners.dropFirst().reduce(corners[0]) { pointwiseMin($0, $1) }
        let high = corners.dropFirst().reduce(corners[0]) { pointwiseMax($0, $1) }
        let isRectangular = plane.vectors[0].y == 0 && plane.vectors[1].x == 0 && plane.basis.count == 1
        guard isRectangular, plane.vectors[0].x > 0, plane.vectors[1].y > 0 else {
            self.init(plane, from: low, to: high, isWhole: true)
            return
        }
        // A pixel shows a point, or a block of points.
        let blocks = plane.size.map { ($0 + Self.largestSide - 1) / Self.largestSide }
        let block = plane.isIsotropic ? [blocks.max()!, blocks.max()!] : blocks
        self.init(
            plane, corner: low, steps: SIMD2(Double(block[0]) * plane.vectors[0].x, Double(block[1]) * plane.vectors[1].y),
            columns: (plane.size[0] + block[0] - 1) / block[0], rows: (plane.size[1] + block[1] - 1) / block[1], isWhole: true)
    }

    /// A window of a plane that is periodic in both directions.
    package init(_ plane: PlaneLattice, from low: SIMD2<Double>, to high: SIMD2<Double>) {
        self.init(plane, from: low, to: high, isWhole: false)
    }

    private init(_ plane: PlaneLattice, from low: SIMD2<Double>, to high: SIMD2<Double>, isWhole: Bool) {
        let extent = high - low
        let size = [0, 1].map { axis -> Int in
            let scale = plane.isIsotropic ? extent.max() : extent[axis]
            return max(1, Int((extent[axis] / scale * Double(Self.largestSide)).rounded()))
        }
        self.init(
            plane, corner: low, steps: extent / SIMD2(Double(size[0]), Double(size[1])), columns: size[0], rows: size[1],
            isWhole: isWhole)
    }

    private init(
        _ plane: PlaneLattice, corner: SIMD2<Double>, steps: SIMD2<Double>, columns: Int, rows: Int, isWhole: Bool
    ) {
        self.plane = plane
        self.corner = corner
        self.steps = steps
        self.columns = columns
        self.rows = rows
        let places = (0..<columns * rows).map { pixel in
            corner + steps * SIMD2(Double(pixel % columns) + 0.5, Double(pixel / columns) + 0.5)
        }
        let start = plane.corner
        let sides = plane.size.map(Double.init)
        let isInside = places.map { place -> Bool in
            guard isWhole else { return true }
            let cell = plane.fraction(place) - start
            return cell.x >= 0 && cell.y >= 0 && cell.x < sides[0] && cell.y < sides[1]
        }
        let found = plane.nearest(to: zip(places, isInside).filter(\.1).map(\.0))
        var next = 0
        nearest = isInside.map { inside in
            guard inside else { return -1 }
            defer { next += 1 }
            return found[next]
        }
        guard plane.density * steps.x * steps.y > 1.001 else {
            averaged = nil
            return
        }
        if isWhole {
            averaged = (0..<plane.size[0], 0..<plane.size[1])
        } else {
            let extent = steps * SIMD2(Double(columns), Double(rows))
            let cells = [(0.0, 0.0), (1, 0), (0, 1), (1, 1)].map { plane.fraction(corner + SIMD2($0.0, $0.1) * extent) }
            func range(_ values: [Double]) -> Range<Int> { Int(values.min()!) - 2..<Int(values.max()!) + 3 }
            averaged = (range(cells.map(\.x)), range(cells.map(\.y)))
        }
    }

    /// Where the middle of a pixel lies.
    package func place(_ pixel: Int) -> SIMD2<Double> {
        corner + steps * SIMD2(Double(pixel % columns) + 0.5, Double(pixel / columns) + 0.5)
    }

    /// Width and height of the picture.
    var extent: SIMD2<Double> { steps * SIMD2(Double(columns), Double(rows)) }
    /// Height by width.
    var aspect: Double { extent.y / extent.x }
    /// How many points a pixel is the mean of; 1 if it shows one.
    package var pointsPerPixel: Int { averaged == nil ? 1 : max(2, Int((plane.density * steps.x * steps.y).rounded())) }

    /// A picture of values.
    package func map(_ name: String, _ values: [Double]) -> PixelMap {
        let shown = nearest.map { $0 < 0 ? .nan : values[$0] }
        guard let averaged else { return PixelMap(name, self, shown) }
        var sums = [Double](repeating: 0, count: shown.count)
        var counts = [Int32](repeating: 0, count: shown.count)
        let basis = plane.basis
        for y in averaged.y {
            for point in basis.indices {
                // From the picture's corner, in pixels.
                let start = (basis[point] + Double(y) * plane.vectors[1] - corner) / steps
                let step = plane.vectors[0] / steps
                for x in averaged.x {
                    let place = start + Double(x) * step
                    guard place.x >= 0, place.y >= 0, place.x < Double(columns), place.y < Double(rows) else { continue }
                    let value = plane.value(cell: x, y, point: point)
                    guard value >= 0 else { continue }
                    let pixel = Int(place.y) * columns + Int(place.x)
                    sums[pixel] += values[value]
                    counts[pixel] += 1
                }
            }
        }
        return PixelMap(
            name, self, shown.indices.map { counts[$0] > 0 ? sums[$0] / Double(counts[$0]) : shown[$0] })
    }
}
