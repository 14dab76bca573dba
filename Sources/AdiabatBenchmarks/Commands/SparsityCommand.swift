import ArgumentParser
import Experiments
import LatticeNumerics

/// `sparsity`: a network that has lost most of its couplings, beside the whole one and a narrower one.
struct SparsityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sparsity",
        abstract: "Compare a network that loses couplings in training with the whole network and with a narrower one.",
        discussion: """
            Trains the network of the recipe as it is, with training.sparsity, and with other widths, each from several seeds on the \
            same data, with a cosine of the learning rate. Then times their forces in turn on 200 x 200 sites. Prints a Markdown \
            table. The epochs of the defaults take five minutes of processor time each.
            """)

    @Option(help: ArgumentHelp("The recipe, with network.name \"equivariant-fully-connected\".", valueName: "file"))
    var recipe = "runs/fan-chern-2026.toml"

    @Option(help: ArgumentHelp("The folder in which data are kept and looked for.", valueName: "folder"))
    var models = "benchmark-models"

    @Option(help: ArgumentHelp("Part of the couplings that is removed.", valueName: "part"))
    var sparsity = 0.98

    @Option(
        name: .customLong("width"), parsing: .singleValue,
        help: ArgumentHelp("Width of a layer of the narrower network; given for every layer.", valueName: "channels"))
    var widths = [6, 2, 1]

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Epochs of the whole, the sparse and the narrower network; 0: it is left out.", valueName: "count"))
    var epochs = [13, 95, 180]

    @Option(help: ArgumentHelp("Trainings of each.", valueName: "count"))
    var seeds = 3

    @Option(help: ArgumentHelp("Threads of the data and the trainings.", valueName: "count"))
    var threads = 1

    func validate() throws {
        guard epochs.count == 3, epochs.allSatisfy({ $0 == 0 || $0 >= 4 }), seeds >= 1, threads >= 1 else {
            throw ValidationError("--epochs takes three numbers, 0 or from 4 on; --seeds and --threads are allowed from 1 on.")
        }
    }

    func run() throws {
        let recipe = try BenchmarkRecipe(self.recipe)
        let data = try TrainingData(recipe.recipe, folder: "\(models)/\(recipe.name)", threads: threads)
        print(
            try SparsityStudy(
                recipe, data, sparsity: sparsity, widths: widths, epochs: epochs, seeds: seeds, pool: WorkerPool(threads: threads)
            ).markdown)
    }
}
