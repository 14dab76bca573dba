import Training

extension Recipe {
    /// The recipe with another network: the tables `[network]` and `[training]` of a file that has no others.
    ///
    /// - Throws: ``RecipeError``, as for a whole recipe.
    package func replacingNetwork(from path: String) throws -> Recipe {
        let document = try TOMLDocument(contentsOf: path)
        let root = TableReader(document)
        try root.refuseKeys(except: [Section.network, .training].map(\.rawValue))
        var recipe = self
        recipe.network = try NetworkSettings(
            root.subtable(Section.network.rawValue), lattice: lattice, model: model, generate: generate)
        recipe.training = try TrainingOptions(
            root.subtable(Section.training.rawValue), defaults: recipe.network.trainingDefaults)
        try recipe.validate(document)
        return recipe
    }
}
