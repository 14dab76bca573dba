import Electrons
import ForceFields
import LatticeNumerics
import Lattices
import Synchronization

/// A ``GreensFunctionArchitecture`` on a lattice.
///
/// Parameters are the values of every coefficient at every node. Compiled programs and their memory are kept and shared by all
/// force fields of a model, so that one for other parameters or conditions costs nothing to make.
public struct GreensFunctionModel: ForceModel {
    public var architecture: any NetworkArchitecture { settings }
    public let lattice: Lattice
    public var kind: SiteVariable.Kind { .scalar }
    public let layout: ParameterLayout
    /// There are none.
    public var constants: [String: [Double]] = [:]

    private let settings: GreensFunctionArchitecture
    private let unlearned: EndCorrections
    private let solvers = SolverCache()

    init(_ architecture: GreensFunctionArchitecture, lattice: Lattice) {
        settings = architecture
        self.lattice = lattice
        unlearned = EndCorrections(
            unlearnedOn: lattice, core: architecture.core, radii: architecture.radii, levels: architecture.levels,
            terms: .init(
                endPath: architecture.endPath, messagePath: architecture.messagePath, joinsDistant: architecture.joinsDistant),
            nodes: architecture.nodes)
        layout = ParameterLayout(unlearned.tiers.flatMap { tier in tier.names.map { ($0, [tier.nodes.count]) } })
    }

    /// Patches that reach one bond further at every pole. Their ``initialParameters(seed:)`` give a force for which nothing was learned.
    ///
    /// Its radius may be one more than a recipe allows.
    public var largerPatches: GreensFunctionModel {
        var larger = settings
        larger.radius += 1
        return GreensFunctionModel(larger, lattice: lattice)
    }

    /// Sites that a force depends on; the poles are chosen by the extent of the whole configuration besides.
    public var receptiveField: Int {
        settings.options(singlePrecision: true).receptiveField(on: lattice, corrections: unlearned)
    }

    /// For six poles, as many as a tolerance of 10⁻³ or 10⁻⁴ needs, at their usual heights for k_BT = 0.1.
    public var multiplyAdds: Int {
        let operations = settings.options(singlePrecision: true).operations(
            on: lattice, heights: [0.3, 0.9, 1.7, 3.5, 9, 40], corrections: unlearned)
        return Int((operations / 2).rounded())
    }

    /// Those of trees, whatever the seed.
    public func initialParameters(seed: UInt64) -> [Double] { unlearned.values }

    /// Nothing is found from the data.
    public mutating func normalize(_ samples: ForceSamples) throws {}

    public func forceField(
        parameters: [Double], conditions: Conditions, supercell: Supercell, singlePrecision: Bool, pool: WorkerPool
    ) throws -> any ForceField {
        precondition(parameters.count == layout.count, "parameters of this model")
        try validate(supercell)
        var corrections = unlearned
        corrections.values = parameters
        let solver = solvers.solver(singlePrecision: singlePrecision, threads: pool.threads) {
            LocalDiagonalization(
                options: settings.options(singlePrecision: singlePrecision), corrections: corrections, pool: pool)
        }
        let learned = ElectronicForceField(conditions, solver.with(corrections: corrections))
        return LocalElectronicForceField(learned, on: lattice) ?? learned
    }

    /// - Throws: ``NetworkError`` always.
    public func lossGradient(_ samples: ForceSamples, singlePrecision: Bool, pool: WorkerPool) throws -> any LossGradient {
        throw NetworkError(
            key: "training.optimizer",
            problem: "\(GreensFunctionArchitecture.name) has few parameters and is fitted by levenberg-marquardt")
    }
}

/// Solvers whose programs and memory all force fields of a model share.
private final class SolverCache: Sendable {
    private struct Key: Hashable {
        let singlePrecision: Bool
        let threads: Int
    }

    private let known = Mutex<[Key: LocalDiagonalization]>([:])

    func solver(singlePrecision: Bool, threads: Int, make: () -> LocalDiagonalization) -> LocalDiagonalization {
        known.withLock { known in
            let key = Key(singlePrecision: singlePrecision, threads: threads)
            if let solver = known[key] { return solver }
            let solver = make()
            known[key] = solver
            return solver
        }
    }
}
