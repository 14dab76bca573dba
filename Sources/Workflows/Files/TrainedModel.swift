import EquivariantNetworks
import ForceFields
import LatticeNumerics
import Lattices
import Training

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

    /// What the data say about the parameters of a fit by least squares, see `FitCurvature`.
    public struct Spectrum: Sendable, Equatable {
        /// Eigenvalues of the curvature of the loss, in ascending order.
        public let eigenvalues: [Double]
        /// What holds the parameters near their start besides, in the same units.
        public let ridge: Double

        /// The eigenvalues of the directions that the data fix: those above the ridge, and above what rounding leaves of none.
        public var fixed: [Double] {
            let least = max(ridge, 1e-14 * (eigenvalues.last ?? 0))
            return eigenvalues.filter { $0 > least }
        }
    }

    /// The network whose force is the answer, of the lowest validation error, and the others of its committee or around it, of the
    /// same architecture.
    public let members: [Member]
    /// What the members are, and so what their spread is.
    public let uncertainty: TrainingOptions.Uncertainty
    /// How the spread becomes the error to expect, with blocks that are laid as in training.
    public internal(set) var calibration: CommitteeCalibration
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
    /// What the poles contribute to the error of the force, root mean square, in the same units; nil of a network without poles, or
    /// if the file does not tell.
    public var poleError: Double?
    /// The curvature of a fit by least squares; nil of another, or if the file does not tell.
    public var spectrum: Spectrum?
    /// How the spread becomes the error to expect of the mean over all ways to lay blocks; nil of a network without blocks, or if the
    /// file does not tell.
    public internal(set) var meanCalibration: CommitteeCalibration?

    /// The model with the ``calibration`` of forces whose blocks are laid like this.
    func calibrated(for tiling: BlockTiling) -> TrainedModel {
        guard tiling != .fixed, let meanCalibration else { return self }
        var model = self
        model.calibration = meanCalibration
        return model
    }

    /// The same with some of the members.
    package func with(_ members: [Member]) -> TrainedModel {
        TrainedModel(
            members: members, uncertainty: members.count > 1 ? uncertainty : .none, calibration: calibration, recipe: recipe,
            datasetDigest: datasetDigest, epoch: epoch, validationError: validationError, schedules: schedules,
            trivialError: trivialError, poleError: poleError, spectrum: spectrum, meanCalibration: meanCalibration)
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
