import Lattices

/// What a convolutional network sees of a site: channels of the trivial irrep, and the bonds of the site sorted by irrep.
///
/// Channels of the trivial irrep, in order: tanh(Q_i/s) for each scale (or Q_i itself); the invariant combinations of the pair
/// encodings; the baseline's channels; the chemical potential. Channels of other irreps: combinations of the pair encodings
///
///     p_b(i) = tanh(g(Q_i − Q_{i+b})/(t·s)),     Σ_b basis_b p_b,
///
/// scale after scale, copies of the irrep in each. On the square lattice the four bonds are A1 + B1 + E.
/// All are odd under particle–hole, (Q, μ) → (−Q, −μ).
struct ConvolutionInputs: Sendable {
    /// Channels of the inputs.
    let channels: IrrepChannels
    /// Scales of tanh(Q/s); 0 stands for the one channel Q.
    let siteScales: Int
    /// Scales of the pair encodings.
    let pairScales: Int
    /// Relative cells of the neighbours along the directed bonds.
    var bonds: [[Int]]
    /// Symmetry-adapted combinations of the bonds, [irrep][copy][component][bond]; none for irreps that are not used.
    let pairBasis: [[[[Double]]]]
    /// Channels from the baseline.
    let baselineChannels: Int
    /// Whether the chemical potential, or 1 in its place, is a channel.
    let hasChemicalPotential: Bool
    /// The irrep of invariants.
    let trivial: Int

    init(_ architecture: ConvolutionArchitecture, lattice: Lattice, group: PointGroup, irreps: [Irrep], trivial: Int) {
        self.trivial = trivial
        siteScales = architecture.encodingScales.count
        pairScales = architecture.pairScales.count
        baselineChannels = architecture.baseline?.channels ?? 0
        hasChemicalPotential = architecture.hasUniformInput
        let bonds = lattice.directedBonds(from: 0).map(\.cell)
        self.bonds = bonds
        let permuted = PermutedIrrep(
            permutations: group.operations.map { g in bonds.map { bonds.firstIndex(of: g.image(ofCell: $0).cell)! } },
            irrep: irreps[trivial])
        let basis = irreps.indices.map { irrep in
            architecture.pairScales.isEmpty || (architecture.fields == .scalar && irrep != trivial)
                ? []
                : permuted.copies(
                    of: irreps[irrep], functions: bonds.indices.map { bond in bonds.indices.map { $0 == bond ? 1 : 0 } })
        }
        pairBasis = basis
        let others = max(1, siteScales) + baselineChannels + (hasChemicalPotential ? 1 : 0)
        channels = IrrepChannels(
            multiplicities: irreps.indices.map { basis[$0].count * architecture.pairScales.count + ($0 == trivial ? others : 0) },
            dimensions: irreps.map(\.dimension))
    }

    /// The first row of the site encodings.
    var siteRow: Int { channels.row(trivial, 0) }

    /// The row of one component of one combination of the pair encodings of one scale.
    func pairRow(scale: Int, irrep: Int, copy: Int, component: Int) -> Int {
        let first = irrep == trivial ? max(1, siteScales) : 0
        return channels.row(irrep, component) + first + scale * pairBasis[irrep].count + copy
    }

    /// The first row of the baseline's channels.
    var baselineRow: Int { siteRow + max(1, siteScales) + pairScales * pairBasis[trivial].count }

    /// The row of the chemical potential.
    var chemicalPotentialRow: Int? { hasChemicalPotential ? baselineRow + baselineChannels : nil }

    /// How far the inputs of a site reach along each cell direction.
    var reach: Int { pairScales > 0 ? bonds.joined().map(abs).max() ?? 0 : 0 }
}
