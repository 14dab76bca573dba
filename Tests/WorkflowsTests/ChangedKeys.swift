import Experiments
import Foundation
import Recipes
import Reports
import Storage

/// Recipes that differ in one key.
enum ChangedKeys {
    /// All keys of these tables; those of networks have the family before the key.
    static func keys(_ tables: String...) -> [String] {
        Recipe.keyNames().filter { key in tables.contains { key == $0 || key.hasPrefix($0 + ".") } }
    }

    private static let solvers = ["\"exact-diagonalization\"", "\"selected-inversion\""]
    private static let precisions = ["\"single\"", "\"double\""]

    /// Values in TOML for keys whose present value is no number and no flag, or a number with neighbours that would not do; none
    /// for a key that can have no other. The first that changes the recipe is taken.
    private static let others: [String: [String]] = [
        "lattice.file": ["\"triangular\""], "lattice.size": ["[4, 9]"], "lattice.periodic": ["[true, false]"],
        // A digest is that of the file beside it.
        "model.name": [], "model.onsite": [energies], "model.onsite_sha256": [], "model.filling": ["0.45"],
        "dynamics.integrator": ["\"langevin-velocity-verlet\""],
        "generate.solver": solvers, "generate.snapshot_spacing": ["\"early\""], "generate.temperatures": ["[0.1, 0.2]"],
        "generate.chemical_potentials": ["[0.1]"], "generate.validation_trajectories": ["2"],
        "generate.test_trajectories": ["2"], "generate.trajectories": ["5"], "generate.snapshot_interval": ["2"],
        "training.optimizer": ["\"adam\"", "\"levenberg-marquardt\""], "training.batch": ["\"configurations\""],
        "training.uncertainty": ["\"none\""],
        "training.precision": ["\"float64\""], "training.sparsity": ["0.75"],
        "training.schedule": ["\"cosine\"", "\"reduce-on-plateau\""],
        // Another family has other keys.
        "network.equivariant-fully-connected.name": [], "network.greens-function.name": [], "network.convolution.name": [],
        "network.equivariant-fully-connected.activation": ["\"published\""],
        "network.equivariant-fully-connected.encoding_scales": ["[1.0]"], "network.equivariant-fully-connected.widths": ["[2]"],
        "network.greens-function.nodes": ["[0.3, 1.0]"], "network.greens-function.core": ["3"],
        "network.convolution.symmetry": ["\"mirrors\""], "network.convolution.symmetrize": ["\"mean\""],
        "network.convolution.fields": ["\"scalar\""], "network.convolution.channels": ["[3]"],
        "network.convolution.encoding_scales": ["[0.1, 0.4]"], "network.convolution.pair_scales": ["[1.0]"],
        "network.convolution.head": ["\"conservative\""], "network.convolution.conditions": ["[\"coupling\"]"],
        "network.greens-function.radius_heights": ["[0.5]"],
        "network.convolution.baseline_core": ["1"], "network.convolution.baseline_radius": ["1"],
        "network.convolution.baseline_levels": ["2"], "network.convolution.baseline_poles": ["8"],
        "network.convolution.baseline_greens_functions": ["1"],
        "learn.size": ["[6, 8]"], "learn.disagreement": ["\"local-diagonalization\""], "learn.solver": solvers,
        "learn.interval": ["3"],
        "simulate.size": ["[4, 6]"], "simulate.force_field": ["\"selected-inversion\""], "simulate.precision": ["\"float64\""],
        "simulate.tiling": ["\"fixed\""], "simulate.frame_fields": ["[\"displacement\", \"force\"]"],
        "simulate.audit_solver": solvers, "simulate.audit_action": ["\"warn\""],
        "compare.solver": solvers, "compare.twin_size": ["[6, 4]"],
        "coarsening.sizes": ["[[6, 4]]"], "coarsening.quenches": ["[2]"], "coarsening.fit_window": ["[0.6, 1.2]"],
        "local_diagonalization.core": ["3"], "local_diagonalization.tiling": ["\"mean\""],
        "local_diagonalization.radius_heights": ["[0.5]"], "local_diagonalization.poles": ["8"],
        "local_diagonalization.precision": precisions, "local_diagonalization.accuracy": [],
        "conservative_local_diagonalization.poles": ["8"], "conservative_local_diagonalization.precision": precisions,
    ]

    /// A file for lattices of 6 × 6 cells.
    private static let energies: String = {
        let path = temporaryFile("v.npy", "")
        try? NPYArray(shape: [6, 6], values: (0..<36).map { 0.1 * Double($0 % 7) }).write(to: path)
        return "\"\(path)\""
    }()

    /// Keys that cannot stand beside these.
    private static let excluded = [
        "filling": "chemical_potential", "poles": "pole_tolerance", "optimizer": "uncertainty", "committee": "uncertainty",
    ]

    /// The recipe with another value of a key; nil for a key that can have no other.
    static func changed(_ base: Recipe, _ key: String) throws -> Recipe? {
        let parts = key.split(separator: ".").map(String.init)
        let (section, name) = (parts.count > 1 ? parts[0] : "", parts[parts.count - 1])
        var lines = base.resolvedTOML.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var (table, present) = ("", "")
        lines.removeAll { line in
            if line.hasPrefix("[") { table = String(line.dropFirst().dropLast()) }
            guard table == section else { return false }
            if line.hasPrefix(name + " = ") {
                present = String(line.dropFirst(name.count + 3))
                return true
            }
            return excluded[name].map { line.hasPrefix($0 + " = ") } ?? false
        }
        let header = "[\(section)]"
        if !section.isEmpty, !lines.contains(header) { lines += ["", header] }
        let place = section.isEmpty ? 0 : lines.firstIndex(of: header)! + 1
        let values = others[key] ?? neighbors(of: present)
        if values.isEmpty { return nil }
        for value in values {
            var changed = lines
            changed.insert("\(name) = \(value)", at: place)
            guard let recipe = try? Recipe(changed.joined(separator: "\n"), file: suppliedRecipe("small")),
                recipe.resolvedTOML != base.resolvedTOML
            else { continue }
            return recipe
        }
        throw NoOtherValue(key: key)
    }

    /// Numbers beside a number, the other value of a flag, and what may stand for an empty list or a key that is not written.
    private static func neighbors(of value: String) -> [String] {
        let usual = ["2", "[3.0, 2.5]"]
        if let number = Int(value) { return [number + 1, number + 2, number - 1, 2].map { "\($0)" } + usual }
        if let number = Double(value) { return [number * 0.75, number * 1.25, number + 0.25].map { "\($0)" } + usual }
        return value == "true" || value == "false" ? ["\(value == "false")"] + usual : usual
    }

    /// A key of which no other value is known; ``others`` needs one.
    private struct NoOtherValue: Error { let key: String }
}
