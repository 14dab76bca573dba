import ArgumentParser
import Electrons
import ForceFields
import Recipes
import Reports
import Runs

/// Options of a solver on the command line. Which of them a solver has, and which values it takes, its table in a recipe says.
struct SolverArguments: ParsableArguments {
    @Option(help: ArgumentHelp("Largest error of a density (selected-inversion).", valueName: "number"))
    var tolerance: Double?

    @Option(
        help: ArgumentHelp("Side of the blocks; 1 for a patch around every site (local-diagonalization).", valueName: "count"))
    var core: Int?

    @Option(
        help: ArgumentHelp(
            "How blocks are laid. fixed: they begin at cell 0; mean, sampled: the average over all offsets "
                + "(local-diagonalization, and learned forces with blocks).", valueName: "name"))
    var tiling: BlockTiling?

    @Option(help: ArgumentHelp("Radius of the patches, width of the blocks' buffer (local-diagonalization).", valueName: "count"))
    var radius: Int?

    @Option(help: ArgumentHelp("Side of the windows (conservative-local-diagonalization).", valueName: "count"))
    var side: Int?

    @Option(help: ArgumentHelp("Levels of the trees that end patches and windows (local solvers).", valueName: "count"))
    var levels: Int?

    @Option(help: ArgumentHelp("Poles of the expansion of the occupations (local solvers).", valueName: "count"))
    var poles: Int?

    @Option(help: ArgumentHelp("Largest error of a density from the poles (local solvers).", valueName: "number"))
    var poleTolerance: Double?

    @Option(help: ArgumentHelp("Arithmetic (local solvers).", valueName: "name"))
    var precision: LocalDiagonalization.Options.Precision?

    @Option(
        help: ArgumentHelp(
            "Root mean square error of the force, from which the other options are found (local-diagonalization).",
            valueName: "number"))
    var accuracy: Double?

    /// Keys of the solver's table, and TOML.
    var values: [(key: String, value: String)] {
        let given: [(String, String?)] = [
            ("tolerance", tolerance.map { "\($0)" }), ("core", core.map { "\($0)" }),
            ("tiling", tiling.map { "\"\($0.rawValue)\"" }), ("radius", radius.map { "\($0)" }),
            ("side", side.map { "\($0)" }),
            ("levels", levels.map { "\($0)" }),
            ("poles", poles.map { "\($0)" }), ("pole_tolerance", poleTolerance.map { "\($0)" }),
            ("precision", precision.map { "\"\($0.rawValue)\"" }), ("accuracy", accuracy.map { "\($0)" }),
        ]
        return given.compactMap { key, value in value.map { (key, $0) } }
    }

    /// The option that a mistake is in, as it is typed, and a colon.
    static func option(of error: RecipeError) -> String {
        guard let key = error.key?.split(separator: ".").last else { return "" }
        return "--\(key.replacing("_", with: "-")): "
    }
}

extension SolverName: ExpressibleByArgument {}

extension LocalDiagonalization.Options.Precision: ExpressibleByArgument {}

extension BlockTiling: ExpressibleByArgument {}
