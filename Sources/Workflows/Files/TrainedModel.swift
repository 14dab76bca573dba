import ElectronicStructure
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

extension TrainedModel {
    /// A network that was not trained by a run.
    ///
    /// - Parameters:
    ///   - parameters: as laid out by the model.
    ///   - recipe: the resolved recipe of the lattice, the electrons and the training.
    ///   - epoch: the one after which the parameters were these.
    ///   - validationError: root mean square error on the validation trajectories; NaN if it is not known.
    package init(
        single model: any ForceModel, parameters: [Double], recipe: String, epoch: Int = 0, validationError: Double = .nan
    ) {
        self.init(
            members: [.init(model: model, parameters: parameters)], uncertainty: .none, calibration: .none, recipe: recipe,
            datasetDigest: "",
            epoch: epoch, validationError: validationError)
    }

    /// Writes the model file.
    ///
    /// - Throws: `StorageError` if the file cannot be written.
    package func write(to path: String) throws { try ModelFile.write(self, to: path) }
}

extension TrainedModel {
    /// Whether the force is that of blocks of several cells.
    var hasBlocks: Bool { ((model.architecture as? any NetworkFamily)?.blockSide ?? 1) > 1 }

    /// How blocks are laid where no recipe says it: as the recipe of the training does. Models of earlier versions are as they were,
    /// fixed.
    ///
    /// - Parameter path: of the model file, for messages.
    /// - Throws: ``RecipeError`` if the model's own recipe cannot be read.
    func tiling(path: String) throws -> BlockTiling {
        let root = TableReader(try TOMLDocument(recipe, file: path))
        return try root.subtable(Recipe.Section.simulate.rawValue).choice("tiling") ?? .fixed
    }

    /// Refuses electrons of which the training data say nothing.
    ///
    /// Elastic constants are not learned and may be others; a parameter that the network depends on may have any value in the
    /// range of the data.
    ///
    /// - Parameter path: of the model file, for messages.
    /// - Throws: ``ForceEvaluationError/otherElectrons(path:differences:)``, and ``RecipeError`` if the model's own recipe cannot
    ///   be read.
    func requireElectrons(_ electrons: AdiabaticModel, path: String) throws {
        let document = try TOMLDocument(recipe, file: path)
        let root = try Recipe.root(of: document)
        let trained = try AdiabaticModel(root.subtable(Recipe.Section.model.rawValue), on: nil, seed: Recipe.seed(root))
        let generate = try root.subtable(Recipe.Section.generate.rawValue)
        let family = model.architecture as? any NetworkFamily
        let listed = trained.listedParameters
        var differences = trained.electronicDifferences(from: electrons, ignoring: Set(listed.map(\.key)))
        for parameter in listed {
            // At fixed filling there is no chemical potential; one filling and another differ in their own key.
            guard let own = trained[parameter.key], let asked = electrons[parameter.key] else { continue }
            let values = try generate.numbers(parameter.listKey!, allowed: .finite) ?? []
            let (low, high) = (values.min() ?? own, values.max() ?? own)
            if asked == low, asked == high { continue }
            if family?.dependsOn(parameter.key) == true, (low...high).contains(asked) { continue }
            let known = low == high ? "= \(low)" : "from \(low) to \(high)"
            differences.append("\(parameter.key) \(known), the recipe's \(parameter.key) = \(asked)")
        }
        guard differences.isEmpty else { throw ForceEvaluationError.otherElectrons(path: path, differences: differences) }
    }
}
