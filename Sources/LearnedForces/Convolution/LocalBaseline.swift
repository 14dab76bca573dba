import Electrons
import LatticeNumerics
import Lattices

/// A local diagonalization that a network corrects: its force is the baseline of the output, its results are inputs.
///
/// The inputs are the density less one half and, if asked for, real parts of the site's Green's function on the imaginary axis;
/// both are odd under particle–hole at μ = 0.
public struct LocalBaseline: Sendable, Equatable, Codable {
    /// 1 for a patch around every site; more for blocks of that many cells, which break the symmetry of the point group by as
    /// much as the error of the local solver.
    public var core = 1
    /// R: the size of the patches.
    public var radius = 1
    /// Levels of the tree at the ends of a patch.
    public var levels = 2
    /// Poles of the occupations; nil for the fewest that meet the solver's own tolerance.
    public var poles: Int?
    /// How many frequencies iω_k = iπk_BT·2ᵏ, k = 0, 1, …, the real part of the site's Green's function is an input at.
    public var greensFunctions = 0

    /// Patches of 3×3 sites with trees of two levels.
    public init() {}

    /// Input channels.
    var channels: Int { 1 + greensFunctions }

    func validate() throws {
        guard (1...32).contains(core) else {
            throw NetworkError(key: "network.baseline.core", problem: "\(core); 1 to 32 is allowed")
        }
        guard (0...8).contains(radius) else {
            throw NetworkError(key: "network.baseline.radius", problem: "\(radius); 0 to 8 is allowed")
        }
        guard (0...32).contains(levels) else {
            throw NetworkError(key: "network.baseline.levels", problem: "\(levels); 0 to 32 is allowed")
        }
        guard poles.map((1...64).contains) ?? true else {
            throw NetworkError(key: "network.baseline.poles", problem: "\(poles ?? 0); 1 to 64 is allowed")
        }
        guard (0...8).contains(greensFunctions) else {
            throw NetworkError(key: "network.baseline.greens_functions", problem: "\(greensFunctions); 0 to 8 is allowed")
        }
    }

    /// How far, in cells along any direction, its force and channels see.
    func receptiveField(on lattice: Lattice) -> Int {
        let options = LocalDiagonalization.Options(core: core, radius: radius, levels: levels, poles: poles)
        let bond = lattice.bonds.flatMap { $0.cell.map(abs) }.max() ?? 0
        return max(options.receptiveField(on: lattice), greensFunctions > 0 ? levels * bond : 0)
    }

    /// The local solver of given electrons.
    func evaluator(_ conditions: Conditions, singlePrecision: Bool, pool: WorkerPool) -> Evaluator {
        Evaluator(
            electrons: ElectronicForceField(
                conditions,
                LocalDiagonalization(
                    options: .init(
                        core: core, radius: radius, levels: levels, poles: poles, precision: singlePrecision ? nil : .double),
                    pool: pool)),
            greensFunctions: TreeGreensFunctions(
                frequencies: (0..<greensFunctions).map { .pi * conditions.temperature * Double(1 << $0) }, levels: levels,
                pool: pool))
    }

    /// A local solver that gives forces and channels.
    struct Evaluator: Sendable {
        let electrons: ElectronicForceField<LocalDiagonalization>
        let greensFunctions: TreeGreensFunctions

        /// The force on every site and the channels.
        ///
        /// - Parameter extent: of the displacement over the lattice of which the field is a part; its own if nil.
        func evaluate(_ displacement: SiteField, extent: FieldExtent? = nil) throws -> BaselineSample {
            let model = electrons.model
            let h = try model.tightBinding(at: displacement)
            guard let uniform = h.uniform, uniform.isSameOnAllBonds else {
                throw ElectronicStructureError.elementsNotTaken(solver: LocalDiagonalization.name)
            }
            let bounds = model.spectrumBounds(extent ?? FieldExtent(of: displacement), on: displacement.supercell.lattice)
            let state = try electrons.solver.solve(h, model.reservoir, bounds: bounds)
            let functions = greensFunctions.realParts(uniform, chemicalPotential: state.chemicalPotential)
            return BaselineSample(
                force: model.electronicForce(from: state.densityMatrix, at: displacement).values,
                channels: [state.density.values.map { $0 - 0.5 }] + functions)
        }
    }
}

/// What a local solver says of one configuration.
struct BaselineSample: Sendable {
    /// The electronic force on every site.
    let force: [Double]
    /// Its input channels, [channel][site].
    let channels: [[Double]]
}
