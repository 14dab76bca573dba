import Experiments
import Foundation
import Recipes

/// A model to be trained: the `[network]` and `[training]` of a file `FAMILY.VARIANT.toml` or `FAMILY.toml`.
///
/// A further architecture is a further file. Those of one family are joined by a line in figures.
package struct Architecture {
    /// The name of the file, without its ending.
    package let identifier: String
    let path: String

    /// What comes before the first dot of the name.
    package var family: String { Self.words(parts[0]) }
    /// Family and variant.
    package var name: String { parts.map(Self.words).joined(separator: ", ") }

    private var parts: [Substring] { identifier.split(separator: ".", maxSplits: 1) }

    private static func words(_ part: Substring) -> String { String(part.replacing("-", with: " ")) }

    init(_ path: String) {
        self.path = path
        identifier = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }

    /// All files of a folder, by name.
    ///
    /// - Throws: what the system throws for a folder that is not there.
    package static func all(in folder: String) throws -> [Architecture] {
        try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".toml") }.sorted().map {
            Architecture(folder + "/" + $0)
        }
    }

    /// The recipe with this network, trained in this way.
    ///
    /// - Throws: `RecipeError`
    package func recipe(basedOn recipe: Recipe) throws -> Recipe { try recipe.replacingNetwork(from: path) }
}
