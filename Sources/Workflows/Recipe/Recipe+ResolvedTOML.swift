extension Recipe {
    /// The recipe as TOML with every key and default filled in, in a fixed order.
    ///
    /// Of the solvers' tables those are written whose solver is used or whose options are not the defaults.
    /// It reads back as an equal recipe, and equal recipes give the same text.
    public var resolvedTOML: String { text { _ in nil } }

    /// The same with what the parameters of the model are, for people.
    public var annotatedTOML: String {
        text { key in model.parameters.first { "model.\($0.key)" == key }.map { "  # \($0)" } }
    }

    private func text(comment: (_ key: String) -> String?) -> String {
        let head = "title = \(TOMLText.text(title))\nseed = \(seed)\n"
        let texts = tables.map { name, entries in
            "\n[\(name)]\n" + entries.map { "\($0.key) = \($0.value)\(comment("\(name).\($0.key)") ?? "")\n" }.joined()
        }
        return head + texts.joined()
    }

    /// Names, keys and values of all tables as they are written.
    var tables: [(name: String, entries: [(key: String, value: String)])] {
        let used = usedSolvers
        let written = SolverName.allCases.filter { used.contains($0) || solvers.isChanged($0) }
        return sections.map { ($0.rawValue, entries(of: $0)) }
            + written.compactMap { name in name.table.map { ($0, solvers.entries(of: name)) } }
    }

    /// The tables that the recipe has: all but `[learn]` and `[coarsening]`, which may be missing.
    var sections: [Section] {
        Section.allCases.filter { ($0 != .learn || learn != nil) && ($0 != .coarsening || coarsening != nil) }
    }

    /// Keys and values of a table as canonical TOML.
    func entries(of section: Section) -> [(key: String, value: String)] {
        switch section {
        case .lattice: lattice.entries
        case .model: model.entries
        case .dynamics: dynamics.entries
        case .generate: generate.entries
        case .network: network.entries
        case .training: training.entries
        case .learn: learn?.entries ?? []
        case .simulate: simulate.entries.filter { $0.key != "tiling" || network.hasBlocks }
        case .coarsening: coarsening?.entries ?? []
        case .compare: compare.entries
        }
    }
}
