import Lattices
import Observables

/// `[coarsening]`: an ensemble of quenches on lattices of several sizes.
///
/// Every quench is a run of `[simulate]` with another size and another seed.
public struct CoarseningSettings: Sendable, Equatable, RecipeTable {
    /// The most sizes, and the most quenches on each.
    static let limits = (sizes: 16, quenches: 10_000)

    /// Cells along each primitive vector of every lattice, [[Lx, Ly], …]; `simulate.size` and half of it unless given.
    public var sizes: [[Int]]
    /// Quenches on each lattice, one number a lattice or one for all.
    public var quenches = [8]
    /// First and last time of the fit of the exponent, in units of τ; the last eighth to the whole of the run unless given.
    public var fitWindow: [Double]
    /// Windows of equal width in ln t in which the exponent is told.
    public var exponentWindows = 12
    /// Frames within the fit window, evenly spaced in ln t, at which C(r) and S(q) are compared.
    public var collapseTimes = 5

    /// They say which quenches there are and how they are looked at; a quench itself is of `[simulate]`.
    package static var keys: [RecipeKey<CoarseningSettings>] {
        [
            .sizes("sizes", \.sizes, limit: limits.sizes).deciding(.conduct),
            .integers("quenches", \.quenches, 2...limits.quenches).deciding(.conduct),
            .numbers("fit_window", \.fitWindow, .positive).deciding(.conduct),
            .integer("exponent_windows", \.exponentWindows, 1...1000).deciding(.conduct),
            .integer("collapse_times", \.collapseTimes, 2...100).deciding(.conduct),
        ]
    }

    init(_ reader: TableReader, dynamics: DynamicsSettings, simulate: SimulateSettings) throws {
        let end = Double(simulate.steps) * dynamics.timeStep
        sizes = [simulate.size, simulate.size.map { max(2, $0 / 4 * 2) }]
        fitWindow = [end / 8, end]
        try read(reader)
    }

    /// Quenches on the lattice of `sizes[index]`.
    package func quenches(onLattice index: Int) -> Int { quenches.count == 1 ? quenches[0] : quenches[index] }

    /// The number of a quench among all that the seed gives, which no other quench of the recipe has: 0 is that of `simulate`.
    ///
    /// - Parameter quench: counted from 1.
    func number(ofQuench quench: Int, onLattice index: Int) -> Int { (index + 1) * (Self.limits.quenches + 1) + quench }
}

extension RecipeKey {
    /// An array of sizes, each of whole numbers from 1.
    fileprivate static func sizes(_ name: String, _ path: WritableKeyPath<Table, [[Int]]>, limit: Int) -> UndecidedKey<Table> {
        UndecidedKey(
            name: name,
            read: { reader, table in
                guard let rows = try reader.matrix(name) else { return }
                guard (1...limit).contains(rows.count) else {
                    throw reader.error(name, "\(rows.count) sizes are not allowed; 1 to \(limit) are")
                }
                table[keyPath: path] = try rows.map { row in
                    try row.map { side in
                        guard let cells = Int(exactly: side), (1...1 << 20).contains(cells) else {
                            throw reader.error(name, "\(side) is not allowed; whole numbers from 1 to \(1 << 20) are")
                        }
                        return cells
                    }
                }
            },
            text: { table in "[" + table[keyPath: path].map { TOMLText.text($0) }.joined(separator: ", ") + "]" })
    }
}

extension Recipe {
    /// What must hold between `[coarsening]` and other tables.
    ///
    /// - Throws: ``RecipeError``
    func validateCoarsening(_ document: TOMLDocument) throws {
        guard let coarsening else { return }
        func refusal(_ key: String, _ problem: String) -> RecipeError {
            document.error(table: Section.coarsening.rawValue, key: key, problem)
        }
        guard lattice.geometry.basis.count == 1, lattice.isPeriodic else {
            throw refusal(
                "sizes",
                "structure factors need a lattice with one site a cell that is periodic in every direction; "
                    + "\(lattice.geometry.name) has \(lattice.geometry.basis.count), and periodic = \(lattice.periodic)")
        }
        for size in coarsening.sizes {
            do {
                let supercell = try Supercell(lattice.geometry, size: size, periodic: lattice.periodic)
                guard SublatticeSigns(supercell) != nil else {
                    throw refusal("sizes", "\(size) of the \(lattice.geometry.name) lattice has no two sublattices")
                }
            } catch let error as LatticeError {
                throw refusal("sizes", error.problem)
            }
        }
        if let twice = coarsening.sizes.first(where: { size in coarsening.sizes.count { $0 == size } > 1 }) {
            throw refusal("sizes", "\(twice) is listed twice; each size may be listed once")
        }
        guard coarsening.quenches.count == 1 || coarsening.quenches.count == coarsening.sizes.count else {
            throw refusal(
                "quenches",
                "\(coarsening.quenches) is not allowed with \(coarsening.sizes.count) sizes; one number, or one a size, is")
        }
        let window = coarsening.fitWindow
        guard window.count == 2, window[0] < window[1] else {
            throw refusal("fit_window", "\(window) is not allowed; [first time, last time] is")
        }
        let interval = Double(simulate.frameInterval) * dynamics.timeStep
        let last = Double(simulate.steps / simulate.frameInterval)
        // Frames are numbered from 0, the hot start, which is of no interest.
        let (low, high) = (
            max(1, (window[0] / interval - 1e-9).rounded(.up)), min(last, (window[1] / interval + 1e-9).rounded(.down))
        )
        guard high > low else {
            throw refusal(
                "fit_window",
                "\(window) holds fewer than 2 of the frames, which simulate.frame_interval = \(simulate.frameInterval) puts "
                    + "\(interval) apart, up to \(last * interval); at least 2 are needed")
        }
    }

    /// The recipe of one quench of the ensemble, which `adiabat simulate` takes as any other.
    ///
    /// - Parameter quench: counted from 1.
    package func quench(_ quench: Int, onLattice index: Int) -> Recipe {
        guard let coarsening else { preconditionFailure("a recipe with the table [coarsening]") }
        var recipe = self
        recipe.coarsening = nil
        recipe.simulate.size = coarsening.sizes[index]
        recipe.simulate.quench = coarsening.number(ofQuench: quench, onLattice: index)
        return recipe
    }
}
