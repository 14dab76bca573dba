import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces
import Models
import Recipes
import Training

/// A trained network as it is kept in `model.safetensors`: it loads with no recipe at hand.
public struct TrainedModel: Sendable {
    /// A network with its parameters.
    public struct Member: Sendable {
        /// The architecture with its constants, bound to the lattice it was trained on.
        public let model: any ForceModel
        /// Laid out by `model.layout`.
        public let parameters: [Double]

        package init(model: any ForceModel, parameters: [Double]) {
            self.model = model
            self.parameters = parameters
        }

        /// The learned electronic force on a supercell of the model's lattice.
        ///
        /// - Parameters:
        ///   - conditions: the electrons, for models that depend on them.
        ///   - tiling: how blocks are laid, for models that have any. Training lays them from cell 0 on.
        /// - Throws: `NetworkError` for another lattice.
        package func forceField(
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

        package init(eigenvalues: [Double], ridge: Double) {
            self.eigenvalues = eigenvalues
            self.ridge = ridge
        }

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
    public package(set) var calibration: CommitteeCalibration
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
    public package(set) var meanCalibration: CommitteeCalibration?

    package init(
        members: [Member],
        uncertainty: TrainingOptions.Uncertainty,
        calibration: CommitteeCalibration,
        recipe: String,
        datasetDigest: String,
        epoch: Int,
        validationError: Double,
        schedules: String? = nil,
        trivialError: Double = Double.nan,
        poleError: Double? = nil,
        spectrum: Spectrum? = nil,
        meanCalibration: CommitteeCalibration? = nil
    ) {
        self.members = members
        self.uncertainty = uncertainty
        self.calibration = calibration
        self.recipe = recipe
        self.datasetDigest = datasetDigest
        self.epoch = epoch
        self.validationError = validationError
        self.schedules = schedules
        self.trivialError = trivialError
        self.poleError = poleError
        self.spectrum = spectrum
        self.meanCalibration = meanCalibration
    }

    /// The model with the ``calibration`` of forces whose blocks are laid like this.
    package func calibrated(for tiling: BlockTiling) -> TrainedModel {
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
    package var hasBlocks: Bool { ((model.architecture as? any NetworkFamily)?.blockSide ?? 1) > 1 }

    /// How blocks are laid where no recipe says it: as the recipe of the training does. Models of earlier versions are as they were,
    /// fixed.
    ///
    /// - Parameter path: of the model file, for messages.
    /// - Throws: ``RecipeError`` if the model's own recipe cannot be read.
    package func tiling(path: String) throws -> BlockTiling {
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
    package func requireElectrons(_ electrons: AdiabaticModel, path: String) throws {
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

/// Why forces could not be evaluated.
public enum ForceEvaluationError: Error, CustomStringConvertible, Sendable, Equatable {
    /// A learned force determines the density only if the coupling is not 0.
    case densityWithoutCoupling
    /// The learned force has no blocks to lay.
    case noBlocks
    /// The learned force was trained without an estimate of its error.
    case noUncertainty
    /// The operations that map a supercell onto itself are those that the network has, so that their spread is zero everywhere.
    case symmetricSupercell(size: [Int])
    /// The learned force was trained on other electrons than those of the recipe, which are not in the range of its data.
    case otherElectrons(path: String, differences: [String])
    /// A learned force is for periodic lattices alone.
    case openEnds(periodic: [Bool])

    public var description: String {
        switch self {
        case .densityWithoutCoupling:
            "--density: with model.coupling = 0 this learned force does not determine the density; --solver is allowed"
        case .noBlocks:
            "--tiling: the learned force has no blocks; one of a \"greens-function\" with network.core from 2 on is allowed"
        case .noUncertainty:
            "--uncertainty: the learned force has no estimate of its error; one that was trained with training.uncertainty other "
                + "than \"none\" is allowed, and `adiabat train` adds it to a finished training"
        case .symmetricSupercell(let size):
            "training.uncertainty = \"group\": the network has every operation of the point group that maps \(size) cells onto "
                + "themselves, so that σ would be the same everywhere; equal sides are allowed"
        case .otherElectrons(let path, let differences):
            "\(path): was trained on other electrons than the recipe's (" + differences.joined(separator: "; ")
                + "); stiffness and neighbor_stiffness may differ, and, within the range of its data, parameters that its network "
                + "depends on"
        case .openEnds(let periodic):
            "--model: a learned force needs a lattice without open ends, and lattice.periodic = \(periodic); --solver is allowed"
        }
    }
}

/// How the spread s of a committee on a site becomes the error to expect there.
///
///     σ² = a² + α² s²
///
/// The members of a committee share what their architecture cannot say, so that their spread shows nothing of it: that is what a is
/// for.
public struct CommitteeCalibration: Sendable, Equatable {
    /// α, above 0.
    public let factor: Double
    /// a, from 0, in units of the hopping per displacement.
    public let floor: Double

    /// The spread as it is.
    package static let none = CommitteeCalibration(factor: 1, floor: 0)

    init(factor: Double, floor: Double) {
        self.factor = factor
        self.floor = floor
    }

    /// The calibration under which errors e, were they normal with standard deviation σ, are the most likely: the least of
    ///
    ///     Σ_i (ln σ_i² + e_i²/σ_i²),     σ_i² = a² + α² s_i²
    ///
    /// which least squares of e² in s² with the weights 1/σ⁴ find, repeated with the new σ. So every site counts by how far its error
    /// is from its own σ, and a few with enormous spreads do not decide for all. The 2 % of the sites with the smallest spreads are left
    /// out: on some sites members agree by chance, and the errors there would seem infinitely unlikely. Where the larger errors have the
    /// smaller spreads, a = 0 and α gives the mean square error.
    ///
    /// P. McCullagh and J. A. Nelder, *Generalized Linear Models*, 2nd ed. (1989), section 2.5 and chapter 8.
    package init(errors: [Double], spreads: [Double]) {
        precondition(errors.count == spreads.count, "one spread an error")
        let order = spreads.indices.sorted { (spreads[$0], $0) < (spreads[$1], $1) }.dropFirst(errors.count / 50)
        let (errors, spreads) = (order.map { errors[$0] * errors[$0] }, order.map { spreads[$0] * spreads[$0] })
        let error = errors.reduce(0) { $0 + $1 }
        let spread = spreads.reduce(0) { $0 + $1 }
        guard error > 0, spread > 0 else {
            self.init(factor: 1, floor: (error / Double(max(1, errors.count))).squareRoot())
            return
        }
        let least = Self.leastFloor * error / Double(errors.count)
        var (constant, slope) = (1e4 * least, error / spread)
        for _ in 0..<Self.iterations {
            // Sums of w, wx, wx², wy and wxy with x = s², y = e².
            var (w, wx, wxx, wy, wxy) = (0.0, 0.0, 0.0, 0.0, 0.0)
            for (x, y) in zip(spreads, errors) {
                let variance = constant + slope * x
                let weight = 1 / (variance * variance)
                w += weight
                wx += weight * x
                wxx += weight * x * x
                wy += weight * y
                wxy += weight * x * y
            }
            let determinant = w * wxx - wx * wx
            (constant, slope) = ((wxx * wy - wx * wxy) / determinant, (w * wxy - wx * wy) / determinant)
            if !(constant >= least) { (constant, slope) = (least, wxy / wxx) }
            guard slope > 0, slope.isFinite else {
                self.init(factor: (error / spread).squareRoot(), floor: 0)
                return
            }
        }
        self.init(factor: slope.squareRoot(), floor: constant > least ? constant.squareRoot() : 0)
    }

    /// Repetitions; a few dozen leave nothing to change.
    private static let iterations = 100
    /// a² is 0 if it is below this part of the mean square error.
    private static let leastFloor = 1e-8

    /// σ of a site with this spread.
    package func error(ofSpread spread: Double) -> Double {
        (floor * floor + factor * factor * spread * spread).squareRoot()
    }
}
