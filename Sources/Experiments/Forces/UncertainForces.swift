import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces
import Models
import Recipes
import Runs

/// The force of a trained model and the error to expect of it on one supercell, for whatever electrons are asked for.
///
///     σ_i² = a² + α² s_i²,     s_i² = (1/(M − 1)) Σ_m (F_m,i − F̄_i)²
///
/// with the calibration a and α of the model, over the M forces that `training.uncertainty` names: those of the members, or those of the
/// one model on configurations that were moved by symmetries that the model lacks, and moved back. Of patches, s is instead
///
///     s_i² = ⅘ d_i² + ⅕ ⟨d_j²⟩_j,     d_i = F_i − F_i(R + 1)
///
/// with the force of patches that reach one bond further and end in trees, and with the mean over the neighbours j of i: a difference
/// that passes through zero says less than those around it. Not safe to use from several threads at once.
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
    /// neighbors[bond][site], −1 for none.
    private lazy var neighbors = supercell.neighborTable()
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
                    let moved = try spreadFields(for: electrons.moved(on: supercell) { $0.translated(by: offset) })[0]
                    return try moved.forces(at: displacement.translated(by: offset)).translated(by: offset.map { -$0 })
                })
        case .largerPatches:
            return smoothed(try force(at: displacement, for: electrons), minus: try fields[0].forces(at: displacement))
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

    /// √(⅘ d_i² + ⅕ ⟨d_j²⟩_j) of the difference d of two forces.
    private func smoothed(_ force: SiteField, minus other: SiteField) -> SiteField {
        let squares: [Double] = zip(force.values, other.values).map { ($0 - $1) * ($0 - $1) }
        var spread = force
        for site in squares.indices {
            var (sum, count) = (0.0, 0)
            for row in neighbors where row[site] >= 0 {
                sum += squares[Int(row[site])]
                count += 1
            }
            let mean = count > 0 ? sum / Double(count) : squares[site]
            spread[site] = (0.8 * squares[site] + 0.2 * mean).squareRoot()
        }
        return spread
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

    /// The members, or the larger patches.
    private lazy var sources: [TrainedModel.Member] = {
        guard model.uncertainty == .largerPatches, let patches = model.model as? GreensFunctionModel else { return model.members }
        let larger = patches.largerPatches
        return [TrainedModel.Member(model: larger, parameters: larger.initialParameters(seed: 0))]
    }()

    /// The fields of the members, or that of larger patches. Models around a fitted one differ from it by less than single precision
    /// tells.
    private func spreadFields(for electrons: AdiabaticModel) throws -> [any ForceField] {
        if let found = known.first(where: { $0.electrons == electrons }) { return found.fields }
        let fields = try sources.map {
            try $0.forceField(
                on: supercell, conditions: electrons, singlePrecision: singlePrecision && model.uncertainty != .laplace,
                tiling: model.uncertainty == .tiling ? .fixed : tiling, pool: pool)
        }
        known.append((electrons, fields))
        return fields
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
