import Lattices
import Models
import Observables
import Storage

/// The units of what HDF5 files hold, for the attribute `unit` that every dataset of numbers has, as H5MD asks for.
///
/// Energies are in units of the hopping, lengths in lattice constants, times in units of τ = √(M/hopping) with the unit M of mass, and
/// k_B = 1: see the conventions of `Models`. A displacement has no unit. A new dataset is a line here.
package enum Units {
    static let energy = "hopping"
    static let time = "sqrt(mass/hopping)"
    static let length = "lattice constant"
    /// Of pure numbers: counts, steps, indices, densities.
    static let none = "1"

    /// The unit of a dataset, by its name: the last part of its path, or the part before `value`. Nil for a name that is not listed.
    @Sendable package static func unit(ofDataset path: String) -> String? {
        let parts = path.split(separator: "/")
        guard let last = parts.last else { return nil }
        return table[String(last == "value" && parts.count > 1 ? parts[parts.count - 2] : last)]
    }

    /// The same of a file with columns of parameters.
    static func unit(ofDataset path: String, parameters: [Parameter]) -> String? {
        let parameter = parameters.first { path.hasSuffix("trajectories/\($0.key)") }
        return parameter.map { $0.unit == .number ? none : energy } ?? unit(ofDataset: path)
    }

    private static let table: [String: String] = {
        let fields = [
            "displacement": none, "velocity": "sqrt(hopping/mass)", "density": none, "electronic_force": energy, "force": energy,
            "exact_force": energy, "error": energy, "expected_error": energy, "solver_error": energy,
        ]
        let energies = ["potential", "chemical_potential"]
        let numbers = [
            "step", "trajectory", "recipe", "kind", "split", "seed", "frame", "site", "inaccurate_sites", "progress",
        ]
        let others = ["time": time, "seconds": "s", "edges": length, "position": length]
        return [
            fields, others, Dictionary(uniqueKeysWithValues: energies.map { ($0, energy) }),
            Dictionary(uniqueKeysWithValues: numbers.map { ($0, none) }),
            Dictionary(uniqueKeysWithValues: ObservableSet.standard.map { ($0.name, $0.unit) }),
        ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }
    }()
}

/// Boundaries as H5MD writes them: "periodic" or "none" in each direction.
enum BoundaryText {
    static func texts(_ periodic: [Bool]) -> [String] { periodic.map { $0 ? "periodic" : "none" } }

    /// Reads the attribute `boundary` of a group.
    ///
    /// - Throws: `StorageError` if it is not there or says anything else.
    static func read(from file: HDF5File, of group: String) throws -> [Bool] {
        try file.readStringsAttribute("boundary", of: group).map { text in
            switch text {
            case "periodic": return true
            case "none": return false
            default:
                throw StorageError(
                    .malformed, path: file.path, problem: "boundary '\(text)'; 'periodic' and 'none' are allowed")
            }
        }
    }
}

/// How the site variable of a file transforms, in the attribute `site_variable`: `scalar`, `polar vector`, …, `B1 + A1`.
extension SiteVariable.Kind {
    private static let recordKey = "site_variable"

    package func record(in file: HDF5File, of group: String) throws {
        try file.writeAttribute(Self.recordKey, of: group, description)
    }

    /// That of a file, in which a scalar need not be named.
    ///
    /// - Throws: `StorageError` if it is none of the lattice.
    package static func recorded(in file: HDF5File, of group: String, on lattice: Lattice) throws -> Self {
        guard try file.hasAttribute(recordKey, of: group) else { return .scalar }
        let text = try file.readStringAttribute(recordKey, of: group)
        guard let kind = Self(text) else {
            throw StorageError(.malformed, path: file.path, problem: "its site variable is of the unknown kind '\(text)'")
        }
        do { try kind.validate(on: lattice) } catch let error as LatticeError {
            throw StorageError(.malformed, path: file.path, problem: error.problem)
        }
        return kind
    }
}
