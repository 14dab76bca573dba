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
    private let model: TrainedModel
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
        self.model = model
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
        guard model.uncertainty == .group else {
            return Self.spread(try fields.map { try $0.forces(at: displacement) })
        }
        return Self.spread(
            try operations.map { operation, inverse in
                try fields[0].forces(at: displacement.transformed(by: operation)).transformed(by: inverse)
            })
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
                tiling: tiling, pool: pool)
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
