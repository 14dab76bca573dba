import Lattices
import Observables

/// How figures speak of order: about Q₀ with sublattice signs on a supercell of two sublattices, else about q = 0 without.
struct OrderLabels {
    let isStaggered: Bool
    private let isSquare: Bool

    init(_ recipe: Recipe, size: [Int]) {
        let lattice = recipe.lattice.geometry
        isStaggered = (try? Supercell(lattice, size: size)).flatMap(SublatticeSigns.init) != nil
        isSquare = lattice.primitiveVectors == [[1, 0], [0, 1]]
    }

    // As gnuplot's markup.
    var waveNumber: String { (isStaggered ? "|{/:Bold q} − {/:Bold Q}_0|" : "|{/:Bold q}|") + "  (1 / lattice constant)" }
    var structureFactor: String { "{/:Italic S}(" + (isStaggered ? "|{/:Bold q} − {/:Bold Q}_0|" : "|{/:Bold q}|") + ")" }
    var zoneAxes: [String] {
        isSquare ? ["{/:Italic q_x} / π", "{/:Italic q_y} / π"] : ["{/:Bold q}·{/:Bold a}_1 / π", "{/:Bold q}·{/:Bold a}_2 / π"]
    }

    // In words.
    var correlation: String { isStaggered ? "staggered correlation function" : "correlation function" }
    var centre: String { isStaggered ? "the ordering wave vector Q₀" + (isSquare ? " = (π, π)" : "") : "q = 0" }
    var zoneCentre: String { isSquare ? "(π, π)" : "(b₁ + b₂)/2" }
}
