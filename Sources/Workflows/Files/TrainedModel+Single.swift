import EquivariantNetworks

extension TrainedModel {
    /// A network that was not trained by a run.
    ///
    /// - Parameters:
    ///   - parameters: as laid out by the model.
    ///   - recipe: the resolved recipe of the lattice, the electrons and the training.
    ///   - epoch: the one after which the parameters were these.
    ///   - validationError: root mean square error on the validation trajectories; NaN if it is not known.
    package init(
        single model: any ForceModel, parameters: [Double], recipe: String, epoch: Int = 0, validationError: Double = .nan
    ) {
        self.init(
            members: [.init(model: model, parameters: parameters)], uncertainty: .none, calibration: .none, recipe: recipe,
            datasetDigest: "",
            epoch: epoch, validationError: validationError)
    }

    /// Writes the model file.
    ///
    /// - Throws: `StorageError` if the file cannot be written.
    package func write(to path: String) throws { try ModelFile.write(self, to: path) }
}
