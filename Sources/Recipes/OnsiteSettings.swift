import Foundation
import Lattices
import Models
import Storage

/// `onsite` of `[model]`: energies v_i of all sites of a lattice of one size, from an npy file of the lattice's shape.
///
/// A recipe that the program writes has the SHA-256 of the file beside its path, as `onsite_sha256`. Recipes are compared by it, and
/// where the file has changed since, nothing is solved with it.
enum OnsiteSettings {
    static let keys = OnsiteEnergies.keys
    private static let (path, digest) = (keys[0], keys[1])

    /// The keys that the table of a model may have.
    static func keys(of model: any LatticeModel.Type) -> [String] { model.init().onsiteEnergies == nil ? [] : keys }

    /// The model with the energies of the table, and with random ones that belong to a seed.
    ///
    /// - Parameter lattice: nil if the model is not used on any; a file is not read then.
    /// - Throws: ``RecipeError`` for a file that cannot be read, is no array of finite numbers, or of a shape that the lattice does not
    ///   have.
    static func model(_ model: AdiabaticModel, _ reader: TableReader, on lattice: Lattice?, seed: UInt64) throws -> AdiabaticModel
    {
        guard var energies = model.onsiteEnergies else { return model }
        energies.seed = seed
        energies.given = try given(reader, on: lattice)
        return model.with(energies)
    }

    private static func given(_ reader: TableReader, on lattice: Lattice?) throws -> OnsiteEnergies.Given? {
        let recorded = try reader.text(digest)
        guard let name = try reader.text(path) else {
            guard recorded == nil else {
                throw reader.error(digest, "is given without onsite, the path of the file it belongs to")
            }
            return nil
        }
        let folder = URL(fileURLWithPath: reader.document.file).deletingLastPathComponent()
        let file = URL(fileURLWithPath: name, relativeTo: folder).standardizedFileURL.path
        func missing(_ problem: String) throws -> OnsiteEnergies.Given {
            // A recorded recipe says what was done, also where the file is no longer there.
            guard let recorded else { throw reader.error(path, problem) }
            return .init(path: file, digest: recorded, field: .missing(problem: problem))
        }
        guard let lattice else { return try missing("\(TOMLText.text(file)) is read with a lattice only") }
        do {
            let found = try Digest.sha256(ofFile: file)
            guard recorded == nil || recorded == found else {
                return try missing("\(TOMLText.text(file)) has changed: its SHA-256 is \(found), and \(recorded ?? "") is needed")
            }
            let array = try NPYArray(contentsOf: file)
            try array.validateFinite()
            let supercell = try Supercell(lattice, shape: array.shape)
            return .init(path: file, digest: found, field: .values(array.values, size: supercell.size))
        } catch let error as LatticeError {
            return try missing("\(TOMLText.text(file)) has no shape of the \(lattice.name) lattice: \(error.problem)")
        } catch let error as StorageError { return try missing("\(error)") }
    }

    /// Written only where there is a file.
    static func entries(_ model: AdiabaticModel) -> [(key: String, value: String)] {
        guard let given = model.onsiteEnergies?.given else { return [] }
        return [(path, TOMLText.text(given.path)), (digest, TOMLText.text(given.digest))]
    }

    /// Whether a key of two tables in which they differ says nothing: the same file may lie in different places, and another one has
    /// another digest.
    static func isSilent(_ key: String, _ new: [String: String], _ old: [String: String]) -> Bool {
        key == path && new[digest] == old[digest] || key == digest && new[path] != old[path]
    }

    /// How the file of one model differs from that of another.
    static func differences(_ own: AdiabaticModel, from other: AdiabaticModel) -> [String] {
        let (own, other) = (own.onsiteEnergies?.given, other.onsiteEnergies?.given)
        func text(_ given: OnsiteEnergies.Given?) -> String {
            given.map { "\(TOMLText.text($0.path)) (\($0.digest.prefix(8)))" } ?? "—"
        }
        return own?.digest == other?.digest ? [] : ["\(path) = \(text(own)), the recipe's \(path) = \(text(other))"]
    }

    /// Whether a key only says where something lies.
    static func isPlace(_ key: String) -> Bool { key == path }
}
