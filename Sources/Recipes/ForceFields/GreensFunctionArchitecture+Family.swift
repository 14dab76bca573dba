import Electrons
import LatticeNumerics
import LearnedForces
import Training

extension GreensFunctionArchitecture: NetworkFamily {
    /// Patches around every site, so that the force has every symmetry of the lattice: of 49 sites on the square lattice at the lowest
    /// pole and of fewer at higher poles, and of about 25 sites in other dimensions.
    package static func usual(for context: NetworkContext) -> Self {
        var architecture = Self()
        switch context.lattice.geometry.dimension {
        case 1: architecture.radius = 6
        case 2: (architecture.radius, architecture.radiusHeights) = (3, PatchRadii.usualHeights)
        default: architecture.radius = 1
        }
        return architecture
    }

    /// A few dozen parameters that begin at the exact solution of a tree: least squares, held near it.
    package static func setDefaults(_ options: inout TrainingOptions) {
        options.optimizer = .levenbergMarquardt
        options.epochs = 12
        options.ridge = 1e-2
        options.earlyStoppingPatience = 3
        options.uncertainty = .largerPatches
    }

    /// It solves the electrons it is given.
    package var electronParameters: [String]? { nil }

    /// It follows from the electrons where it holds.
    package var isOddInDisplacement: Bool { false }

    package var needsTemperature: Bool { true }

    package var seesEnergies: Bool { true }

    package var blockSide: Int { core }

    package var hasPatches: Bool { true }

    package static var keys: [RecipeKey<GreensFunctionArchitecture>] {
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
