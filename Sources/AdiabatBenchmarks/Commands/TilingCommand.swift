import ArgumentParser
import Experiments
import Foundation
import LatticeNumerics

/// `tiling`: the effect of sampled and averaged blocks in dynamics.
struct TilingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tiling",
        abstract: "Compare dynamics under learned forces with fixed, averaged and sampled blocks with exact dynamics.",
        discussion: """
            For every recipe a force field of blocks is trained, or read if it exists. It drives runs from several hot starts with \
            each tiling, and exact forces drive runs with the same noise; the divergence is the root mean square of Q - Q_exact \
            over sites and starts. Runs at constant energy from the end of each exact run show the drift of the exact energy per \
            site. Finally the processor times of steps with sampled and with fixed blocks are compared in turn. Prints Markdown \
            tables.
            """)

    @Argument(help: ArgumentHelp("The architecture, by the beginning of its name; it has blocks.", valueName: "name"))
    var architecture = "greens-function-blocks.3-2"

    @OptionGroup var study: StudyOptions

    @Option(help: ArgumentHelp("Threads of the runs; steps are timed on one.", valueName: "count"))
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: ArgumentHelp("The folder of the architectures.", valueName: "folder"))
    var architectures = "Sources/AdiabatBenchmarks/Architectures"

    @Option(help: ArgumentHelp("Side of the lattice of the runs.", valueName: "cells"))
    var side = 36

    @Option(help: ArgumentHelp("Hot starts.", valueName: "count"))
    var starts = 8

    @Option(
        name: .customLong("cost-side"), parsing: .singleValue,
        help: ArgumentHelp("Side of a lattice on which steps are timed; may be given several times.", valueName: "cells"))
    var costSides = [192, 200]

    @Option(help: ArgumentHelp("Pairs of timings.", valueName: "count"))
    var pairs = 20

    func validate() throws {
        guard starts >= 2, pairs >= 1, side >= 2, costSides.allSatisfy({ $0 >= 2 }) else {
            throw ValidationError("--starts from 2 on, --pairs from 1 and sides from 2 are allowed.")
        }
    }

    func run() throws {
        let recipes = try study.recipes.map(BenchmarkRecipe.init)
        let found = try study.architectures(in: architectures, names: [architecture])
        guard let chosen = found.first, found.count == 1 else {
            let names = found.map(\.identifier).joined(separator: ", ")
            throw ValidationError("'\(architecture)' is the beginning of several architectures, \(names); one is needed.")
        }
        let pool = WorkerPool(threads: threads)
        for recipe in recipes {
            let settings = try chosen.recipe(basedOn: recipe.recipe)
            guard settings.network.hasBlocks else {
                throw ValidationError("\(chosen.identifier) has no blocks; network.core from 2 on is needed.")
            }
            let folder = study.folder(of: recipe)
            let data = try TrainingData(recipe.recipe, folder: folder, threads: threads)
            let trained = try TrainedArchitecture(
                chosen, recipe: settings, training: data.samples(.training), validation: data.samples(.validation),
                budget: study.budget, folder: folder + "/models", pool: pool)
            print(
                try TilingStudy(
                    recipe, trained.trained, side: side, starts: starts, costSides: costSides, pairs: pairs, pool: pool
                ).markdown)
        }
    }
}
