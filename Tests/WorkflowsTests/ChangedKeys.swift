import Foundation
import Workflows

/// Recipes that differ in one key.
enum ChangedKeys {
    /// All keys of these tables; those of networks have the family before the key.
    static func keys(_ tables: String...) -> [String] {
        Recipe.keyNames.filter { key in tables.contains { key == $0 || key.hasPrefix($0 + ".") } }
    }

    /// Lines of the table that replace those that it has of these keys, where a number or a flag does not speak for itself.
    private static let others: [String: String] = [
        "lattice.file": "file = \"triangular\"", "lattice.size": "size = [4, 9]",
        "lattice.periodic": "periodic = [true, false]",
        "model.name": "", "model.filling": "-chemical_potential\nfilling = 0.45",
        "dynamics.integrator": "integrator = \"langevin-velocity-verlet\"",
        "generate.solver": "solver = \"exact-diagonalization\"|solver = \"selected-inversion\"",
        "generate.snapshot_spacing": "snapshot_spacing = \"early\"",
        "generate.temperatures": "temperatures = [0.1, 0.2]", "generate.chemical_potentials": "chemical_potentials = [0.1]",
        "generate.validation_trajectories": "validation_trajectories = 2", "generate.test_trajectories": "test_trajectories = 2",
        "generate.trajectories": "trajectories = 5", "generate.snapshot_interval": "snapshot_interval = 2",
        "training.optimizer": "optimizer = \"adam\"|optimizer = \"levenberg-marquardt\"",
        "training.batch": "batch = \"configurations\"",
        "training.precision": "precision = \"float64\"",
        "training.schedule": "schedule = \"cosine\"|schedule = \"reduce-on-plateau\"",
        // Another family has other keys.
        "network.equivariant-fully-connected.name": "", "network.greens-function.name": "", "network.convolution.name": "",
        "network.equivariant-fully-connected.activation": "activation = \"published\"",
        "network.equivariant-fully-connected.encoding_scales": "encoding_scales = [1.0]",
        "network.equivariant-fully-connected.widths": "widths = [2]",
        "network.greens-function.nodes": "nodes = [0.3, 1.0]", "network.greens-function.core": "core = 3",
        "network.convolution.symmetry": "symmetry = \"mirrors\"", "network.convolution.symmetrize": "symmetrize = \"mean\"",
        "network.convolution.fields": "fields = \"scalar\"",
        "network.convolution.channels": "channels = [3]", "network.convolution.encoding_scales": "encoding_scales = [0.1, 0.4]",
        "network.convolution.pair_scales": "pair_scales = [1.0]", "network.convolution.head": "head = \"conservative\"",
        "network.convolution.conditions": "conditions = [\"coupling\"]",
        "network.greens-function.radius_heights": "radius_heights = [0.5]",
        "local_diagonalization.radius_heights": "radius_heights = [0.5]",
        "network.convolution.baseline_core": "baseline_core = 1", "network.convolution.baseline_radius": "baseline_radius = 1",
        "network.convolution.baseline_levels": "baseline_levels = 2",
        "network.convolution.baseline_poles": "baseline_poles = 8",
        "network.convolution.baseline_greens_functions": "baseline_greens_functions = 1",
        "learn.size": "size = [6, 8]", "learn.disagreement": "disagreement = \"local-diagonalization\"",
        "learn.solver": "solver = \"exact-diagonalization\"|solver = \"selected-inversion\"", "learn.interval": "interval = 3",
        "simulate.size": "size = [4, 6]", "simulate.force_field": "force_field = \"selected-inversion\"",
        "simulate.precision": "precision = \"float64\"",
        "simulate.tiling": "tiling = \"fixed\"", "local_diagonalization.tiling": "tiling = \"mean\"",
        "simulate.frame_fields": "frame_fields = [\"displacement\", \"force\"]",
        "simulate.audit_solver": "audit_solver = \"exact-diagonalization\"|audit_solver = \"selected-inversion\"",
        "simulate.audit_action": "audit_action = \"warn\"",
        "compare.solver": "solver = \"exact-diagonalization\"|solver = \"selected-inversion\"",
        "compare.twin_size": "twin_size = [6, 4]",
        "coarsening.sizes": "sizes = [[6, 4]]", "coarsening.quenches": "quenches = [2]",
        "coarsening.fit_window": "fit_window = [0.6, 1.2]",
        "local_diagonalization.core": "core = 3", "local_diagonalization.poles": "-pole_tolerance\npoles = 8",
        "local_diagonalization.precision": "precision = \"single\"|precision = \"double\"",
        "local_diagonalization.accuracy": "",
        "conservative_local_diagonalization.poles": "-pole_tolerance\npoles = 8",
        "conservative_local_diagonalization.precision": "precision = \"single\"|precision = \"double\"",
    ]

    /// The recipe with another value of a key; nil for a key that can have no other.
    static func changed(_ base: Recipe, _ key: String) throws -> Recipe? {
        var parts = key.split(separator: ".").map(String.init)
        if parts.count == 3 { parts.remove(at: 1) }
        var table = ""
        var lines = base.resolvedTOML.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let (section, name) = parts.count == 2 ? (parts[0], parts[1]) : ("", parts[0])
        func isKey(_ line: String, _ name: String) -> Bool { line.hasPrefix(name + " = ") }
        func replacing(_ replacements: [String], _ names: [String]) -> String {
            table = ""
            var result: [String] = []
            for line in lines {
                if line.hasPrefix("[") { table = String(line.dropFirst().dropLast()) }
                if table == section, names.contains(where: { isKey(line, $0) }) { continue }
                result.append(line)
                if line == "[\(section)]" { result += replacements }
            }
            return section.isEmpty ? (replacements + result).joined(separator: "\n") : result.joined(separator: "\n")
        }
        if !section.isEmpty, !lines.contains("[\(section)]") { lines += ["", "[\(section)]"] }
        var candidates: [String] = []
        var gone = [name]
        if let given = others[key] {
            if given.isEmpty { return nil }
            let texts = given.split(separator: "\n").map(String.init)
            gone += texts.filter { $0.hasPrefix("-") }.map { String($0.dropFirst()) }
            candidates = texts.filter { !$0.hasPrefix("-") }.flatMap { $0.split(separator: "|").map(String.init) }
        } else {
            var table = ""
            for line in lines {
                if line.hasPrefix("[") { table = String(line.dropFirst().dropLast()) }
                guard table == section, isKey(line, name) else { continue }
                let value = String(line.dropFirst(name.count + 3))
                if let number = Int(value) {
                    candidates = [number + 1, number + 2, number - 1, 2].map { "\(name) = \($0)" }
                } else if let number = Double(value) {
                    candidates = [number * 0.75, number * 1.25, number + 0.25].map { "\(name) = \($0)" }
                } else if value == "true" || value == "false" {
                    candidates = ["\(name) = \(value == "false")"]
                }
            }
            // A list that is empty, or a key that is not written.
            candidates += ["\(name) = 2", "\(name) = [3.0, 2.5]"]
        }
        for candidate in candidates {
            guard let recipe = try? Recipe(replacing([candidate], gone), file: suppliedRecipe("small")),
                recipe.resolvedTOML != base.resolvedTOML
            else { continue }
            return recipe
        }
        throw NoOtherValue(key: key)
    }

    /// A key of which no other value is known; ``others`` needs one.
    private struct NoOtherValue: Error { let key: String }
}
