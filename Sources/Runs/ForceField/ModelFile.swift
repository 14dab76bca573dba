import Foundation
import Lattices
import LearnedForces
import Recipes
import Storage
import Training

/// `model.safetensors`: parameters and constants by name in Float64; metadata `format`, `version`, `family`, `architecture` (JSON),
/// `lattice` (TOML), `components`, `recipe` (TOML), `dataset_sha256`, `epoch`, `validation_rmse`, `validation_rmse_of_zero` (the error of
/// predicting zero), `pole_rmse` (what the poles of a Green's-function network contribute to the error), and `schedules` where the
/// training was gone on with for more epochs.
///
/// Of an array that has lost half of its parameters or more to `training.sparsity`, the others stand in one row, and `NAME.places`
/// holds their places in the whole array, counted from 0 in row-major order.
///
/// The metadata key `sha256` holds the digest of everything else in the file; a file that does not match it is refused. Version 2 had none.
///
/// Where the force has an estimate of its error, `uncertainty` names it as `training.uncertainty` does. Of a committee, and of models
/// around the fitted one, the names are those of the first member, whose force is the answer; those of the second have `member2/`
/// before them, and so on. The metadata then hold the number of members as `committee`, and the tensor `committee.calibration` α and a
/// of the ``CommitteeCalibration``, with `committee.calibration.mean` beside it where blocks can be averaged over. A fit by least squares has left `curvature.eigenvalues` and `curvature.ridge`, see `FitCurvature`.
public enum ModelFile {
    static let format = "adiabat-model"
    private static let version = "3"
    private static let unsealedVersion = "2"
    private static let digestKey = "sha256"
    private static let trivialKey = "validation_rmse_of_zero"
    private static let committeeKey = "committee"
    private static let schedulesKey = "schedules"
    private static let poleKey = "pole_rmse"
    private static let uncertaintyKey = "uncertainty"
    private static let calibrationName = "committee.calibration"
    private static let meanCalibrationName = "committee.calibration.mean"
    private static let eigenvaluesName = "curvature.eigenvalues"
    private static let ridgeName = "curvature.ridge"
    private static let placesSuffix = ".places"

    /// - Throws: `StorageError` `.notFinite` for parameters that are not numbers, `.outOfSpace` or `.unwritable`.
    package static func write(_ model: TrainedModel, to path: String) throws {
        for (number, member) in model.members.enumerated() {
            guard (member.parameters + member.model.constants.values.joined()).allSatisfy(\.isFinite) else {
                throw StorageError(
                    .notFinite, path: path,
                    problem: "parameters of member \(number + 1) are not finite; only finite numbers are allowed")
            }
        }
        try contents(model).write(to: path)
    }

    static func contents(_ model: TrainedModel) -> Safetensors {
        func vector(_ name: String, _ values: [Double]) -> Safetensors.Tensor {
            Safetensors.Tensor(name: name, shape: [values.count], values: .float64(values))
        }
        var tensors = model.members.enumerated().flatMap { self.tensors(of: $1, prefix: prefix(ofMember: $0)) }
        if let spectrum = model.spectrum {
            tensors += [vector(eigenvaluesName, spectrum.eigenvalues), vector(ridgeName, [spectrum.ridge])]
        }
        var metadata = [
            "format": format, "version": version,
            "family": type(of: model.model.architecture).name,
            "architecture": String(decoding: JSONFile.encode(model.model.architecture), as: UTF8.self),
            "lattice": LatticeFile.text(of: model.model.lattice), "components": "\(model.model.kind)",
            "recipe": model.recipe, "dataset_sha256": model.datasetDigest, "epoch": "\(model.epoch)",
            "validation_rmse": "\(model.validationError)",
        ]
        metadata[schedulesKey] = model.schedules
        metadata[poleKey] = model.poleError.map { "\($0)" }
        if model.trivialError.isFinite { metadata[trivialKey] = "\(model.trivialError)" }
        guard model.uncertainty != .none else { return sealed(tensors, metadata) }
        metadata[uncertaintyKey] = model.uncertainty.rawValue
        metadata[committeeKey] = "\(model.members.count)"
        let calibrations: [(name: String, value: CommitteeCalibration?)] = [
            (calibrationName, model.calibration), (meanCalibrationName, model.meanCalibration),
        ]
        for (name, value) in calibrations {
            if let value { tensors.append(vector(name, [value.factor, value.floor])) }
        }
        return sealed(tensors, metadata)
    }

    private static func sealed(_ tensors: [Safetensors.Tensor], _ metadata: [String: String]) -> Safetensors {
        let digest = Digest.sha256(of: Safetensors(tensors: tensors, metadata: metadata).serialized())
        return Safetensors(tensors: tensors, metadata: metadata.merging([digestKey: digest]) { $1 })
    }

    /// - Throws: `StorageError` if the contents are not those that the digest was made of.
    private static func requireSeal(_ file: Safetensors, version: String) throws {
        if version == unsealedVersion, file.metadata[digestKey] == nil { return }
        let contents = sealed(file.tensors, file.metadata.filter { $0.key != digestKey })
        guard contents.metadata[digestKey] == file.metadata[digestKey] else {
            throw StorageError(
                .malformed, path: file.path, problem: "is damaged: its contents do not match the SHA-256 in its metadata")
        }
    }

    private static func tensors(of member: TrainedModel.Member, prefix: String) -> [Safetensors.Tensor] {
        let removable = member.model.removable
        let parameters = member.model.layout.entries.flatMap { entry in
            let (name, values) = (prefix + entry.name, Array(member.parameters[entry.range]))
            let left = values.indices.filter { values[$0] != 0 }
            guard 2 * left.count <= values.count, removable.contains(where: { $0.contains(entry.range.lowerBound) }) else {
                return [Safetensors.Tensor(name: name, shape: entry.shape, values: .float64(values))]
            }
            return [
                Safetensors.Tensor(name: name, shape: [left.count], values: .float64(left.map { values[$0] })),
                Safetensors.Tensor(name: name + placesSuffix, shape: [left.count], values: .int64(left.map(Int64.init))),
            ]
        }
        let constants = member.model.constants.sorted { $0.key < $1.key }.map {
            Safetensors.Tensor(name: prefix + $0.key, shape: [$0.value.count], values: .float64($0.value))
        }
        return parameters + constants
    }

    /// What stands before the names of a member's tensors: nothing for the first, `member2/` for the second.
    private static func prefix(ofMember index: Int) -> String { index == 0 ? "" : "member\(index + 1)/" }

    /// All parameters of one array, zeros where some have been removed.
    private static func parameters(
        of entry: ParameterLayout.Entry, prefix: String, in file: Safetensors
    ) throws -> [Double] {
        let (name, places) = (prefix + entry.name, prefix + entry.name + placesSuffix)
        guard file.tensors.contains(where: { $0.name == places }) else { return try file.doubles(name, shape: entry.shape) }
        let indices = try file.integers(places)
        let values = try file.doubles(name, shape: [indices.count])
        guard zip(indices, indices.dropFirst()).allSatisfy(<), indices.first ?? 0 >= 0, indices.last ?? 0 < entry.range.count
        else {
            throw StorageError(.malformed, path: file.path, problem: "'\(places)' is not a list of ascending places of \(name)")
        }
        var all = [Double](repeating: 0, count: entry.range.count)
        for (index, value) in zip(indices, values) { all[index] = value }
        return all
    }

    /// - Throws: `StorageError` if the file is not a model, is damaged, or does not fit its own architecture.
    public static func read(_ path: String) throws -> TrainedModel {
        let file = try Safetensors(contentsOf: path)
        func malformed(_ problem: String) -> StorageError { StorageError(.malformed, path: path, problem: problem) }
        guard file.metadata["format"] == format else { throw malformed("is not a model of this program") }
        let found = file.metadata["version"] ?? "?"
        guard [version, unsealedVersion].contains(found) else {
            throw malformed("is a model of version \(found); versions \(unsealedVersion) and \(version) are read")
        }
        try requireSeal(file, version: found)
        let architecture: any NetworkArchitecture
        do {
            let family = try file.metadataValue("family")
            guard
                let known = try NetworkSettings.architecture(family: family, json: try file.metadataValue("architecture"))
            else { throw malformed("is of the unknown family '\(family)'") }
            architecture = known
        } catch let error as DecodingError { throw malformed("its architecture cannot be read: \(error)") }
        guard let kind = SiteVariable.Kind(try file.metadataValue("components")) else {
            throw malformed("its site variable is of an unknown kind")
        }
        let model: any ForceModel
        do {
            let lattice = try LatticeFile.parse(try file.metadataValue("lattice"), file: path)
            model = try architecture.model(on: lattice, kind: kind)
        } catch let error as NetworkError {
            throw malformed("\(error)")
        } catch let error as LatticeError {
            throw malformed("\(error)")
        }
        try file.validateFinite()
        let count = Int(file.metadata[committeeKey] ?? "1") ?? 0
        guard (1...TrainingOptions.largestCommittee).contains(count) else {
            throw malformed("its committee has no number of members")
        }
        let members = try (0..<count).map { index in
            let prefix = prefix(ofMember: index)
            var member = model
            let parameters = try model.layout.entries.flatMap { try Self.parameters(of: $0, prefix: prefix, in: file) }
            for (name, values) in model.constants {
                let found = try file.doubles(prefix + name, shape: [values.count])
                guard !name.hasSuffix("scale") || found.allSatisfy({ $0 > 0 }) else {
                    throw malformed("'\(prefix + name)' is not positive")
                }
                member.constants[name] = found
            }
            return TrainedModel.Member(model: member, parameters: parameters)
        }
        // Files of earlier versions know committees alone.
        let name = file.metadata[uncertaintyKey] ?? (count > 1 ? "committee" : "none")
        guard let uncertainty = TrainingOptions.Uncertainty(rawValue: name) else {
            throw malformed("its estimate of the error is of the unknown kind '\(name)'")
        }
        guard (count > 1) == uncertainty.hasMembers else { throw malformed("has \(count) members, which do not fit '\(name)'") }
        guard uncertainty != .largerPatches || model is GreensFunctionModel else {
            throw malformed("its network has no patches, which do not fit '\(name)'")
        }
        func calibration(_ name: String) throws -> CommitteeCalibration {
            let numbers = try file.doubles(name, shape: [2])
            guard numbers[0] > 0, numbers[1] >= 0 else { throw malformed("'\(name)' is negative") }
            return CommitteeCalibration(factor: numbers[0], floor: numbers[1])
        }
        let hasMean = file.tensors.contains { $0.name == meanCalibrationName }
        let hasSpectrum = file.tensors.contains { $0.name == eigenvaluesName }
        let spectrum =
            hasSpectrum
            ? TrainedModel.Spectrum(
                eigenvalues: try file.doubles(eigenvaluesName, shape: [model.layout.count]),
                ridge: try file.doubles(ridgeName, shape: [1])[0]) : nil
        return TrainedModel(
            members: members, uncertainty: uncertainty,
            calibration: uncertainty == .none ? .none : try calibration(calibrationName),
            recipe: try file.metadataValue("recipe"),
            datasetDigest: try file.metadataValue("dataset_sha256"), epoch: Int(file.metadata["epoch"] ?? "") ?? 0,
            validationError: Double(file.metadata["validation_rmse"] ?? "") ?? .nan,
            schedules: file.metadata[schedulesKey], trivialError: Double(file.metadata[trivialKey] ?? "") ?? .nan,
            poleError: Double(file.metadata[poleKey] ?? ""), spectrum: spectrum,
            meanCalibration: hasMean ? try calibration(meanCalibrationName) : nil)
    }
}
