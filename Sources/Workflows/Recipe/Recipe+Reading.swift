import ElectronicStructure
import Foundation
import Training

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
    static func root(of document: TOMLDocument) throws -> TableReader {
        let root = TableReader(document)
        try root.refuseKeys(except: ["title", "seed"] + Section.allCases.map(\.rawValue) + SolverSettings.tableNames)
        for section in [Section.lattice, .model] where !root.contains(section.rawValue) {
            throw root.error(nil, "the table [\(section.rawValue)] is missing")
        }
        return root
    }

    /// The seed of a recipe.
    static func seed(_ root: TableReader, _ overrides: Overrides = Overrides()) throws -> UInt64 {
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
