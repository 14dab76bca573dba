import Communication
import Dynamics
import Electrons
import ForceFields
import Lattices
import LearnedForces
import Runs
import Storage

/// A lattice whose dynamics the processes of a stage share: how it is cut, and the forces on the part that this process has.
struct SharedLattice {
    let whole: Supercell
    /// What this process has.
    let domain: Domain
    /// How the site variable transforms.
    let kind: SiteVariable.Kind
    /// The way of its fields of site variables to output and observables.
    let slabs: RowSlabs
    /// The same of densities.
    let scalarSlabs: RowSlabs
    /// On the domain's supercell.
    let forceField: AdiabaticForceField
    /// What dynamics sees: it exchanges the halos if there are several processes.
    let total: any ForceField
    /// ``AdiabaticForceField/densities`` on the domain, likewise.
    private let densities: (any ForceField)?

    /// - Parameters:
    ///   - kind: how the site variable transforms.
    ///   - name: of the force field, for the error.
    ///   - make: the force field on a supercell of the same lattice.
    /// - Throws: ``StageError/notDistributable(forceField:processes:)``, `CommunicationError` for a lattice that cannot be cut so
    ///   often, and what `make` throws.
    init(
        _ whole: Supercell, kind: SiteVariable.Kind, context: StageContext, name: String,
        forceField make: (Supercell) throws -> AdiabaticForceField
    ) throws {
        let communicator = context.communicator
        self.whole = whole
        self.kind = kind
        guard communicator.size > 1 else {
            let grid = try DomainGrid(whole, rankCount: 1, ranks: context.grid, halo: 1)
            domain = grid.domain(of: 0)
            (slabs, scalarSlabs) = Self.slabs(grid, communicator, kind)
            forceField = try make(whole)
            total = forceField.total
            densities = forceField.densities
            return
        }
        // How far a force sees does not depend on the size of the lattice.
        let sample = try Supercell(whole.lattice, size: whole.size.map { min($0, Self.sampleSide) }, periodic: whole.periodic)
        guard let local = try make(sample).local else {
            throw StageError.notDistributable(forceField: name, processes: communicator.size)
        }
        let halo = (local.receptiveField + local.alignment - 1) / local.alignment * local.alignment
        let grid = try DomainGrid(
            whole, rankCount: communicator.size, ranks: context.grid, halo: max(halo, 1), alignment: local.alignment)
        domain = grid.domain(of: communicator.rank)
        (slabs, scalarSlabs) = Self.slabs(grid, communicator, kind)
        forceField = try make(domain.local)
        guard let ownForces = forceField.local else {
            throw StageError.notDistributable(forceField: name, processes: communicator.size)
        }
        total = DomainForceField(ownForces, grid: grid, kind: kind, communicator: communicator)
        densities = (forceField.densities as? any LocalForceField).map {
            DomainForceField($0, grid: grid, kind: kind, communicator: communicator)
        }
    }

    private static let sampleSide = 64

    /// Of scalars both are one.
    private static func slabs(
        _ grid: DomainGrid, _ communicator: any Communicator, _ kind: SiteVariable.Kind
    ) -> (RowSlabs, RowSlabs) {
        let slabs = RowSlabs(grid, communicator: communicator, kind: kind)
        return (slabs, kind == .scalar ? slabs : RowSlabs(grid, communicator: communicator))
    }

    /// n of a state, from the force or, where that does not tell it, from the electrons; nil if the force is a network's that does
    /// not tell it. On all processes.
    ///
    /// - Throws: what the electrons throw.
    func density(of state: PhaseSpaceState) throws -> SiteField? {
        if let density = forceField.density(displacement: state.displacement, force: state.force) { return density }
        return try densities?.forces(at: state.displacement)
    }

    /// How the sites of files are dealt out.
    var layout: SlabLayout {
        let partition = slabs.partition
        return SlabLayout(
            count: whole.siteCount, unit: partition.rowsPerUnit * partition.sitesPerRow, units: slabs.units)
    }

    /// The part of a field that this rank writes.
    func collect(_ field: SiteField) -> UnsafeBufferPointer<Double> {
        (field.kind == kind ? slabs : scalarSlabs).collect(field)
    }

    /// The whole field on the first rank; nil on the others.
    func gathered(_ field: SiteField) -> SiteField? {
        guard slabs.communicator.size > 1 else { return field }
        let bytes = slabs.communicator.gather(Array(UnsafeRawBufferPointer(collect(field))), to: 0)
        return bytes.map { parts in
            let values = parts.flatMap { part in part.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) } }
            return SiteField(whole, kind: field.kind, values: values)
        }
    }
}

/// Where the forces of a simulation come from: a solver of the electrons, or the model of the run.
struct ForceSource {
    /// SHA-256 of the model file; empty if a solver gives the force.
    let modelDigest: String
    private let make: (Supercell) throws -> AdiabaticForceField

    /// Reads the model if the recipe asks for it.
    ///
    /// - Throws: ``StageError`` if there is no model, or one of another recipe; what reading it throws.
    init(_ context: StageContext) throws {
        let recipe = context.recipe
        switch recipe.simulate.forceField {
        case .solver(let name):
            modelDigest = ""
            make = { AdiabaticForceField(recipe.solver(name, pool: context.pool), on: $0, pool: context.pool) }
        case .model:
            let file = context.directory.model
            try context.requireInputs(of: .simulate)
            let model = try ModelFile.read(file)
            // One from elsewhere may have been trained in any way, if only it knows the electrons.
            try context.doOnFirstRank { try Provenance(context).requireCurrentInputs(of: .simulate) }
            try model.requireElectrons(recipe.model, path: file)
            modelDigest = try Digest.sha256(ofFile: file)
            make = { supercell in
                let learned = try model.forceField(
                    on: supercell, conditions: recipe.model, singlePrecision: recipe.simulate.precision == .float32,
                    tiling: recipe.simulate.tiling, pool: context.pool)
                return AdiabaticForceField(learned: learned, model: recipe.model, on: supercell, pool: context.pool)
            }
        }
    }

    /// The force field on a supercell.
    func forceField(on supercell: Supercell) throws -> AdiabaticForceField { try make(supercell) }
}
