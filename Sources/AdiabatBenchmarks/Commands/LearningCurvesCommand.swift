import ArgumentParser
import Foundation
import LatticeNumerics
import Reports

/// `learning-curves`: error against the number of training sites, with and without each symmetry.
struct LearningCurvesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "learning-curves",
        abstract: "Train architectures on more and more data, and measure their errors.",
        discussion: """
            Every architecture of a folder is trained for the same time on some of a recipe's configurations, which are spread \
            evenly over all its trajectories; errors are those on quenches that no model has seen. Data and models are kept in \
            a folder, and what is there is used again. Prints Markdown tables.
            """)

    @Argument(help: ArgumentHelp("Architectures, by the beginning of their names (default: all).", valueName: "name"))
    var names: [String] = []

    @OptionGroup var study: StudyOptions
    @OptionGroup var drawing: FigureOptions

    @Option(help: ArgumentHelp("Threads.", valueName: "count"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("The folder of the architectures.", valueName: "folder"))
    var architectures = "Sources/AdiabatBenchmarks/LearningCurves"

    @Option(
        name: .customLong("configurations"), parsing: .singleValue,
        help: ArgumentHelp("Configurations of 24² sites to train on; may be given several times.", valueName: "count"))
    var counts = [1, 4, 16, 64, 256, 100_000]

    func validate() throws {
        guard !counts.isEmpty, counts.allSatisfy({ $0 > 0 }) else {
            throw ValidationError("--configurations \(counts) is not allowed; numbers above 0 are.")
        }
    }

    func run() throws {
        let recipes = try study.recipes.map(BenchmarkRecipe.init)
        let architectures = try study.architectures(in: architectures, names: names)
        let pool = WorkerPool(threads: threads)
        let tables = try recipes.map { recipe in
            let table = try LearningCurves(recipe, architectures, counts: counts, study: study, pool: pool)
            print(table.markdown)
            return table
        }
        if let figure = drawing.figure { try AccuracyMap(tables).draw(to: figure) }
    }
}
