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
        let supercell = try? Supercell(recipe.lattice.geometry, size: size, periodic: recipe.lattice.periodic)
        let signs = supercell.flatMap(SublatticeSigns.init)
        self.supercell = supercell
        isStaggered = signs != nil
        if let supercell, let signs {
            ordering = signs.orderingWaveVector(of: supercell)
            isSquare = signs.areCheckered(on: supercell)
        } else {
            ordering = size.map { _ in 0 }
            isSquare = false
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

extension SublatticeSigns {
    /// Whether the signs are (−1)^{x+y}, and Q₀ = (π, π): on the square lattice with bonds between nearest neighbours.
    func areCheckered(on supercell: Supercell) -> Bool {
        let lattice = supercell.lattice
        return lattice.primitiveVectors == [[1, 0], [0, 1]] && lattice.basis.count == 1
            && orderingWaveVector(of: supercell) == supercell.size.map { $0 / 2 }
    }
}
