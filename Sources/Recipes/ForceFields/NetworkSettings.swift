import Foundation
import Lattices
import LearnedForces
import Models
import Training

/// `[network]`: the family of the model and its architecture.
public struct NetworkSettings: Sendable, Equatable {
    /// All families. A further one is a ``NetworkFamily`` in a file of its own, and its name in this list.
    private static let catalogue: [any NetworkFamily.Type] = [
        FullyConnectedArchitecture.self, ConvolutionArchitecture.self, GreensFunctionArchitecture.self,
    ]

    package private(set) var family: any NetworkFamily

    /// What the model is made of.
    public var architecture: any NetworkArchitecture { family }

    /// Whether it solves blocks of several cells, which `simulate.tiling` lays.
    package var hasBlocks: Bool { family.blockSide > 1 }

    /// Whether it solves patches that could be larger.
    var hasPatches: Bool { family.hasPatches }

    /// Sets the radius that patches had at all poles before there was a choice.
    mutating func useOneRadius() {
        guard var architecture = family as? GreensFunctionArchitecture else { return }
        architecture.radiusHeights = []
        family = architecture
    }

    /// Reads the table. Without a name it is that of Green's functions, at k_BT = 0 and with hopping to several shells that of convolutions, or else the first that has
    /// all its keys.
    ///
    /// - Throws: ``RecipeError``
    init(_ reader: TableReader, lattice: LatticeSettings, model: AdiabaticModel, generate: GenerateSettings) throws {
        let context = NetworkContext(lattice: lattice, model: model, generate: generate)
        let usual: any NetworkFamily.Type =
            context.hasGreensFunctions ? GreensFunctionArchitecture.self : ConvolutionArchitecture.self
        let name =
            try reader.text("name") ?? ([usual] + Self.catalogue).first { reader.hasOnly($0.allowedKeys) }?.name ?? usual.name
        guard let type = Self.catalogue.first(where: { $0.name == name }) else {
            throw reader.unknownName("name", name, allowed: Self.catalogue.map { $0.name })
        }
        family = try Self.read(type, reader, context)
        let known = model.listedParameters.map(\.key)
        if let stranger = family.electronParameters?.first(where: { !known.contains($0) }) {
            throw reader.unknownName("conditions", stranger, allowed: known)
        }
    }

    private static func read<Family: NetworkFamily>(
        _: Family.Type, _ reader: TableReader, _ context: NetworkContext
    ) throws -> any NetworkFamily {
        try reader.refuseKeys(except: Family.allowedKeys)
        var family = Family.usual(for: context)
        for key in Family.keys { try key.read(reader, &family) }
        return family
    }

    /// Keys and values as canonical TOML.
    package var entries: [(key: String, value: String)] {
        [("name", TOMLText.text(type(of: family).name))] + family.entries
    }

    /// Whether the network lacks an operation that maps a supercell onto itself.
    func lacksOperation(on supercell: Supercell) -> Bool { supercell.operations.contains { family.lacks($0.operation) } }

    /// The keys of every family, under its name.
    static var keyNames: [(family: String, keys: [String])] { catalogue.map { ($0.name, $0.keyNames) } }

    func effects(of key: String) -> RecipeKeyEffects { key == "name" ? .architecture : family.effects(of: key) }

    /// `[training]` where the recipe is silent.
    var trainingDefaults: TrainingOptions {
        var options = TrainingOptions()
        type(of: family).setDefaults(&options)
        return options
    }

    /// Equal if all keys are.
    public static func == (a: NetworkSettings, b: NetworkSettings) -> Bool { a.entries.elementsEqual(b.entries, by: ==) }

    /// The architecture of a family from the JSON of a model file; nil for a family that is not known.
    ///
    /// - Throws: `DecodingError`
    package static func architecture(family name: String, json: String) throws -> (any NetworkArchitecture)? {
        guard let type = catalogue.first(where: { $0.name == name }) else { return nil }
        let decoder = JSONDecoder()
        // Models of earlier versions have keys in camelCase, which this leaves as they are.
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(json.utf8))
    }
}
