import Foundation
import Lattices
import Observables
import Runs

/// The one drawing of a field on the sites of a lattice: plane lattices in their geometry, lattices in space as the slice of their
/// first two vectors, chains as curves, or over space and time. Every place has the colour of its nearest site. Of a variable of several
/// components its length is drawn.
struct SitePicture {
    let supercell: Supercell
    /// Whether lengths are drawn.
    let showsLength: Bool
    /// Where the sites are; nil for a chain, which is no picture at one time.
    let raster: SiteRaster?
    private let signs: SublatticeSigns?

    init(_ supercell: Supercell, kind: SiteVariable.Kind = .scalar) {
        self.supercell = supercell
        showsLength = kind.count(in: supercell.lattice) > 1
        signs = showsLength ? nil : SublatticeSigns(supercell)
        raster = supercell.size.count > 1 ? SiteRaster(PlaneLattice(supercell)) : nil
    }

    /// Whether there are two sublattices: ordered domains have two colours then, one for each charge-density wave.
    var isStaggered: Bool { signs != nil }

    /// The displacement, times the sign of the sublattice where there are two: domains have one colour each.
    func staggered(_ field: SiteField) -> [Double] {
        showsLength ? Self.lengths(field.values, components: field.componentCount) : staggered(field.values)
    }

    /// The length of every site's vector.
    static func lengths(_ values: [Double], components: Int) -> [Double] {
        stride(from: 0, to: values.count, by: components).map { first in
            values[first..<first + components].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
    }

    func staggered(_ values: [Double]) -> [Double] {
        guard let signs else { return values }
        return values.indices.map { signs[$0] * values[$0] }
    }

    /// A picture of displacements of a chain at successive times, which are evenly spaced.
    func spaceTime(_ name: String, _ frames: [ReportInputs.Frame]) throws -> PixelMap {
        guard let first = frames.first, let last = frames.last, last.time > first.time else {
            throw FigureOmission("a chain needs two frames at least")
        }
        let step = (last.time - first.time) / Double(frames.count - 1)
        let plane = PlaneLattice(chain: supercell, times: frames.count, start: first.time, step: step)
        return SiteRaster(plane).map(name, frames.flatMap { staggered($0.displacement) })
    }

    /// Cartesian positions of sites, and which of the list are in the picture.
    func positions(of sites: [Int]) -> (kept: [Int], positions: [SIMD2<Double>]) {
        let basis = supercell.lattice.basis.count
        guard let plane = raster?.plane else {
            return (
                Array(sites.indices),
                sites.map { SIMD2(abs(supercell.lattice.position(cell: supercell.cell(of: $0), site: $0 % basis)[0]), 0) }
            )
        }
        let kept = sites.indices.filter { index in
            supercell.cell(of: sites[index]).dropFirst(2).allSatisfy { $0 == 0 } && plane.members.contains(sites[index] % basis)
        }
        return (
            kept,
            kept.map { index in
                let cell = supercell.cell(of: sites[index])
                return plane.position(SIMD2(Double(cell[0]), Double(cell[1])))
                    + plane.basis[plane.members.firstIndex(of: sites[index] % basis)!]
            }
        )
    }

    private var isSquare: Bool { signs?.areCheckered(on: supercell) ?? false }

    /// What the colours mean, as gnuplot's markup.
    var label: String {
        if showsLength { return "|{/:Italic x}|" }
        guard signs != nil else { return "{/:Italic Q}" }
        return isSquare ? "(−1)^{{/:Italic x}+{/:Italic y}} {/:Italic Q}" : "±{/:Italic Q}"
    }

    /// What the colours mean, in words.
    var words: String {
        if showsLength { return "Length |x| of the site variable" }
        guard signs != nil else { return "Displacement Q" }
        return isSquare ? "Staggered displacement (−1)ˣ⁺ʸ Q" : "Staggered displacement, ±Q on the two sublattices,"
    }

    /// Which sites a picture of a lattice in space shows, as a part of a sentence; empty for others.
    var slice: String {
        guard supercell.size.count > 2 else { return "" }
        let lattice = supercell.lattice
        let isHorizontal = (lattice.primitiveVectors[..<2] + [lattice.basis[0]]).allSatisfy { $0[2] == 0 }
        return isHorizontal ? " in the plane z = 0" : " in the plane of the first two primitive vectors through the first site"
    }

    /// What a pixel stands for where it does not show a single site, as a sentence with a space before it; else empty.
    static func averaging(_ map: PixelMap) -> String {
        let points = map.raster.pointsPerPixel
        return points > 1 ? " A pixel is the mean over the sites that it covers, about \(points)." : ""
    }

    /// The commands for colours of values of this range: a symmetric one, or of lengths from 0 on.
    func colors(_ range: Double) -> String {
        "\(showsLength ? FigureStyle.sequential : FigureStyle.diverging)\nset cbrange [\(showsLength ? 0 : -range):\(range)]"
    }

    /// A symmetric range that 98 % of the values lie in, rounded up to halves of a power of ten.
    static func range(of values: [Double]) -> Double {
        let sorted = values.map(abs).filter(\.isFinite).sorted()
        guard let largest = sorted.last, largest > 0 else { return 1 }
        let high = sorted[min(sorted.count - 1, sorted.count * 98 / 100)]
        let value = high > 0 ? high : largest
        let unit = pow(10, floor(log10(value)))
        return (2 * value / unit).rounded(.up) * unit / 2
    }
}
