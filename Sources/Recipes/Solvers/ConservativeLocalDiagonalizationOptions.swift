import Electrons
import LatticeNumerics
import Models

/// `[conservative_local_diagonalization]`
struct ConservativeLocalDiagonalizationOptions: SolverOptions {
    static let name = ConservativeLocalDiagonalization.name

    private var side = 3
    private var levels = 2
    private var poles: Int?
    private var poleTolerance: Double?
    private var precision = LocalDiagonalization.Options.Precision.double

    init() {}

    /// What the solver takes; a tolerance that is not given follows the side.
    private var options: ConservativeLocalDiagonalization.Options {
        ConservativeLocalDiagonalization.Options(
            side: side, levels: levels, poles: poles, poleTolerance: poleTolerance, precision: precision)
    }

    func solver(_ model: AdiabaticModel, pool: WorkerPool) -> any SolvedElectrons {
        ElectronicForceField(model, ConservativeLocalDiagonalization(options: options, pool: pool))
    }

    /// Energies, messages and densities of the sites.
    func bytes(sites: Int) -> Double { 256 * Double(sites) }

    package static var keys: [RecipeKey<Self>] {
        [
            .integer("side", \.side, 1...12).deciding(.solver), .integer("levels", \.levels, 0...16).deciding(.solver),
            UndecidedKey(
                name: "poles",
                read: { reader, table in
                    guard let value = try reader.integer("poles", allowed: 1...PoleExpansion.maximumCount) else { return }
                    (table.poles, table.poleTolerance) = (value, nil)
                }, text: { $0.poles.map(TOMLText.text) }
            ).deciding(.solver),
            UndecidedKey(
                name: "pole_tolerance",
                read: { reader, table in
                    try reader.refuse("pole_tolerance", beside: ["poles"])
                    guard let value = try reader.number("pole_tolerance", allowed: .between(0, 1)) else { return }
                    (table.poles, table.poleTolerance) = (nil, value)
                }, text: { $0.poles == nil ? TOMLText.text($0.options.poleTolerance) : nil }
            ).deciding(.solver),
            .choice("precision", \.precision).deciding(.solver),
        ]
    }
}
