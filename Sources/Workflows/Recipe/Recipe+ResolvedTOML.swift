extension Recipe {
    /// The recipe as TOML with every key and default filled in, in a fixed order.
    ///
    /// It reads back as an equal recipe, and equal recipes give the same text.
    public var resolvedTOML: String {
        let head = "title = \(TOMLText.text(title))\nseed = \(seed)\n"
        let tables = Section.allCases.map { section in
            "\n[\(section.rawValue)]\n" + entries(of: section).map { "\($0.key) = \($0.value)\n" }.joined()
        }
        return head + tables.joined()
    }

    /// Keys and values of a table as canonical TOML.
    func entries(of section: Section) -> [(key: String, value: String)] {
        switch section {
        case .lattice: lattice.entries
        case .model: ModelSettings.entries(model)
        case .dynamics: dynamics.entries
        case .generate: generate.entries
        case .network: network.entries
        case .training: training.entries
        case .simulate: simulate.entries
        case .compare: compare.entries
        }
    }
}
