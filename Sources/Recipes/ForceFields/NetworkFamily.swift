import Lattices
import LearnedForces
import Models
import Observables
import Training

/// A family of models as recipes know it: its name, the keys of its table, and how it is trained where the recipe is silent.
///
/// A conforming type in a file of its own and a line in ``NetworkSettings`` add a family to the program.
package protocol NetworkFamily: NetworkArchitecture, RecipeTable {
    /// The keys where the recipe is silent.
    static func usual(for context: NetworkContext) -> Self

    /// Changes the defaults of `[training]` for the family.
    static func setDefaults(_ options: inout TrainingOptions)

    /// The keys of the parameters of the electrons that the force depends on, because the network is told them; nil: on all, because
    /// it calculates with them. Of others it knows the value in its training data alone.
    var electronParameters: [String]? { get }

    /// Whether the force is odd, F(−Q) = −F(Q), which holds for as many electrons as holes alone.
    var isOddInDisplacement: Bool { get }

    /// Whether it takes k_BT > 0 alone, because it calculates with the poles of the occupations.
    var needsTemperature: Bool { get }

    /// Whether it sees the energies of sites, and not the configuration alone.
    var seesEnergies: Bool { get }

    /// Cells in every direction of the blocks that it solves; 1 if it has none.
    var blockSide: Int { get }

    /// Whether it solves patches that could be larger.
    var hasPatches: Bool { get }

    /// Whether the force is not covariant under an operation of the lattice's point group because the network was built without it.
    func lacks(_ operation: PointGroup.Operation) -> Bool

    /// - Throws: `NetworkError` naming the first value that is not allowed.
    func validate() throws
}

/// What the defaults of `[network]` follow from.
package struct NetworkContext {
    let lattice: LatticeSettings
    let model: AdiabaticModel
    let generate: GenerateSettings

    /// Whether some of the data are at k_BT = 0, where Green's functions are not.
    private var isCold: Bool { ([model.temperature] + generate.temperatures).contains(0) }

    /// Whether Green's functions of local solvers are defined: at k_BT > 0, with one hopping along all bonds.
    var hasGreensFunctions: Bool {
        guard !isCold, let cells = try? Supercell(lattice.geometry, size: lattice.size.map { min($0, 2) }),
            let h = try? model.tightBinding(at: SiteField(cells, kind: model.variable.kind)).uniform
        else { return false }
        return h.isSameOnAllBonds
    }

    /// Whether there are as many electrons as holes, on two sublattices: then F(−Q) = −F(Q).
    var hasParticleHoleSymmetry: Bool {
        guard model.hasParticleHoleSymmetry(on: lattice.geometry), generate.chemicalPotentials.allSatisfy({ $0 == 0 }),
            let supercell = try? Supercell(lattice.geometry, size: lattice.size, periodic: lattice.periodic)
        else { return false }
        return SublatticeSigns(supercell) != nil
    }
}

extension NetworkFamily {
    /// All keys of its table.
    static var allowedKeys: [String] { ["name"] + keyNames }

    package static func usual(for context: NetworkContext) -> Self { Self() }

    package static func setDefaults(_: inout TrainingOptions) {}

    package var electronParameters: [String]? { [] }

    /// Whether the force depends on a parameter of the electrons.
    package func dependsOn(_ key: String) -> Bool { electronParameters?.contains(key) ?? true }

    package var needsTemperature: Bool { false }

    package var seesEnergies: Bool { false }

    package var blockSide: Int { 1 }

    package var hasPatches: Bool { false }

    package func lacks(_: PointGroup.Operation) -> Bool { false }
}

extension FullyConnectedArchitecture: NetworkFamily {
    package var isOddInDisplacement: Bool { particleHoleOdd }

    package static var keys: [RecipeKey<FullyConnectedArchitecture>] {
        [
            .number("radius_squared", \.radiusSquared, .from(0...64)).deciding(.architecture),
            .integers("widths", \.widths, 1...256).deciding(.architecture),
            .choice("activation", \.activation).deciding(.architecture),
            .boolean("squares", \.squares).deciding(.architecture),
            .boolean("particle_hole_odd", \.particleHoleOdd).deciding(.architecture),
            .numbers("encoding_scales", \.encodingScales, .positive).deciding(.architecture),
        ]
    }
}
