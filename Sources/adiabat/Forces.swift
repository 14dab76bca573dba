import ArgumentParser
import Experiments
import Foundation
import LatticeNumerics
import Recipes
import Reports
import Storage

struct Forces: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluate the forces of a solver, or a learned force, on your own configurations.",
        discussion: """
            The input is a .npy file of float64 or float32 with the shape (configurations, Ly, Lx) or (Ly, Lx), then an axis \
            for the sites of a cell if a cell has several, and one for the components of the variable if it has several. The outputs \
            have the same shape in float64, the density without components. The size of the lattice \
            follows from the input. Of the recipe the command reads [lattice], [model] and the tables of the solvers; with an \
            accuracy it reads the whole recipe. Forces are F = D g (n - 1/2) - K Q - kappa (sum of the neighbours' Q): the elastic \
            part is included.
            """)

    @Option(
        help: ArgumentHelp("The recipe with [lattice] and [model].", valueName: "recipe"), completion: .file(extensions: ["toml"])
    )
    var recipe: String

    @Option(help: ArgumentHelp("A solver: \(SolverName.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "name"))
    var solver: SolverName?

    @OptionGroup(title: "Options of the solver, in place of the recipe's")
    var settings: SolverArguments

    @Option(
        help: ArgumentHelp("A learned force (model.safetensors), in place of a solver.", valueName: "file"),
        completion: .file(extensions: ["safetensors"]))
    var model: String?

    @Option(help: ArgumentHelp("The configurations Q.", valueName: "file"), completion: .file(extensions: ["npy"]))
    var input: String

    @Option(help: ArgumentHelp("The .npy file for the forces F.", valueName: "file"))
    var output: String

    @Option(help: ArgumentHelp("The .npy file for the densities n.", valueName: "file"))
    var density: String?

    @Option(help: ArgumentHelp("The .npy file for the expected errors of F, of a learned force.", valueName: "file"))
    var uncertainty: String?

    @OptionGroup var compute: ComputeOptions

    private struct Answer: Encodable {
        let input: String
        let shape: [Int]
        let source: String
        let outputs: [String]
        /// Options of the solver, as used.
        let options: [String: String]
        let choice: AccuracyChoice?
        /// How blocks of the force are laid, in words; nil if it has none.
        let blocks: String?
        /// The largest error of a density as the solver estimates it.
        let errorEstimate: Double?
        let secondsPerConfiguration: Double?
    }

    func validate() throws {
        guard (solver == nil) != (model == nil) else { throw ValidationError("Either --solver or --model is needed.") }
        guard model != nil || uncertainty == nil else { throw ValidationError("--uncertainty needs --model.") }
        if solver == nil, let key = settings.values.map(\.key).first(where: { $0 != "tiling" }) {
            throw ValidationError("--\(key.replacing("_", with: "-")) needs --solver.")
        }
    }

    func run() throws {
        try Failure.reporting {
            let written = [("--output", output), ("--density", density), ("--uncertainty", uncertainty)]
            try AtomicFile.requireSeparate(
                outputs: written.compactMap { name, path in path.map { (name, $0) } },
                inputs: [("--recipe", recipe), ("--input", input)] + (model.map { [("--model", $0)] } ?? []))
            try compute.reserveMemory()
            let pool = WorkerPool(threads: compute.threadCount)
            var recipe = try ModelRecipe(contentsOf: self.recipe)
            if let solver {
                do {
                    recipe = try recipe.choosing(solver, settings.values, path: self.recipe, pool: pool)
                } catch let error as RecipeError where error.file == SolverSettings.commandLine {
                    throw ValidationError(SolverArguments.option(of: error) + error.problem)
                }
            }
            let input = try NPYArray(contentsOf: input)
            let evaluation = ForceEvaluation(recipe, source: try source(recipe), tiling: settings.tiling)
            try evaluation.validate(input, needsUncertainty: uncertainty != nil)
            let outputs = [output, density, uncertainty].compactMap(\.self)
            try requireFolders(of: outputs)
            let result = compute.dryRun ? nil : try evaluate(evaluation, input)
            let answer = Answer(
                input: self.input, shape: input.shape, source: solver?.rawValue ?? model ?? "",
                outputs: compute.dryRun ? [] : outputs,
                options: solver.map { Dictionary(uniqueKeysWithValues: recipe.options(of: $0).map { ($0.key, $0.value) }) }
                    ?? [:],
                choice: solver.flatMap { recipe.choice(of: $0) }, blocks: result?.tilingFacts.first?.value,
                errorEstimate: result?.errorEstimate,
                secondsPerConfiguration: result?.secondsPerConfiguration)
            if compute.json { return try Terminal.printJSON(answer) }
            let files = outputs.joined(separator: " and ")
            var lines = [
                "\(files): \(compute.dryRun ? "would be written" : "written"), shape \(input.shape), from \(answer.source)"
            ]
            if let choice = answer.choice { lines.append(choice.text) }
            let options = (solver.map { recipe.options(of: $0) } ?? []).map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
            if answer.choice == nil, !options.isEmpty { lines.append("options: \(options)") }
            lines += result?.tilingFacts.map { "\($0.name): \($0.value)" } ?? []
            if let error = answer.errorEstimate {
                lines.append("error of a density: at most \(TerminalNumber.text(error, digits: 2)), estimated")
            }
            if let seconds = answer.secondsPerConfiguration {
                lines.append(
                    "time: \(TerminalNumber.text(seconds, digits: 3)) s per configuration with \(compute.threadCount) threads")
            }
            try Terminal.printResult(lines.joined(separator: "\n"))
        }
    }

    private func source(_ recipe: ModelRecipe) throws -> ForceEvaluation.Source {
        if let solver { return .solver(solver) }
        return try .network(contentsOf: model ?? "", for: recipe.model)
    }

    /// A long calculation should not end in a misspelled folder.
    private func requireFolders(of files: [String]) throws {
        for file in files {
            let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
            guard FileManager.default.isWritableFile(atPath: folder) else {
                throw StorageError(.unwritable, path: file, problem: "the folder \(folder) is not there or not writable")
            }
        }
    }

    /// The forces take their name when the other outputs are on the disk.
    private func evaluate(_ evaluation: ForceEvaluation, _ input: NPYArray) throws -> ForceEvaluation.Result {
        let progress = Terminal.progress()
        defer { progress.leaveLine() }
        let result = try evaluation.evaluate(
            input, needsDensity: density != nil, needsUncertainty: uncertainty != nil, threads: compute.threadCount,
            progress: progress, interruption: compute.interruption())
        try AtomicFile.replace(output) { temporary in
            try result.forces.write(to: temporary)
            if let density { try result.density?.write(to: density) }
            if let uncertainty { try result.uncertainty?.write(to: uncertainty) }
        }
        return result
    }
}
