import ElectronicStructure
import ForceFields
import LatticeNumerics
import Lattices

/// The force of a trained model and the error to expect of it on one supercell, for whatever electrons are asked for.
///
///     σ_i² = a² + α² s_i²,     s_i² = (1/(M − 1)) Σ_m (F_m,i − F̄_i)²
///
/// with the calibration a and α of the model, over the M forces that `training.uncertainty` names: those of the members, or those of the
/// one model on configurations that were moved by symmetries that the model lacks, and moved back. Not safe to use from several
/// threads at once.
final class UncertainForces {
    /// With the calibration of the blocks as they are laid here.
    let model: TrainedModel
    private let supercell: Supercell
    private let singlePrecision: Bool
    private let tiling: BlockTiling
    private let pool: WorkerPool
    /// The force field that answers and those whose spread tells the error, for electrons that have been asked for.
    private var answers: [(electrons: AdiabaticModel, field: any ForceField)] = []
    private var known: [(electrons: AdiabaticModel, fields: [any ForceField])] = []
    /// Operations that map the supercell onto itself, the identity first, with their inverses.
    private lazy var operations = model.uncertainty == .group ? supercell.operations : []

    init(_ model: TrainedModel, on supercell: Supercell, singlePrecision: Bool, tiling: BlockTiling, pool: WorkerPool) {
        self.model = model.calibrated(for: tiling)
        self.supercell = supercell
        self.singlePrecision = singlePrecision
        self.tiling = tiling
        self.pool = pool
    }

    /// The force field that answers.
    ///
    /// - Throws: `NetworkError` for another lattice.
    func field(for electrons: AdiabaticModel) throws -> any ForceField {
        if let found = answers.first(where: { $0.electrons == electrons }) { return found.field }
        let field = try model.forceField(
            on: supercell, conditions: electrons, singlePrecision: singlePrecision, tiling: tiling, pool: pool)
        answers.append((electrons, field))
        return field
    }

    /// The answer.
    func force(at displacement: SiteField, for electrons: AdiabaticModel) throws -> SiteField {
        try field(for: electrons).forces(at: displacement)
    }

    /// σ_i on every site; the model has an estimate.
    func uncertainty(at displacement: SiteField, for electrons: AdiabaticModel) throws -> SiteField {
        var spread = try spread(at: displacement, for: electrons)
        for site in spread.values.indices { spread[site] = model.calibration.error(ofSpread: spread[site]) }
        return spread
    }

    /// s_i on every site.
    func spread(at displacement: SiteField, for electrons: AdiabaticModel) throws -> SiteField {
        let fields = try spreadFields(for: electrons)
        switch model.uncertainty {
        case .none, .committee, .laplace: return Self.spread(try fields.map { try $0.forces(at: displacement) })
        case .group:
            return Self.spread(
                try operations.map { operation, inverse in
                    try fields[0].forces(at: displacement.transformed(by: operation)).transformed(by: inverse)
                })
        case .tiling:
            return Self.spread(
                try offsets.map { offset in
                    try fields[0].forces(at: displacement.translated(by: offset)).translated(by: offset.map { -$0 })
                })
        }
    }

    /// Three translations that lay blocks of so many cells in different ways, that of training first; two on a chain with blocks of
    /// two cells.
    private var offsets: [[Int]] {
        let (side, dimension) = ((model.model.architecture as? any NetworkFamily)?.blockSide ?? 1, supercell.size.count)
        guard side == 2 else { return (0..<3).map { [Int](repeating: $0 * side / 3, count: dimension) } }
        return [[Int](repeating: 0, count: dimension), [Int](repeating: 1, count: dimension)]
            + (dimension > 1 ? [[1] + [Int](repeating: 0, count: dimension - 1)] : [])
    }

    /// The standard deviation of several forces on every site.
    private static func spread(_ forces: [SiteField]) -> SiteField {
        precondition(forces.count > 1, "several forces")
        let members = Double(forces.count)
        var spread = forces[0]
        for k in spread.values.indices {
            let mean = forces.reduce(0) { $0 + $1.values[k] } / members
            let square = forces.reduce(0) { $0 + ($1.values[k] - mean) * ($1.values[k] - mean) }
            spread.values[k] = (square / (members - 1)).squareRoot()
        }
        return spread
    }

    /// The fields of the members. Models around a fitted one differ from it by less than single precision tells.
    private func spreadFields(for electrons: AdiabaticModel) throws -> [any ForceField] {
        if let found = known.first(where: { $0.electrons == electrons }) { return found.fields }
        let fields = try model.members.map {
            try $0.forceField(
                on: supercell, conditions: electrons, singlePrecision: singlePrecision && model.uncertainty != .laplace,
                tiling: model.uncertainty == .tiling ? .fixed : tiling, pool: pool)
        }
        known.append((electrons, fields))
        return fields
    }
}

extension Supercell {
    /// The operations of the point group that map the supercell onto itself, the identity first, each with its inverse.
    var operations: [(operation: PointGroup.Operation, inverse: PointGroup.Operation)] {
        let group = PointGroup(of: lattice)
        return group.operations.indices.filter { group.operations[$0].preserves(self) }.map {
            (group.operations[$0], group.operations[group.inverse(of: $0)])
        }
    }
}

extension TrainedModel {
    /// - Throws: ``ForceEvaluationError`` if the model has no estimate of the error of its force, or the estimate would be the same on
    ///   every site of this supercell.
    func requireUncertainty(on supercell: Supercell) throws {
        guard uncertainty != .none else { throw ForceEvaluationError.noUncertainty }
        guard uncertainty == .group, let network = model.architecture as? any NetworkFamily else { return }
        guard supercell.operations.contains(where: { network.lacks($0.operation) }) else {
            throw ForceEvaluationError.symmetricSupercell(size: supercell.size)
        }
    }
}
