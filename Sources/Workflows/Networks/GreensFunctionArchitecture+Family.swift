import ElectronicStructure
import EquivariantNetworks
import LatticeNumerics
import Training

extension GreensFunctionArchitecture: NetworkFamily {
    /// Patches around every site, so that the force has every symmetry of the lattice: of 49 sites on the square lattice at the lowest
    /// pole and of fewer at higher poles, and of about 25 sites in other dimensions.
    static func usual(for context: NetworkContext) -> Self {
        var architecture = Self()
        switch context.lattice.geometry.dimension {
        case 1: architecture.radius = 6
        case 2: (architecture.radius, architecture.radiusHeights) = (3, PatchRadii.usualHeights)
        default: architecture.radius = 1
        }
        return architecture
    }

    /// A few dozen parameters that begin at the exact solution of a tree: least squares, held near it.
    static func setDefaults(_ options: inout TrainingOptions) {
        options.optimizer = .levenbergMarquardt
        options.epochs = 12
        options.ridge = 1e-2
        options.earlyStoppingPatience = 3
        options.uncertainty = .largerPatches
    }

    /// It solves the electrons it is given.
    var electronParameters: [String]? { nil }

    /// It follows from the electrons where it holds.
    var isOddInDisplacement: Bool { false }

    var needsTemperature: Bool { true }

    var seesEnergies: Bool { true }

    var blockSide: Int { core }

    var hasPatches: Bool { true }

    static var keys: [RecipeKey<GreensFunctionArchitecture>] {
        [
            .integer("core", \.core, 1...8).deciding(.architecture),
            .integer("radius", \.radius, 0...6).deciding(.architecture),
            .numbers("radius_heights", \.radiusHeights, .positive).deciding(.architecture),
            .integer("levels", \.levels, 1...16).deciding(.architecture),
            .integer("end_path", \.endPath, 1...4).deciding(.architecture),
            .boolean("joins_distant", \.joinsDistant).deciding(.architecture),
            .integer("message_path", \.messagePath, 1...4).deciding(.architecture),
            .numbers("nodes", \.nodes, .positive).deciding(.architecture),
            .number("pole_tolerance", \.poleTolerance, .between(0, 0.01)).deciding(.architecture),
        ]
    }
}

/// What the poles of a Green's-function model contribute to the error of its force.
struct PoleError {
    /// The root mean square by which the force changes with poles a hundred times as accurate, on some of the validation
    /// configurations.
    let rootMeanSquare: Double
    private let tolerance: Double

    /// Configurations that are compared.
    private static let configurations = 4

    /// - Returns: nil for a model without poles.
    /// - Throws: what the forces throw.
    init?(of member: TrainedModel.Member, on validation: ForceSamples, pool: WorkerPool) throws {
        guard var finer = member.model.architecture as? GreensFunctionArchitecture else { return nil }
        tolerance = finer.poleTolerance
        finer.poleTolerance = max(tolerance / 100, 1e-9)
        let count = min(Self.configurations, validation.count)
        let samples = validation.selecting((0..<count).map { (2 * $0 + 1) * validation.count / (2 * count) })
        let models = [member.model, try finer.model(on: member.model.lattice, kind: member.model.kind)]
        let forces = try models.map {
            try $0.predictedForces(member.parameters, on: samples, singlePrecision: false, pool: pool).flatMap(\.values)
        }
        let square = zip(forces[0], forces[1]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        rootMeanSquare = (square / Double(forces[0].count)).squareRoot()
    }

    /// What to say if without the error of the poles the validation error would be less by a tenth and more.
    func warning(besides validationError: Double) -> String? {
        let part = rootMeanSquare / validationError
        guard part > (1 - 0.9 * 0.9).squareRoot() else { return nil }
        let better = TerminalNumber.text(tolerance / (5 * part), digits: 1)
        return
            "the poles of the network err by \(TerminalNumber.text(rootMeanSquare, digits: 2)) (root mean square), which is much of the "
            + "validation RMSE \(TerminalNumber.text(validationError, digits: 2)); with network.pole_tolerance = \(better) they would not "
            + "count"
    }
}
