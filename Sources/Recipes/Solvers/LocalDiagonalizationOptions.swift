import Electrons
import ForceFields
import LatticeNumerics
import Models

/// `[local_diagonalization]`: radius, levels and the like, or in place of them the accuracy that they are to reach.
struct LocalDiagonalizationOptions: SolverOptions {
    static let name = LocalDiagonalization.name

    private var core = 1
    /// How blocks are laid.
    var tiling = BlockTiling.sampled
    private var radius = 1
    private var radiusHeights: [Double] = []
    private var levels = 2
    private var poles: Int?
    private var poleTolerance: Double?
    private var precision: LocalDiagonalization.Options.Precision?
    /// The root mean square error of the force, from which everything else is still to be found; nil if it is known.
    private var accuracy: Double?
    /// How the options were found.
    private(set) var choice: AccuracyChoice?

    init() {}

    var isOpen: Bool { accuracy != nil }

    /// Whether it solves blocks, or may once an accuracy has found the options.
    var hasBlocks: Bool { core > 1 || isOpen }

    /// What the solver takes; what is not given follows the radius.
    private var options: LocalDiagonalization.Options {
        LocalDiagonalization.Options(
            core: core, tiling: core > 1 ? tiling : .fixed, radius: radius, smallerFrom: radiusHeights, levels: levels,
            poles: poles, poleTolerance: poleTolerance, precision: precision)
    }

    func solver(_ model: AdiabaticModel, pool: WorkerPool) -> any SolvedElectrons {
        precondition(!isOpen, "options that were found by a probe")
        return ElectronicForceField(model, LocalDiagonalization(options: options, pool: pool))
    }

    /// Energies, messages and densities of the sites.
    func bytes(sites: Int) -> Double { 256 * Double(sites) }

    func resolved(by probe: SolverProbe) throws -> Self {
        guard let accuracy else { return self }
        let (options, measurement, _) = try LocalDiagonalization.cheapest(
            meeting: accuracy, model: probe.model, probes: probe.configurations, pool: probe.pool, reference: probe.density)
        var found = Self()
        (found.core, found.radius, found.levels, found.tiling) = (options.core, options.radius, options.levels, tiling)
        (found.radiusHeights, found.poles) = (options.radii.heights, options.poles)
        (found.poleTolerance, found.precision) = (options.poleTolerance, options.precision)
        found.choice = AccuracyChoice(
            solver: Self.name, accuracy: accuracy,
            options: found.entries.map { "\($0.key) = \($0.value)" }.joined(separator: ", "), operations: measurement.operations,
            rootMeanSquare: measurement.rmsError, percentile99: measurement.percentile99, sites: probe.siteCount)
        return found
    }

    package static var keys: [RecipeKey<Self>] {
        [
            explicit(
                "core", { try $0.integer("core", allowed: 1...64) }, { (table, value: Int) in table.core = value },
                { $0.core > 1 ? TOMLText.text($0.core) : nil }),
            UndecidedKey(
                name: "tiling",
                read: { reader, table in
                    guard let value = try reader.choice("tiling", BlockTiling.self) else { return }
                    guard table.hasBlocks || reader.contains("accuracy") else {
                        throw reader.error(
                            "tiling", "is not allowed without blocks; core from 2 on, or accuracy, is allowed beside it")
                    }
                    table.tiling = value
                }, text: { $0.hasBlocks ? TOMLText.text($0.tiling.rawValue) : nil }
            ).deciding(.solver),
            explicit(
                "radius", { try $0.integer("radius", allowed: 0...8) }, { (table, value: Int) in table.radius = value },
                { TOMLText.text($0.radius) }),
            explicit(
                "radius_heights",
                { reader in
                    guard let heights = try reader.numbers("radius_heights", allowed: .positive) else { return nil }
                    guard PatchRadii.areHeights(heights) else {
                        throw reader.error("radius_heights", "\(heights) is not allowed; numbers in ascending order are")
                    }
                    return heights
                }, { (table, value: [Double]) in table.radiusHeights = value },
                { $0.radiusHeights.isEmpty ? nil : TOMLText.text($0.radiusHeights) }),
            explicit(
                "levels", { try $0.integer("levels", allowed: 0...16) }, { (table, value: Int) in table.levels = value },
                { TOMLText.text($0.levels) }),
            explicit(
                "poles", { try $0.integer("poles", allowed: 1...PoleExpansion.maximumCount) },
                { (table, value: Int) in (table.poles, table.poleTolerance) = (value, nil) }, { $0.poles.map(TOMLText.text) }),
            explicit(
                "pole_tolerance",
                { reader in
                    try reader.refuse("pole_tolerance", beside: ["poles"])
                    return try reader.number("pole_tolerance", allowed: .between(0, 1))
                }, { (table, value: Double) in (table.poles, table.poleTolerance) = (nil, value) },
                { $0.poles == nil ? TOMLText.text($0.options.poleTolerance) : nil }),
            explicit(
                "precision", { try $0.choice("precision", LocalDiagonalization.Options.Precision.self) },
                { (table, value: LocalDiagonalization.Options.Precision) in table.precision = value },
                { TOMLText.text($0.options.precision.rawValue) }),
            UndecidedKey(
                name: "accuracy",
                read: { reader, table in
                    try reader.refuse(
                        "accuracy",
                        beside: ["core", "radius", "radius_heights", "levels", "poles", "pole_tolerance", "precision"])
                    if let value = try reader.number("accuracy", allowed: .positive) { table.accuracy = value }
                }, text: { $0.accuracy.map(TOMLText.text) }
            ).deciding(.solver),
        ]
    }

    /// A key in whose place an accuracy may stand: beside one it is not written, and reading it ends one.
    private static func explicit<Value>(
        _ name: String, _ read: @escaping (TableReader) throws -> Value?, _ set: @escaping (inout Self, Value) -> Void,
        _ text: @escaping (Self) -> String?
    ) -> RecipeKey<Self> {
        UndecidedKey(
            name: name,
            read: { reader, table in
                guard let value = try read(reader) else { return }
                set(&table, value)
                table.accuracy = nil
            }, text: { $0.isOpen ? nil : text($0) }
        ).deciding(.solver)
    }
}
