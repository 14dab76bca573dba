import EquivariantNetworks
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import Storage

/// A trained network as it is kept in `model.safetensors`: it loads with no recipe at hand.
public struct TrainedModel: Sendable {
    /// The architecture with its constants, bound to the lattice it was trained on.
    public let model: any ForceModel
    /// Laid out by `model.layout`.
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
    /// - Parameter conditions: the electrons, for models that depend on them.
    /// - Throws: `NetworkError` for another lattice.
    public func forceField(
        on supercell: Supercell, conditions: Conditions, singlePrecision: Bool, pool: WorkerPool
    ) throws -> any ForceField {
        try model.forceField(
            parameters: parameters, conditions: conditions, supercell: supercell, singlePrecision: singlePrecision, pool: pool)
    }
}

/// `model.safetensors`: parameters and constants by name in Float64; metadata `format`, `version`, `family`, `architecture` (JSON), `lattice` (TOML), `components`, `recipe` (TOML), `dataset_sha256`, `epoch`, `validation_rmse`.
public enum ModelFile {
    static let format = "adiabat-model"
    private static let version = "2"

    static func write(_ model: TrainedModel, to path: String) throws {
        try contents(model).write(to: path)
    }

    static func contents(_ model: TrainedModel) -> Safetensors {
        let parameters = model.model.layout.entries.map {
            Safetensors.Tensor(name: $0.name, shape: $0.shape, values: .float64(Array(model.parameters[$0.range])))
        }
        let constants = model.model.constants.sorted { $0.key < $1.key }.map {
            Safetensors.Tensor(name: $0.key, shape: [$0.value.count], values: .float64($0.value))
        }
        return Safetensors(
            tensors: parameters + constants,
            metadata: [
                "format": format, "version": version,
                "family": type(of: model.model.architecture).name,
                "architecture": String(decoding: JSONFile.encode(model.model.architecture), as: UTF8.self),
                "lattice": LatticeFile.text(of: model.model.lattice), "components": model.model.components.rawValue,
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
        let architecture: any NetworkArchitecture
        do {
            let family = try file.metadataValue("family")
            guard
                let known = try NetworkSettings.architecture(family: family, json: try file.metadataValue("architecture"))
            else { throw malformed("is of the unknown family '\(family)'") }
            architecture = known
        } catch let error as DecodingError { throw malformed("its architecture cannot be read: \(error)") }
        guard let components = SiteComponents(rawValue: try file.metadataValue("components")) else {
            throw malformed("its site variable is of an unknown kind")
        }
        var model: any ForceModel
        do {
            let lattice = try LatticeFile.parse(try file.metadataValue("lattice"), file: path)
            model = try architecture.model(on: lattice, components: components)
        } catch let error as NetworkError {
            throw malformed("\(error)")
        } catch let error as LatticeError {
            throw malformed("\(error)")
        }
        try file.validateFinite()
        let parameters = try model.layout.entries.flatMap { try file.doubles($0.name, shape: $0.shape) }
        for (name, values) in model.constants {
            let found = try file.doubles(name, shape: [values.count])
            guard !name.hasSuffix("scale") || found.allSatisfy({ $0 > 0 }) else { throw malformed("'\(name)' is not positive") }
            model.constants[name] = found
        }
        return TrainedModel(
            model: model, parameters: parameters, recipe: try file.metadataValue("recipe"),
            datasetDigest: try file.metadataValue("dataset_sha256"), epoch: Int(file.metadata["epoch"] ?? "") ?? 0,
            validationError: Double(file.metadata["validation_rmse"] ?? "") ?? .nan)
    }
}
