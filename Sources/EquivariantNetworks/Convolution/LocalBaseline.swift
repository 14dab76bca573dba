import ElectronicStructure
import LatticeNumerics
import Lattices

/// A local diagonalization that a network corrects: its force is the baseline of the output, its results are inputs.
///
/// The input is the density less one half, odd under particle–hole at μ = 0.
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

    /// Patches of 3×3 sites with trees of two levels.
    public init() {}

    /// Input channels.
    var channels: Int { 1 }

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
    }

    /// The local solver of given electrons.
    func evaluator(_ conditions: Conditions, singlePrecision: Bool, pool: WorkerPool) -> Evaluator {
        Evaluator(
            solver: LocalDiagonalization(
                conditions,
                options: .init(
                    core: core, radius: radius, levels: levels, poles: poles, precision: singlePrecision ? nil : .double),
                pool: pool))
    }

    /// A local solver that gives forces and channels.
    struct Evaluator: Sendable {
        let solver: LocalDiagonalization

        /// The force on every site and the channels.
        func evaluate(_ displacement: SiteField) throws -> BaselineSample {
            let density = try solver.solve(displacement).density
            return BaselineSample(
                force: solver.model.electronicForce(from: density).values, channels: [density.values.map { $0 - 0.5 }])
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
