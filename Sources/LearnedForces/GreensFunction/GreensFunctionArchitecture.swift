import Electrons
import Lattices

/// Message passing of Green's functions: local diagonalization whose ends are learned.
///
/// Messages on directed bonds are Green's functions of cut-off trees at the poles of the occupations, iterated a few levels;
/// they end a patch of the lattice, on which the electrons are solved exactly. Learned are real coefficients of the messages and
/// of the paths around the loops that the tree does not have, as functions of the height of the pole, see `EndCorrections`.
/// There are few of them, they start from the tree, and they are fitted by Levenberg–Marquardt.
///
/// With `core` = 1 the force has every symmetry of the lattice; with larger cores it is cheaper for its accuracy, and breaks
/// those symmetries that do not map blocks onto blocks by as much as its error. Its force fields lay blocks from cell 0 on; they are
/// a `TiledForceField`, which also averages over offsets or samples them. At μ = 0 on a bipartite lattice F(−Q) = −F(Q).
public struct GreensFunctionArchitecture: NetworkArchitecture {
    public static let name = "greens-function"

    /// 1 for a patch around every site, more for blocks of that many cells in every direction.
    public var core = 1
    /// R: how far a patch reaches beyond its site or core.
    public var radius = 2
    /// Heights of poles, in units of the hopping, ascending, from each of which on R is smaller by one, because the Green's functions
    /// of higher poles decay faster, see `PatchRadii`.
    public var radiusHeights: [Double] = []
    /// How often messages are iterated.
    public var levels = 3
    /// The most sites on a learned path beyond a patch.
    public var endPath = 3
    /// The most sites on a learned path that ends at the sender of a message.
    public var messagePath = 1
    /// Whether paths join sites of a patch that no bond joins: a few per cent of the error for up to twice the cost.
    public var joinsDistant = false
    /// Heights of poles, in units of the hopping, at which coefficients are learned: three for one temperature, more of them,
    /// such as 0.15, 0.3, 0.6, 1.2, 3 for k_BT from 0.05 to 0.2, if the data are for several.
    public var nodes = EndCorrections.standardNodes
    /// The largest error of a density from the pole expansion.
    public var poleTolerance = 5e-5

    /// Patches of radius two around every site, which end in trees of three levels.
    public init() {}

    /// One that a model file records. Earlier versions had no `radiusHeights`; their patches have one radius.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        core = try values.decode(Int.self, forKey: .core)
        radius = try values.decode(Int.self, forKey: .radius)
        radiusHeights = try values.decodeIfPresent([Double].self, forKey: .radiusHeights) ?? []
        levels = try values.decode(Int.self, forKey: .levels)
        endPath = try values.decode(Int.self, forKey: .endPath)
        messagePath = try values.decode(Int.self, forKey: .messagePath)
        joinsDistant = try values.decode(Bool.self, forKey: .joinsDistant)
        nodes = try values.decode([Double].self, forKey: .nodes)
        poleTolerance = try values.decode(Double.self, forKey: .poleTolerance)
    }

    /// - Throws: ``NetworkError`` for numbers out of range, and for a site variable that is not a scalar.
    public func model(on lattice: Lattice, kind: SiteVariable.Kind) throws -> any ForceModel {
        try validate()
        guard kind == .scalar else {
            throw NetworkError(key: "network.architecture", problem: "\(Self.name) is for displacements of one component")
        }
        try NetworkError.requireBonds(lattice)
        return GreensFunctionModel(self, lattice: lattice)
    }

    /// - Throws: ``NetworkError`` naming the first value that is out of range.
    public func validate() throws {
        for (key, value, allowed) in [
            ("core", core, 1...8), ("radius", radius, 0...6), ("levels", levels, 1...16), ("end_path", endPath, 1...4),
            ("message_path", messagePath, 1...4),
        ] where !allowed.contains(value) {
            throw NetworkError(
                key: "network.\(key)", problem: "\(value); \(allowed.lowerBound) to \(allowed.upperBound) is allowed")
        }
        guard !nodes.isEmpty, nodes[0] > 0, nodes.allSatisfy(\.isFinite), zip(nodes, nodes.dropFirst()).allSatisfy({ $0 < $1 })
        else {
            throw NetworkError(key: "network.nodes", problem: "\(nodes); ascending numbers greater than 0 are needed")
        }
        guard PatchRadii.areHeights(radiusHeights) else {
            throw NetworkError(
                key: "network.radius_heights",
                problem: "\(radiusHeights); numbers greater than 0 are allowed, none below the one before")
        }
        guard poleTolerance > 0, poleTolerance < 0.01 else {
            throw NetworkError(
                key: "network.pole_tolerance", problem: "\(poleTolerance); a number between 0 and 0.01, both excluded, is allowed"
            )
        }
    }

    var radii: PatchRadii { PatchRadii(radius, smallerFrom: radiusHeights) }

    func options(singlePrecision: Bool) -> LocalDiagonalization.Options {
        LocalDiagonalization.Options(
            core: core, radius: radius, smallerFrom: radiusHeights, levels: levels, poleTolerance: poleTolerance,
            precision: singlePrecision ? .single : .double)
    }
}
