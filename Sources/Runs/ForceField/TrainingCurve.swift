import Foundation
import Storage
import Training

/// The columns of `training.csv`, one entry an epoch.
package struct TrainingCurve {
    package let epochs: [Double]
    package let learningRates: [Double]
    /// Mean losses, in units of the network's output scale squared.
    package let losses: [Double]
    /// Root mean square errors of the validation forces, in units of the hopping.
    package let validationErrors: [Double]

    /// - Parameters:
    ///   - text: lines of comma-separated numbers under ``EpochRecord/columns``, the epoch a whole one.
    ///   - path: for errors.
    /// - Throws: `StorageError` `.malformed` naming the line.
    package init(_ text: String, path: String) throws {
        let rows = try NumberTable.records(text, path: path, columns: EpochRecord.columns) { Int($0[0]) == nil ? nil : $1 }
        func column(_ index: Int) -> [Double] { rows.map { $0[index] } }
        epochs = column(0)
        learningRates = column(2)
        losses = column(3)
        validationErrors = column(4)
    }

    /// Whether the curve in a run's folder is that of its model: whether the epoch of the weights has the error that the model knows.
    ///
    /// - Throws: `StorageError` if one of them is there but cannot be read.
    package static func isThere(in directory: RunDirectory) throws -> Bool {
        guard directory.exists(directory.trainingCurve), directory.exists(directory.model) else { return false }
        let (curve, model) = try (TrainingCurve(contentsOf: directory.trainingCurve), ModelFile.read(directory.model))
        return zip(curve.epochs, curve.validationErrors).contains { $0 == Double(model.epoch) && $1 == model.validationError }
    }

    /// - Throws: `StorageError` `.unreadable` or `.malformed`.
    package init(contentsOf path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StorageError(.unreadable, path: path, problem: "cannot be read")
        }
        try self.init(String(decoding: data, as: UTF8.self), path: path)
    }
}
