import Lattices
import Observables

/// How figures speak of order: about Q₀ with sublattice signs on a supercell of two sublattices, else about q = 0 without.
struct OrderLabels {
    /// Nil if the lattice has no piece of that size.
    let supercell: Supercell?
    /// The wave vector about which there is order, by its place among those of the supercell: Q₀, or 0.
    let ordering: [Int]
    let isStaggered: Bool
    private let isSquare: Bool

    init(_ recipe: Recipe, size: [Int]) {
        let lattice = recipe.lattice.geometry
        let supercell = try? Supercell(lattice, size: size, periodic: recipe.lattice.periodic)
        let signs = supercell.flatMap(SublatticeSigns.init)
        self.supercell = supercell
        isStaggered = signs != nil
        isSquare = lattice.primitiveVectors == [[1, 0], [0, 1]]
        ordering = size.indices.map { axis in
            guard let supercell, let signs, size.count == lattice.dimension else { return 0 }
            return signs[supercell.site(cell: size.indices.map { $0 == axis ? 1 : 0 })] == signs[0] ? 0 : size[axis] / 2
        }
    }

    // As gnuplot's markup.
    var waveVector: String { isStaggered ? "|{/:Bold q} − {/:Bold Q}_0|" : "|{/:Bold q}|" }
    var waveNumber: String { waveVector + "  (1 / lattice constant)" }
    var structureFactor: String { "{/:Italic S}(\(waveVector))" }

    // In words.
    var correlation: String { isStaggered ? "staggered correlation function" : "correlation function" }
    var centre: String { isStaggered ? "the ordering wave vector Q₀" + (isSquare ? " = (π, π)" : "") : "q = 0" }
    var zoneCentre: String { !isStaggered ? "q = 0" : isSquare ? "(π, π)" : "the ordering wave vector Q₀" }
}
