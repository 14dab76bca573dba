import ElectronicStructure
import ForceFields

extension TrainedModel {
    /// The parameters of the electrons that the force depends on.
    var electronParameters: Set<ElectronParameter> {
        (model.architecture as? any NetworkFamily)?.electronParameters ?? []
    }

    /// Whether the force is that of blocks of several cells.
    var hasBlocks: Bool { ((model.architecture as? any NetworkFamily)?.blockSide ?? 1) > 1 }

    /// How blocks are laid where no recipe says it: as the recipe of the training does. Models of earlier versions are as they were,
    /// fixed.
    ///
    /// - Parameter path: of the model file, for messages.
    /// - Throws: ``RecipeError`` if the model's own recipe cannot be read.
    func tiling(path: String) throws -> BlockTiling {
        let root = TableReader(try TOMLDocument(recipe, file: path))
        return try root.subtable(Recipe.Section.simulate.rawValue).choice("tiling") ?? .fixed
    }

    /// Refuses electrons of which the training data say nothing.
    ///
    /// Elastic constants are not learned and may be others; a parameter that the network depends on may have any value in the
    /// range of the data.
    ///
    /// - Parameter path: of the model file, for messages.
    /// - Throws: ``ForceEvaluationError/otherElectrons(path:differences:)``, and ``RecipeError`` if the model's own recipe cannot
    ///   be read.
    func requireElectrons(_ electrons: AdiabaticModel, path: String) throws {
        let document = try TOMLDocument(recipe, file: path)
        let root = try Recipe.root(of: document)
        let trained = try ModelSettings.model(root.subtable(Recipe.Section.model.rawValue), on: nil)
        let generate = try root.subtable(Recipe.Section.generate.rawValue)
        var differences = trained.electronicDifferences(
            from: electrons, ignoring: Set(ElectronParameter.allCases.map(\.rawValue)))
        for parameter in ElectronParameter.allCases {
            // At fixed filling there is no chemical potential; one filling and another differ in their own key.
            guard let own = parameter.value(in: trained), let asked = parameter.value(in: electrons) else { continue }
            let listed = try generate.numbers(parameter.listKey, allowed: .finite) ?? []
            let values = listed.isEmpty ? [own] : listed
            let (low, high) = (values.min()!, values.max()!)
            if asked == low, asked == high { continue }
            if electronParameters.contains(parameter), (low...high).contains(asked) { continue }
            let known = low == high ? "= \(low)" : "from \(low) to \(high)"
            differences.append("\(parameter.rawValue) \(known), the recipe's \(parameter.rawValue) = \(asked)")
        }
        guard differences.isEmpty else { throw ForceEvaluationError.otherElectrons(path: path, differences: differences) }
    }
}
