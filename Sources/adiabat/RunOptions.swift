import ArgumentParser
import Communication
import Experiments
import Foundation
import LatticeNumerics
import Pipeline
import Recipes
import Reports
import Runs
import Storage

/// Options of every command that computes.
struct ComputeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Threads in each process (default: its share of the cores). Results do not depend on their number.",
            valueName: "count"))
    var threads: Int?

    @Flag(help: "Check everything, say what the command would do, and stop.")
    var dryRun = false

    @Flag(help: "Write the result to stdout as JSON.")
    var json = false

    @Option(
        help: ArgumentHelp(
            "Save and stop with exit code 85 after this many hours of wall time, fractions allowed.", valueName: "hours"))
    var maxHours: Double?

    func validate() throws {
        if let maxHours, !(maxHours >= 0 && maxHours <= 1e6) {
            throw ValidationError("--max-hours \(maxHours) is not allowed; 0 to 1000000 is")
        }
        if let threads, !(1...1024).contains(threads) {
            throw ValidationError("--threads \(threads) is not allowed; 1 to 1024 is")
        }
    }

    /// The signals that stop the command, and the limit of time from now on.
    func interruption() -> Interruption { .signals(timeLimit: maxHours.map { .seconds(3600 * $0) }) }

    /// Takes the address space of the linear algebra where there is a limit to it, before any work.
    ///
    /// - Throws: ``BLAS/NoRoom``
    func reserveMemory() throws { try BLAS.reserve(threads: threadCount) }

    var threadCount: Int { threads ?? LaunchedRanks.threads() }
}

/// Options of every command that works on the run of a recipe.
struct RunOptions: ParsableArguments {
    @Argument(help: "The recipe, a TOML file.", completion: .file(extensions: ["toml"]))
    var recipe: String

    @Option(help: ArgumentHelp("The seed of all random numbers, in place of the recipe's.", valueName: "number"))
    var seed: Int?

    @Option(
        help: ArgumentHelp("The folder of the run (default: results/NAME for the recipe NAME.toml).", valueName: "folder"),
        completion: .directory)
    var output: String?

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Go on with unfinished work, or discard it.",
            discussion: """
                Without either, a stage goes on with unfinished work if there is any. --resume demands that there is unfinished \
                work. --no-resume discards unfinished work first; finished files are never discarded.
                """))
    var resume: Bool?

    @Option(
        help: ArgumentHelp(
            "Processes along each direction of a lattice, such as 2x4 (default: chosen). Results do not depend on it.",
            valueName: "grid"))
    var grid: ProcessGrid?

    @Flag(
        help: ArgumentHelp(
            "Go on with unfinished work of another recipe.",
            discussion: """
                The finished part of the work keeps the values that it was made with. Changes that cannot be carried over, such \
                as another lattice, size or network, are still refused. The manifest lists the keys that differ as \
                forced_resumes; the same differences need no force again.
                """))
    var forceResume = false

    @OptionGroup var compute: ComputeOptions

    func validate() throws {
        if let seed, !(0...Recipe.largestSeed).contains(seed) {
            throw ValidationError("--seed \(seed) is not allowed; 0 to \(Recipe.largestSeed) is")
        }
        if forceResume, resume == false { throw ValidationError("--force-resume and --no-resume exclude each other.") }
    }

    /// - Throws: ``RecipeError``
    func readRecipe() throws -> Recipe {
        try Recipe(contentsOf: recipe, overrides: Recipe.Overrides(seed: seed))
    }

    /// How the command line names the run.
    var arguments: String {
        let options = [seed.map { "--seed \($0)" }, output.map { "--output \($0)" }].compactMap(\.self)
        return ([recipe] + options).joined(separator: " ")
    }

    /// - Throws: `OutputConflict` if the run would overwrite its own recipe. The `recipe.toml` of a run, which has all defaults
    ///   filled in, is allowed, because the run leaves it as it is.
    func requireOwnRecipe(_ resolved: Recipe) throws {
        let isResolved = FileManager.default.contents(atPath: recipe).map { Data(resolved.resolvedTOML.utf8) == $0 } ?? false
        try AtomicFile.requireSeparate(
            outputs: directory.outputs.filter { $0 != directory.recipe || !isResolved }.map { ("the output", $0) },
            inputs: [("the recipe", recipe)])
    }

    var directory: RunDirectory {
        let name = URL(fileURLWithPath: recipe).deletingPathExtension().lastPathComponent
        return RunDirectory(output ?? "results/" + name)
    }

    var resumePolicy: ResumePolicy {
        switch resume {
        case nil: .automatic
        case true?: .required
        case false?: .fresh
        }
    }
}

/// Options of every command that does one stage.
struct StageOptions: ParsableArguments {
    @OptionGroup var run: RunOptions

    @Flag(
        help: ArgumentHelp(
            "Do the stage again.",
            discussion: """
                Removes the files of the stage, finished or not, and all files that were made from them. Inputs of another recipe \
                are still refused; the error names the stage that has to be done again first. --dry-run lists the files that \
                would be removed.
                """))
    var redo = false

    func perform(_ stage: StageName) throws { try run.perform(stage, redo: redo ? stage : nil) }
}

extension StageName: ExpressibleByArgument {}

/// `2x4`: processes along each direction of a lattice.
struct ProcessGrid: ExpressibleByArgument {
    let ranks: [Int]

    init?(argument: String) {
        let parts = argument.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        let ranks = parts.compactMap(\.self)
        guard !ranks.isEmpty, ranks.count == parts.count, ranks.allSatisfy({ (1...1 << 20).contains($0) }) else { return nil }
        self.ranks = ranks
    }
}
