import EquivariantNetworks
import Foundation
import LatticeNumerics
import Lattices
import Storage

/// A trained network as it is kept in `model.safetensors`: it loads with no recipe at hand.
public struct TrainedModel: Sendable {
    /// The architecture with its scales, bound to the lattice it was trained on.
    public let network: FullyConnectedNetwork
    /// Laid out by `network.layout`.
    public let parameters: [Double]
    /// The resolved recipe of the training.
    public let recipe: String
    /// SHA-256 of the dataset it was trained on.
    public let datasetDigest: String
    /// The epoch after which the weights were these, the one of the lowest validation error.
    public let epoch: Int
    /// Root mean square error of the electronic force on the validation trajectories after that epoch, in units of the
    /// hopping per displacement; NaN if the file does not tell.
    public let validationError: Double

    /// The learned electronic force on a supercell of the model's lattice.
    ///
    /// - Throws: `NetworkError` for another lattice.
    public func forceField(on supercell: Supercell, singlePrecision: Bool, pool: WorkerPool) throws -> LearnedForceField {
        try LearnedForceField(network, parameters: parameters, supercell: supercell, singlePrecision: singlePrecision, pool: pool)
    }
}

/// `model.safetensors`: the parameters by name in Float64, `input.scale` [irreps] and `output.scale` [1]; metadata `format`,
/// `version`, `architecture` (JSON), `lattice` (TOML), `components`, `recipe` (TOML), `dataset_sha256`, `epoch`, `validation_rmse`.
public enum ModelFile {
    static let format = "adiabat-model"
    private static let version = "1"

    static func write(_ model: TrainedModel, to path: String) throws {
        try contents(model).write(to: path)
    }

    static func contents(_ model: TrainedModel) -> Safetensors {
        let network = model.network
        let parameters = network.layout.entries.map {
            Safetensors.Tensor(name: $0.name, shape: $0.shape, values: .float64(Array(model.parameters[$0.range])))
        }
        let scales = [
            Safetensors.Tensor(name: "input.scale", shape: [network.inputScale.count], values: .float64(network.inputScale)),
            Safetensors.Tensor(name: "output.scale", shape: [1], values: .float64([network.outputScale])),
        ]
        return Safetensors(
            tensors: parameters + scales,
            metadata: [
                "format": format, "version": version,
                "architecture": String(decoding: JSONFile.encode(network.architecture), as: UTF8.self),
                "lattice": LatticeFile.text(of: network.lattice), "components": network.components.rawValue,
                "recipe": model.recipe, "dataset_sha256": model.datasetDigest, "epoch": "\(model.epoch)",
                "validation_rmse": "\(model.validationError)",
            ])
    }

    /// - Throws: `StorageError` if the file is not a model, is damaged, or does not fit its own architecture.
    public static func read(_ path: String) throws -> TrainedModel {
        let file = try Safetensors(contentsOf: path)
        func malformed(_ problem: String) -> StorageError { StorageError(.malformed, path: path, problem: problem) }
        guard file.metadata["format"] == format else { throw malformed("is not a model of this program") }
        guard file.metadata["version"] == version else {
            throw malformed("is a model of version \(file.metadata["version"] ?? "?"); version \(version) is read")
        }
        let architecture: NetworkArchitecture
        do {
            let text = try file.metadataValue("architecture")
            architecture = try JSONDecoder().decode(NetworkArchitecture.self, from: Data(text.utf8))
        } catch let error as DecodingError { throw malformed("its architecture cannot be read: \(error)") }
        guard let components = SiteComponents(rawValue: try file.metadataValue("components")) else {
            throw malformed("its site variable is of an unknown kind")
        }
        var network: FullyConnectedNetwork
        do {
            let lattice = try LatticeFile.parse(try file.metadataValue("lattice"), file: path)
            network = try FullyConnectedNetwork(architecture, lattice: lattice, components: components)
        } catch let error as NetworkError {
            throw malformed("\(error)")
        } catch let error as LatticeError {
            throw malformed("\(error)")
        }
        try file.validateFinite()
        let parameters = try network.layout.entries.flatMap { try file.doubles($0.name, shape: $0.shape) }
        network.inputScale = try file.doubles("input.scale", shape: [network.inputScale.count])
        network.outputScale = try file.doubles("output.scale", shape: [1])[0]
        guard (network.inputScale + [network.outputScale]).allSatisfy({ $0 > 0 }) else {
            throw malformed("a scale is not positive")
        }
        return TrainedModel(
            network: network, parameters: parameters, recipe: try file.metadataValue("recipe"),
            datasetDigest: try file.metadataValue("dataset_sha256"), epoch: Int(file.metadata["epoch"] ?? "") ?? 0,
            validationError: Double(file.metadata["validation_rmse"] ?? "") ?? .nan)
    }
}
