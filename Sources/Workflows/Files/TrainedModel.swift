import EquivariantNetworks
import ForceFields
import LatticeNumerics
import Lattices

/// A trained network as it is kept in `model.safetensors`: it loads with no recipe at hand.
public struct TrainedModel: Sendable {
    /// A network with its parameters.
    public struct Member: Sendable {
        /// The architecture with its constants, bound to the lattice it was trained on.
        public let model: any ForceModel
        /// Laid out by `model.layout`.
        public let parameters: [Double]

        /// The learned electronic force on a supercell of the model's lattice.
        ///
        /// - Parameters:
        ///   - conditions: the electrons, for models that depend on them.
        ///   - tiling: how blocks are laid, for models that have any. Training lays them from cell 0 on.
        /// - Throws: `NetworkError` for another lattice.
        func forceField(
            on supercell: Supercell, conditions: Conditions, singlePrecision: Bool, tiling: BlockTiling, pool: WorkerPool
        ) throws -> any ForceField {
            let field = try model.forceField(
                parameters: parameters, conditions: conditions, supercell: supercell, singlePrecision: singlePrecision,
                pool: pool)
            return (field as? any TiledForceField)?.tiled(tiling) ?? field
        }
    }

    /// The network whose force is the answer, trained on all the data, and the others of its committee, of the same architecture.
    public let members: [Member]
    /// How the spread of the members becomes the error to expect.
    public let calibration: CommitteeCalibration
    /// The resolved recipe of the training.
    public let recipe: String
    /// SHA-256 of the dataset it was trained on.
    public let datasetDigest: String
    /// The epoch after which the weights were these, the one of the lowest validation error.
    public let epoch: Int
    /// Root mean square error of the electronic force on the validation trajectories after that epoch, in units of the
    /// hopping per displacement; NaN if the file does not tell.
    public let validationError: Double
    /// Which part of the cosine of which number of epochs the learning rates were, where the training was gone on with for more
    /// epochs than it was begun for; nil if it was not.
    public var schedules: String?
    /// Root mean square of that force itself there: the error of predicting zero; NaN if the file does not tell.
    public var trivialError = Double.nan

    /// The same with some of the members.
    package func with(_ members: [Member]) -> TrainedModel {
        TrainedModel(
            members: members, calibration: calibration, recipe: recipe, datasetDigest: datasetDigest, epoch: epoch,
            validationError: validationError, schedules: schedules, trivialError: trivialError)
    }

    /// The architecture of the first member, with its constants.
    public var model: any ForceModel { members[0].model }
    /// The parameters of the first member.
    public var parameters: [Double] { members[0].parameters }

    /// The learned electronic force on a supercell of the model's lattice: that of the first member.
    ///
    /// - Parameters:
    ///   - conditions: the electrons, for models that depend on them.
    ///   - tiling: how blocks are laid, for models that have any.
    /// - Throws: `NetworkError` for another lattice.
    public func forceField(
        on supercell: Supercell, conditions: Conditions, singlePrecision: Bool, tiling: BlockTiling, pool: WorkerPool
    ) throws -> any ForceField {
        try members[0].forceField(
            on: supercell, conditions: conditions, singlePrecision: singlePrecision, tiling: tiling, pool: pool)
    }
}
