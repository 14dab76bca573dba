import Foundation
import LatticeNumerics
import Lattices
import Models
import Training

/// Everything that determines a run: what a recipe file says, checked and with every default filled in.
///
/// The tables of the file are properties of the same names. <doc:Recipes> documents every key.
public struct Recipe: Sendable, Equatable {
    /// A table of the recipe file.
    public enum Section: String, Sendable, CaseIterable {
        /// The tables <doc:Recipes> documents, named as in the file.
        case lattice, model, dynamics, generate, network, training, learn, simulate, coarsening, compare
    }

    /// What the command line sets in place of the file.
    public struct Overrides: Sendable {
        /// What replaces `seed`, 0 to ``Recipe/largestSeed``; nil leaves the file's.
        public var seed: Int?

        /// - Parameter seed: what replaces `seed`; nil leaves the file's.
        public init(seed: Int? = nil) {
            self.seed = seed
        }
    }

    /// The largest seed, 2⁵³: every whole number up to it survives in JSON and in a Float64.
    public static let largestSeed = 1 << 53

    /// Where it was read, for messages.
    package let source: TOMLSource
    /// `title`, shown in the report; the name of the file unless given.
    public var title: String
    /// `seed`, from which every random number of the run follows; 2026 unless given.
    public var seed: UInt64 {
        didSet {
            guard var energies = model.onsiteEnergies else { return }
            energies.seed = seed
            model = model.with(energies)
        }
    }
    /// `[lattice]`: the lattice and the size of the exact data.
    public var lattice: LatticeSettings
    /// `[model]`: hopping, coupling, elastic constants, temperature and reservoir of the electrons.
    public var model: AdiabaticModel
    /// `[dynamics]`: the equation of motion and the hot start.
    public var dynamics: DynamicsSettings
    /// `[generate]`: the exact data.
    public var generate: GenerateSettings
    /// `[network]`: the architecture of the learned force.
    public var network: NetworkSettings
    /// `[training]`: how it is fitted.
    public var training: TrainingOptions
    /// `[learn]`: active learning; nil without the table.
    public var learn: LearnSettings?
    /// `[simulate]`: the long run on the large lattice.
    public var simulate: SimulateSettings
    /// `[coarsening]`: an ensemble of quenches; nil without the table.
    public var coarsening: CoarseningSettings?
    /// `[compare]`: learned against exact.
    public var compare: CompareSettings
    /// `[selected_inversion]`, `[local_diagonalization]`: the options of the solvers.
    public var solvers: SolverSettings

    /// The supercell of the data and the training, of `lattice.size`.
    public var supercell: Supercell { supercell(lattice.size) }

    /// A supercell of the recipe's lattice and boundaries, of a size the recipe holds (which was checked when it was read).
    public func supercell(_ size: [Int]) -> Supercell {
        do {
            return try Supercell(lattice.geometry, size: size, periodic: lattice.periodic)
        } catch { preconditionFailure("\(error)") }
    }
}

extension Recipe {
    /// The recipe with another network: the tables `[network]` and `[training]` of a file that has no others.
    ///
    /// - Throws: ``RecipeError``, as for a whole recipe.
    package func replacingNetwork(from path: String) throws -> Recipe {
        let document = try TOMLDocument(contentsOf: path)
        let root = TableReader(document)
        try root.refuseKeys(except: [Section.network, .training].map(\.rawValue))
        var recipe = self
        recipe.network = try NetworkSettings(
            root.subtable(Section.network.rawValue), lattice: lattice, model: model, generate: generate)
        recipe.training = try TrainingOptions(
            root.subtable(Section.training.rawValue), defaults: recipe.network.trainingDefaults)
        try recipe.validate(document)
        return recipe
    }
}

extension Recipe {
    /// Which part of a run a seed is for.
    package enum SeededPart: Int {
        case generate = 1
        case training = 2
        case simulate = 3
        case twins = 4
        case audit = 5
        case probe = 6
        case learn = 7
        case nonConservative = 8
    }

    /// The seed of piece `index` of a part of the run: different for every piece, the same in every run.
    package func seed(of part: SeededPart, _ index: Int = 0) -> UInt64 {
        RandomStream(seed: seed, purpose: .splitting).substream(part.rawValue * 100_000_000 + index).seed
    }
}

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
    package var tables: [(name: String, entries: [(key: String, value: String)])] {
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

extension Recipe {
    /// Reads and validates a recipe file.
    ///
    /// - Parameter overrides: what replaces the file's values before anything is derived from them.
    /// - Throws: ``RecipeError`` for a file that cannot be read, is not TOML, or says something that is not allowed.
    public init(contentsOf path: String, overrides: Overrides = Overrides()) throws {
        try self.init(TOMLDocument(contentsOf: path), overrides: overrides)
    }

    /// Reads and validates a recipe from its text.
    ///
    /// - Parameters:
    ///   - file: the path that messages name, that gives a recipe without a title its title, and in whose folder lattices
    ///     are looked for.
    /// - Throws: ``RecipeError``
    public init(_ text: String, file: String = "recipe.toml", overrides: Overrides = Overrides()) throws {
        try self.init(TOMLDocument(text, file: file), overrides: overrides)
    }

    /// Reads a recipe as files record it, with every default filled in.
    ///
    /// Versions that did not have `tiling` yet laid all blocks from cell 0 on, and those without `radius_heights` had patches of one
    /// radius.
    ///
    /// - Throws: ``RecipeError``
    package init(recorded text: String, file: String) throws {
        let document = try TOMLDocument(text, file: file)
        try self.init(document, overrides: Overrides())
        if try !TableReader(document).subtable(Section.network.rawValue).contains("radius_heights") { network.useOneRadius() }
        if network.hasBlocks, try !TableReader(document).subtable(Section.simulate.rawValue).contains("tiling") {
            simulate.tiling = .fixed
        }
        if let table = SolverName.localDiagonalization.table, try !TableReader(document).subtable(table).contains("tiling") {
            solvers.layBlocksFromCellZero()
        }
    }

    /// The root of a recipe, with its keys and the two necessary tables checked.
    package static func root(of document: TOMLDocument) throws -> TableReader {
        let root = TableReader(document)
        try root.refuseKeys(except: ["title", "seed"] + Section.allCases.map(\.rawValue) + SolverSettings.tableNames)
        for section in [Section.lattice, .model] where !root.contains(section.rawValue) {
            throw root.error(nil, "the table [\(section.rawValue)] is missing")
        }
        return root
    }

    /// The seed of a recipe.
    package static func seed(_ root: TableReader, _ overrides: Overrides = Overrides()) throws -> UInt64 {
        let own = try root.integer("seed", allowed: 0...largestSeed)
        guard let seed = UInt64(exactly: overrides.seed ?? own ?? 2026), seed <= largestSeed else {
            throw root.error("seed", "\(overrides.seed ?? 0) is not allowed; 0 to \(largestSeed) is")
        }
        return seed
    }

    init(_ document: TOMLDocument, overrides: Overrides) throws {
        let root = try Self.root(of: document)
        func table(_ section: Section) throws -> TableReader { try root.subtable(section.rawValue) }

        source = document.source
        let fileName = URL(fileURLWithPath: document.file).deletingPathExtension().lastPathComponent
        title = try root.text("title") ?? fileName
        seed = try Self.seed(root, overrides)
        lattice = try LatticeSettings(table(.lattice), search: LatticeSearch(recipe: document.file))
        model = try AdiabaticModel(table(.model), on: lattice.geometry, seed: seed)
        dynamics = try DynamicsSettings(table(.dynamics), lattice: lattice.geometry, model: model)
        generate = try GenerateSettings(table(.generate), lattice: lattice, model: model, dynamics: dynamics)
        network = try NetworkSettings(table(.network), lattice: lattice, model: model, generate: generate)
        training = try TrainingOptions(table(.training), defaults: network.trainingDefaults)
        learn =
            root.contains(Section.learn.rawValue)
            ? try LearnSettings(table(.learn), lattice: lattice, model: model, generate: generate) : nil
        simulate = try SimulateSettings(table(.simulate), lattice: lattice, generate: generate)
        if !network.hasBlocks, try table(.simulate).contains("tiling") {
            throw try table(.simulate).error(
                "tiling",
                "is not allowed with a network without blocks; it is with a \"greens-function\" with network.core from 2 on (blocks of the "
                    + "solver have local_diagonalization.tiling)")
        }
        coarsening =
            root.contains(Section.coarsening.rawValue)
            ? try CoarseningSettings(table(.coarsening), dynamics: dynamics, simulate: simulate) : nil
        compare = try CompareSettings(table(.compare), lattice: lattice, generate: generate)
        solvers = try SolverSettings(root)
        // What is not known is not stored, unless the user wants to hear why it cannot be.
        if !tellsDensity, try !table(.simulate).contains("frame_fields") { simulate.frameFields.removeAll { $0 == .density } }
        try validate(document)
    }
}
