import ElectronicStructure
import Observables

/// The units of what HDF5 files hold, for the attribute `unit` that every dataset of numbers has, as H5MD asks for.
///
/// Energies are in units of the hopping, lengths in lattice constants, times in units of τ = √(M/hopping) with the unit M of mass, and
/// k_B = 1: see the conventions of `ElectronicStructure`. A displacement has no unit. A new dataset is a line here.
enum Units {
    static let energy = "hopping"
    static let time = "sqrt(mass/hopping)"
    static let length = "lattice constant"
    /// Of pure numbers: counts, steps, indices, densities.
    static let none = "1"

    /// The unit of a dataset, by its name: the last part of its path, or the part before `value`. Nil for a name that is not listed.
    @Sendable static func unit(ofDataset path: String) -> String? {
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
