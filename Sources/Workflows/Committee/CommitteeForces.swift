import ElectronicStructure
import ForceFields
import LatticeNumerics
import Lattices

/// The force of a trained model and the spread of its committee on one supercell, for whatever electrons are asked for.
///
///     σ_i² = a² + α² s_i²,     s_i² = (1/(M − 1)) Σ_m (F_m,i − F̄_i)²
///
/// over the M members, with the calibration a and α of the model. Not safe to use from several threads at once.
final class CommitteeForces {
    private let model: TrainedModel
    private let supercell: Supercell
    private let singlePrecision: Bool
    private let tiling: BlockTiling
    private let pool: WorkerPool
    /// The force fields of the members, for electrons that have been asked for.
    private var known: [(electrons: AdiabaticModel, fields: [any ForceField])] = []

    init(_ model: TrainedModel, on supercell: Supercell, singlePrecision: Bool, tiling: BlockTiling, pool: WorkerPool) {
        self.model = model
        self.supercell = supercell
        self.singlePrecision = singlePrecision
        self.tiling = tiling
        self.pool = pool
    }

    /// How many members there are.
    var count: Int { model.members.count }

    /// The force field of the first member.
    ///
    /// - Throws: `NetworkError` for another lattice.
    func field(for electrons: AdiabaticModel) throws -> any ForceField { try fields(for: electrons)[0] }

    /// The answer: the force of the first member.
    func force(at displacement: SiteField, for electrons: AdiabaticModel) throws -> SiteField {
        try field(for: electrons).forces(at: displacement)
    }

    /// σ_i on every site; the committee has at least two members.
    func uncertainty(at displacement: SiteField, for electrons: AdiabaticModel) throws -> SiteField {
        var spread = Self.spread(try fields(for: electrons).map { try $0.forces(at: displacement) })
        for site in spread.values.indices { spread[site] = model.calibration.error(ofSpread: spread[site]) }
        return spread
    }

    /// The standard deviation of the members' forces on every site, not calibrated.
    static func spread(_ forces: [SiteField]) -> SiteField {
        precondition(forces.count > 1, "a committee of at least two")
        let members = Double(forces.count)
        var spread = forces[0]
        for k in spread.values.indices {
            let mean = forces.reduce(0) { $0 + $1.values[k] } / members
            let square = forces.reduce(0) { $0 + ($1.values[k] - mean) * ($1.values[k] - mean) }
            spread.values[k] = (square / (members - 1)).squareRoot()
        }
        return spread
    }

    private func fields(for electrons: AdiabaticModel) throws -> [any ForceField] {
        if let found = known.first(where: { $0.electrons == electrons }) { return found.fields }
        let fields = try model.members.map {
            try $0.forceField(
                on: supercell, conditions: electrons, singlePrecision: singlePrecision, tiling: tiling, pool: pool)
        }
        known.append((electrons, fields))
        return fields
    }
}
