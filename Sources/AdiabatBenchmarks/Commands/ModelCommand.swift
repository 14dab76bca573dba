import ArgumentParser
import LearnedForces
import Storage

/// `model`: a model file with random parameters, for comparisons with other programs.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Write a model file of an architecture with random parameters.")

    @Argument(help: ArgumentHelp("The architecture.", valueName: "file"))
    var architecture: String

    @Option(help: ArgumentHelp("The recipe of the lattice and the electrons.", valueName: "file"))
    var recipe = "runs/quickstart.toml"

    @Option(help: ArgumentHelp("The model file to be written.", valueName: "file"))
    var output: String

    func run() throws {
        let model = try BenchmarkModel(Architecture(architecture), basedOn: BenchmarkRecipe(recipe))
        try model.write(to: output)
        if let convolution = model.model as? ConvolutionModel { try addBases(of: convolution) }
    }

    /// The bases that a convolution's weights are given in: Adiabat finds them anew and reads past them.
    private func addBases(of model: ConvolutionModel) throws {
        let file = try Safetensors(contentsOf: output)
        let bases = model.basisTensors.map {
            Safetensors.Tensor(name: $0.name, shape: $0.shape, values: .float64($0.values))
        }
        let names = model.irrepNames.joined(separator: ",")
        try Safetensors(tensors: file.tensors + bases, metadata: file.metadata.merging(["irreps": names]) { $1 }).write(
            to: output)
    }
}
