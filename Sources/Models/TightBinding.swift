import LatticeNumerics
import Lattices

/// Square blocks of matrix elements, [block][row][column], row-major, of real or of complex numbers.
public struct ElementBlocks: Sendable, Equatable {
    /// Rows and columns of a block.
    public let orbitals: Int
    /// Real parts.
    public var real: [Double]
    /// Imaginary parts; nil for real blocks.
    public var imaginary: [Double]?

    /// - Parameters:
    ///   - orbitals: rows and columns of a block.
    ///   - real: as many numbers as the blocks have elements.
    ///   - imaginary: as many; nil for real blocks.
    public init(orbitals: Int, real: [Double], imaginary: [Double]? = nil) {
        precondition(
            real.count.isMultiple(of: orbitals * orbitals) && (imaginary.map { $0.count == real.count } ?? true), "whole blocks")
        self.orbitals = orbitals
        self.real = real
        self.imaginary = imaginary
    }

    /// Blocks in all.
    public var count: Int { real.count / (orbitals * orbitals) }

    /// The real part of the trace of every block.
    public var traces: [Double] {
        if orbitals == 1 { return real }
        return (0..<count).map { block in
            (0..<orbitals).reduce(0) { $0 + real[(block * orbitals + $1) * orbitals + $1] }
        }
    }
}

/// The Hamiltonian of electrons of one spin at one configuration, by its elements on sites and bonds: all that a solver sees.
///
///     H = Σ_⟨ij⟩ (c†_i h_ij c_j + h.c.) + Σ_i c†_i h_ii c_i
///
/// with every bond of ``supercell`` once. A bond that wraps around onto the same pair of sites again is a further term, and a
/// bond of a site with its own image adds h_ii twice.
public struct TightBinding: Sendable {
    /// The sites, and the bonds that have matrix elements, as ``Supercell/bondPairs()`` lists them.
    public var supercell: Supercell
    /// What stands on the diagonal.
    public var onsite: SiteElements
    /// What stands beside it.
    public var bonds: BondElements

    /// h_ii of every site.
    public enum SiteElements: Sendable {
        /// One orbital with the energy slope·x_i of a scalar field, which is not copied.
        case scaled(slope: Double, SiteField)
        /// Blocks, [site][row][column].
        case blocks(ElementBlocks)
    }

    /// h_ij of every bond.
    public enum BondElements: Sendable {
        /// One number for each shell of bonds: −t_1, −t_2, …, the same in the whole lattice; between orbitals of one kind. Bonds of
        /// further shells have none.
        case uniform([Double])
        /// Blocks, [bond][row][column], in the order of ``Supercell/bondPairs()``; rows belong to the first site of a pair.
        case blocks(ElementBlocks)
    }

    /// A Hamiltonian of given elements.
    public init(_ supercell: Supercell, onsite: SiteElements, bonds: BondElements) {
        self.supercell = supercell
        self.onsite = onsite
        self.bonds = bonds
    }

    /// ε_i and h_ij of every bond, for solvers of one real orbital a site; nil for other Hamiltonians.
    package var oneOrbital: (energies: [Double], bonds: [Double])? {
        let energies: [Double]
        switch onsite {
        case .scaled(let slope, let field): energies = field.values.map { slope * $0 }
        case .blocks(let blocks):
            guard blocks.orbitals == 1, blocks.imaginary == nil else { return nil }
            energies = blocks.real
        }
        switch bonds {
        case .uniform(let elements):
            let shells = supercell.lattice.bonds.map { $0.shell <= elements.count ? elements[$0.shell - 1] : 0 }
            return (energies, supercell.bondIndices().map { shells[$0] })
        case .blocks(let blocks):
            guard blocks.orbitals == 1, blocks.imaginary == nil else { return nil }
            return (energies, blocks.real)
        }
    }

    /// The energies ε_i and the hopping elements by shell, for solvers of one real orbital a site with uniform bonds; nil for other
    /// Hamiltonians.
    public var uniform: UniformTightBinding? {
        guard case .uniform(let elements) = bonds else { return nil }
        switch onsite {
        case .scaled(let slope, let field):
            return UniformTightBinding(supercell: supercell, slope: slope, values: field, elements: elements)
        case .blocks(let blocks):
            guard blocks.orbitals == 1, blocks.imaginary == nil else { return nil }
            let values = SiteField(supercell, values: blocks.real)
            return UniformTightBinding(supercell: supercell, slope: 1, values: values, elements: elements)
        }
    }
}

/// A Hamiltonian of one real orbital a site whose bonds are the same everywhere,
///
///     H = Σ_s h_s Σ_⟨ij⟩_s (c†_i c_j + h.c.) + Σ_i ε_i n_i,      ε_i = slope·x_i,
///
/// with a number h_s = −t_s for every shell of bonds.
public struct UniformTightBinding: Sendable {
    /// The sites and bonds.
    public let supercell: Supercell
    /// ∂ε/∂x.
    public let slope: Double
    /// x_i; anything outside of the box that is solved.
    public let values: SiteField
    /// h_s = −t_s.
    public let elements: [Double]

    /// ε_i
    @inlinable
    package func energy(_ site: Int) -> Double { slope * values.values[site] }

    /// h_s, 0 beyond the shells that have elements.
    package func element(shell: Int) -> Double { shell <= elements.count ? elements[shell - 1] : 0 }

    /// Whether all bonds have the element of the first shell.
    package var isSameOnAllBonds: Bool {
        supercell.lattice.bonds.allSatisfy { $0.shell == 1 || element(shell: $0.shell) == element(shell: 1) }
    }

    /// t of the first shell.
    package var hopping: Double { elements.isEmpty ? 0 : -elements[0] }

    /// Every site's radius of Gershgorin's circles at most, Σ_s |h_s| z_s.
    var radius: Double { Self.radius(elements, on: supercell.lattice) }

    /// The largest Σ_s |h_s| z_s of a site.
    static func radius(_ elements: [Double], on lattice: Lattice) -> Double { lattice.largestSum(byShell: elements.map(abs)) }

    /// Whether hopping changes no density by more than some 10⁻¹⁵: the first change is of the order of (z t/k_BT)², for z neighbours.
    package func isAtomic(at temperature: Double) -> Bool { radius <= 1e-8 * temperature }
}

/// Which elements of the density matrix are wanted.
public struct WantedElements: OptionSet, Sendable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// ρ_ii of every site; always found.
    public static let sites: Self = []
    /// ρ_ij of every bond that has a matrix element.
    public static let bonds = Self(rawValue: 1)
}

/// Elements of the density matrix of one spin, ρ_ij = ⟨c†_j c_i⟩, where H has elements.
public struct DensityMatrix: Sendable, Equatable {
    /// ρ_ii, [site][row][column].
    public let sites: ElementBlocks
    /// ρ_ij of every bond, [bond][row][column] in the order of ``Supercell/bondPairs()``; nil if they were not wanted, or the solver
    /// does not find them.
    public let bonds: ElementBlocks?

    /// Elements that a solver has found.
    public init(sites: ElementBlocks, bonds: ElementBlocks? = nil) {
        self.sites = sites
        self.bonds = bonds
    }
}
