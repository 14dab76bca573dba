import Foundation
import Lattices
import Observables

/// Maps of the displacement, in which a domain of the charge-density wave has one colour.
enum DisplacementMap {
    /// (−1)^{x+y} Q on a lattice of two sublattices, else Q itself; nil unless there is one number a cell of a plane lattice.
    static func map(_ name: String, of field: SiteField) -> PixelMap? {
        let supercell = field.supercell
        guard supercell.size.count == 2, field.values.count == supercell.cellCount else { return nil }
        let signs = SublatticeSigns(supercell)
        let values = signs.map { signs in field.values.indices.map { signs[$0] * field.values[$0] } } ?? field.values
        return PixelMap(name, columns: supercell.size[0], rows: supercell.size[1], values: values).reduced()
    }

    /// What the colours mean, as gnuplot's markup.
    static func label(_ supercell: Supercell) -> String {
        SublatticeSigns(supercell) == nil ? "{/:Italic Q}" : "(−1)^{{/:Italic x}+{/:Italic y}} {/:Italic Q}"
    }

    /// What the colours mean, in words.
    static func words(_ supercell: Supercell) -> String {
        SublatticeSigns(supercell) == nil ? "Displacement Q" : "Staggered displacement (−1)ˣ⁺ʸ Q"
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
