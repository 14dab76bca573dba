import Foundation
import Lattices

/// Learned coefficients of what lies beyond a patch, in place of those of a tree.
///
/// On a tree the sites beyond a patch add −m_{o→q} to the diagonal of H − z (in units of t) at each site q that a bond joins to a
/// site o outside, m being the message of ``CavityMessages``. On a lattice with loops the outside adds a matrix, a sum over the
/// paths that leave the patch at q, visit sites o_1 … o_n outside, and return at q′:
///
///     Σ_qq′ = Σ_paths c(path; η) Π_k m_{o_k}
///
/// The first and the last site count with their messages to q and q′; one in between with its message to the patch if exactly one
/// bond joins it to that, and with 1/(ε − z) otherwise. n = 1 are the ends of trees; n = 2 joins neighbours at the border whose
/// outer neighbours are neighbours; n = 3 joins second neighbours along a side, or goes around the loop outside a corner. The
/// messages from level 2 on are corrected alike, with the sender and its receiver in place of the patch:
///
///     m_{j→i} = 1 / (ε_j − z − Σ_paths c(path; η) Π_k m_{o_k})
///
/// All c are real, so that n(−Q) = 1 − n(Q) stays exact at μ = 0, and equal for paths that symmetry makes equal, so that a patch
/// (core 1) keeps every symmetry of the lattice. They depend on the height η = a_k k_BT/t of the pole z = μ + i a_k k_BT,
/// linearly in ln η between ``nodes`` and not at all outside: what was learned with one temperature, coupling or number of poles
/// can be used with another. With c = 1 for the ends of trees and 0 for all other paths (the start) nothing is corrected.
///
/// Where the radius depends on the height (``PatchRadii``), patches of every radius have coefficients of their own.
public struct EndCorrections: Sendable, Equatable {
    /// Which paths have coefficients.
    public struct Terms: Sendable, Hashable, Codable {
        /// The most sites outside a patch that a path visits; 1 for the ends of trees alone.
        public var endPath: Int
        /// The most sites that a path visits which ends at the sender of a message; 1 for the messages it receives alone.
        public var messagePath: Int
        /// Whether paths may join sites of the patch that no bond joins. Those make its matrix fuller, which costs more than all
        /// others together.
        public var joinsDistant: Bool

        /// Paths of up to so many sites, at least 1.
        public init(endPath: Int = 3, messagePath: Int = 1, joinsDistant: Bool = false) {
            self.endPath = endPath
            self.messagePath = messagePath
            self.joinsDistant = joinsDistant
        }
    }

    /// One of the paths that a coefficient belongs to.
    package struct Example: Sendable, Equatable {
        /// 1 for the ends of patches, else that of the message.
        package let level: Int
        /// The cell that the message is for.
        package let receiver: [Int]?
        /// From the cell that the path leaves to the one it returns to.
        package let cells: [[Int]]
    }

    /// The coefficients of the patches of one radius.
    public struct Tier: Sendable, Equatable {
        /// The radius R of the patches.
        public let radius: Int
        /// The names of the coefficients.
        public let names: [String]
        /// An example of the paths of every coefficient.
        package let examples: [Example]
        /// Heights η where values are given, ascending: those of all tiers as far as they matter to its poles.
        public let nodes: [Double]
        /// Where its values begin.
        fileprivate let start: Int
    }

    /// The lattice they belong to.
    public let lattice: Lattice
    /// Side of the core of the patch, 1 for a site.
    public let core: Int
    /// The radii R of the patches.
    public let radii: PatchRadii
    /// How often messages are iterated.
    public let levels: Int
    /// Which paths have coefficients.
    public let terms: Terms
    /// The coefficients of the patches, one tier for every radius.
    public let tiers: [Tier]
    /// values[tier][coefficient][node], one after the other.
    public var values: [Double]

    /// From about the first pole of k_BT = 0.1 t to the band width; beyond, little depends on the coefficients. For one
    /// temperature more nodes than these fit no better.
    public static let standardNodes = [0.3, 1, 3]

    /// Coefficients that correct nothing.
    ///
    /// - Parameters:
    ///   - lattice: the lattice they belong to.
    ///   - core: cells in every direction, 1 for patches around a site.
    ///   - radii: the radii R of the patches.
    ///   - levels: at least 1.
    ///   - terms: which paths have coefficients.
    ///   - nodes: heights η > 0, ascending.
    public init(
        unlearnedOn lattice: Lattice, core: Int, radii: PatchRadii, levels: Int, terms: Terms = Terms(),
        nodes: [Double] = EndCorrections.standardNodes
    ) {
        precondition(core >= 1 && radii.largest >= 0 && levels >= 1, "a core, and at least one level")
        precondition(terms.endPath >= 1 && terms.messagePath >= 1, "at least the ends of trees")
        precondition(
            !nodes.isEmpty && nodes[0] > 0 && zip(nodes, nodes.dropFirst()).allSatisfy { $0 < $1 }, "ascending heights above 0")
        self.lattice = lattice
        self.core = core
        self.radii = radii
        self.levels = levels
        self.terms = terms
        var (tiers, values): ([Tier], [Double]) = ([], [])
        for patches in radii.tiers {
            let (radius, heights) = (patches.radius, patches.heights)
            let first = nodes.lastIndex { $0 <= heights.lowerBound } ?? 0
            let last = nodes.firstIndex { $0 >= heights.upperBound } ?? nodes.count - 1
            let classes = EndClasses(
                lattice, patches: Patch.all(lattice, core: core, radius: radius), levels: levels, terms: terms
            ).classes
            let tier = Tier(
                radius: radius, names: classes.map { (radius == radii.largest ? "" : "radius\(radius).") + $0.name },
                examples: classes.map(\.example),
                nodes: Array(nodes[first...last]), start: values.count)
            tiers.append(tier)
            values += classes.flatMap { coefficient in tier.nodes.map { _ in coefficient.unlearned } }
        }
        (self.tiers, self.values) = (tiers, values)
    }

    /// Writes the value of every coefficient of the patches for a height η.
    func writeCoefficients<Scalar: BinaryFloatingPoint>(at height: Double, to place: UnsafeMutablePointer<Scalar>) {
        let tier = tiers[radii.tier(atHeight: height)]
        let nodes = tier.nodes
        let above = nodes.firstIndex { $0 >= height } ?? nodes.count
        let isBetween = above > 0 && above < nodes.count
        let part = isBetween ? log(height / nodes[above - 1]) / log(nodes[above] / nodes[above - 1]) : 0
        for coefficient in tier.names.indices {
            let first = tier.start + coefficient * nodes.count
            let low = values[first + max(0, above - 1)]
            place[coefficient] = Scalar(isBetween ? low + part * (values[first + above] - low) : low)
        }
    }
}
