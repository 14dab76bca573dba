import ArgumentParser

/// The options of what trains architectures.
struct StudyOptions: ParsableArguments {
    @Option(
        name: .customLong("recipe"), parsing: .singleValue,
        help: ArgumentHelp("A recipe of lattice, electrons and data; may be given several times.", valueName: "file"))
    var recipes = ["runs/quickstart.toml", "runs/weak-coupling.toml"]

    @Option(help: ArgumentHelp("The folder in which data and trained models are kept and looked for.", valueName: "folder"))
    var models = "benchmark-models"

    @Option(help: ArgumentHelp("How long each architecture is trained.", valueName: "seconds"))
    var secondsOfTraining = 120.0

    func validate() throws {
        guard secondsOfTraining > 0, secondsOfTraining <= 86_400 else {
            throw ValidationError("--seconds-of-training \(secondsOfTraining) is not allowed; up to 86400 is.")
        }
        guard !recipes.isEmpty else { throw ValidationError("At least one --recipe is needed.") }
    }

    var budget: TrainingBudget { TrainingBudget(seconds: secondsOfTraining) }

    /// The architectures of a folder whose names begin with one of `names`; all if there are none.
    ///
    /// - Throws: `ValidationError` for a name that fits none.
    func architectures(in folder: String, names: [String]) throws -> [Architecture] {
        let all = try Architecture.all(in: folder)
        for name in names where !all.contains(where: { $0.identifier.hasPrefix(name) }) {
            let known = all.map(\.identifier).joined(separator: ", ")
            throw ValidationError("No architecture '\(name)' in \(folder); there are \(known).")
        }
        return names.isEmpty ? all : all.filter { architecture in names.contains { architecture.identifier.hasPrefix($0) } }
    }

    /// Where the data of a recipe are kept.
    func folder(of recipe: BenchmarkRecipe) -> String { "\(models)/\(recipe.name)" }
}

/// The option of what draws a figure.
struct FigureOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Where the figure is drawn, a name that ends in .svg or .png.", valueName: "file"))
    var figure: String?

    func validate() throws {
        if let figure, !figure.hasSuffix(".svg"), !figure.hasSuffix(".png") {
            throw ValidationError("--figure \(figure) is not allowed; a name that ends in .svg or .png is.")
        }
    }
}
