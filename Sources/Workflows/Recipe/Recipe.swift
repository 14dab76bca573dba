import ElectronicStructure
import Lattices
import Training

/// Everything that determines a run: what a recipe file says, checked and with every default filled in.
///
/// The tables of the file are properties of the same names. <doc:Recipes> documents every key.
public struct Recipe: Sendable, Equatable {
    /// A table of the recipe file.
    public enum Section: String, Sendable, CaseIterable {
        /// The tables <doc:Recipes> documents, named as in the file.
        case lattice, model, dynamics, generate, network, training, learn, simulate, coarsening, compare
    }

    /// What the command line sets in place of the file.
    public struct Overrides: Sendable {
        /// What replaces `seed`, 0 to ``Recipe/largestSeed``; nil leaves the file's.
        public var seed: Int?

        /// - Parameter seed: what replaces `seed`; nil leaves the file's.
        public init(seed: Int? = nil) {
            self.seed = seed
        }
    }

    /// The largest seed, 2⁵³: every whole number up to it survives in JSON and in a Float64.
    public static let largestSeed = 1 << 53

    /// Where it was read, for messages.
    let source: TOMLSource
    /// `title`, shown in the report; the name of the file unless given.
    public var title: String
    /// `seed`, from which every random number of the run follows; 2026 unless given.
    public var seed: UInt64 {
        didSet {
            guard var energies = model.onsiteEnergies else { return }
            energies.seed = seed
            model = model.with(energies)
        }
    }
    /// `[lattice]`: the lattice and the size of the exact data.
    public var lattice: LatticeSettings
    /// `[model]`: hopping, coupling, elastic constants, temperature and reservoir of the electrons.
    public var model: AdiabaticModel
    /// `[dynamics]`: the equation of motion and the hot start.
    public var dynamics: DynamicsSettings
    /// `[generate]`: the exact data.
    public var generate: GenerateSettings
    /// `[network]`: the architecture of the learned force.
    public var network: NetworkSettings
    /// `[training]`: how it is fitted.
    public var training: TrainingOptions
    /// `[learn]`: active learning; nil without the table.
    public var learn: LearnSettings?
    /// `[simulate]`: the long run on the large lattice.
    public var simulate: SimulateSettings
    /// `[coarsening]`: an ensemble of quenches; nil without the table.
    public var coarsening: CoarseningSettings?
    /// `[compare]`: learned against exact.
    public var compare: CompareSettings
    /// `[selected_inversion]`, `[local_diagonalization]`: the options of the solvers.
    public var solvers: SolverSettings

    /// The supercell of the data and the training, of `lattice.size`.
    public var supercell: Supercell { supercell(lattice.size) }

    /// A supercell of the recipe's lattice and boundaries, of a size the recipe holds (which was checked when it was read).
    public func supercell(_ size: [Int]) -> Supercell {
        do {
            return try Supercell(lattice.geometry, size: size, periodic: lattice.periodic)
        } catch { preconditionFailure("\(error)") }
    }
}
