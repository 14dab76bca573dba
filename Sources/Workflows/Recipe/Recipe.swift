import ElectronicStructure
import EquivariantNetworks
import Lattices
import Training

/// Everything that determines a run: what a recipe file says, checked and with every default filled in.
///
/// The tables of the file are properties of the same names. <doc:Recipes> documents every key.
public struct Recipe: Sendable, Equatable {
    /// A table of the recipe file.
    public enum Section: String, Sendable, CaseIterable {
        case lattice, model, dynamics, generate, network, training, simulate, compare
    }

    /// What the command line sets in place of the file.
    public struct Overrides: Sendable {
        public var seed: Int?

        public init(seed: Int? = nil) {
            self.seed = seed
        }
    }

    /// The largest seed, 2⁵³: every whole number up to it survives in JSON and in a Float64.
    public static let largestSeed = 1 << 53

    public var title: String
    /// The seed of every random number of the run.
    public var seed: UInt64
    public var lattice: LatticeSettings
    public var model: HolsteinModel
    public var dynamics: DynamicsSettings
    public var generate: GenerateSettings
    public var network: NetworkArchitecture
    public var training: TrainingOptions
    public var simulate: SimulateSettings
    public var compare: CompareSettings

    /// The supercell of the data and the training, of `lattice.size`.
    public var supercell: Supercell { supercell(lattice.size) }

    /// A supercell of the recipe's lattice, of a size the recipe holds (which was checked when it was read).
    public func supercell(_ size: [Int]) -> Supercell {
        do { return try Supercell(lattice.geometry, size: size) } catch { preconditionFailure("\(error)") }
    }
}
