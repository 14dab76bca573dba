import Dynamics
import Electrons
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Models
import Observables
import Recipes
import Runs

/// Something that a stage needs of the recipe or of this machine, and that can be checked before the stage begins.
///
/// ``Recipe/requirements(of:among:processes:)`` is the only list of requirements; `adiabat check`, every command and `adiabat
/// run`, for all of its stages, use it.
enum StageRequirement {
    /// The solver that the key `named` names, for these electrons, on a lattice whose size the key `sized` gives.
    case solver(SolverName, named: String, electrons: [AdiabaticModel], size: [Int], sized: String)
    /// Energies of sites, if a file gives any, for a lattice whose size the key `sized` gives.
    case onsiteEnergies(size: [Int], sized: String)
    /// Audits on a lattice of this size.
    case audits(size: [Int])
    /// The network of `[network]`: on the lattice, for the electrons that it meets, with the optimizer of `[training]` if it is
    /// trained.
    case network(isTrained: Bool)
    /// A lattice without open ends.
    case periodicLattice
    /// A site variable that networks can see: a scalar.
    case scalarVariable
    /// A site variable that the integrators of displacements move.
    case flatVariable
    /// A learned force for the electrons of `[model]`, which must be within the range of the data.
    case electronsOfTheData
    /// A lattice with structure factors, by which twins are compared.
    case structureFactors
    /// So many bytes of memory; the key decides the amount.
    case memory(bytes: Double, key: String)
    /// A table of the recipe, and the stage to run without it.
    case table(Recipe.Section, isThere: Bool, without: String)
    /// The program that draws the figures.
    case gnuplot
}

extension Recipe {
    /// A stage that cannot run, and why.
    public struct Obstacle {
        /// The stage.
        public let stage: StageName
        /// The requirement that is not met, with the key or the program.
        public let error: any Error
    }

    /// The stages that cannot run with this recipe or on this machine, with the first reason of each, before anything is
    /// computed.
    ///
    /// - Parameters:
    ///   - stages: stages that run one after the other; a stage may use the results of an earlier one.
    ///   - processes: the number of processes that share a lattice.
    public func obstacles(to stages: [StageName], processes: Int = 1) -> [Obstacle] {
        stages.compactMap { stage in
            do {
                for requirement in requirements(of: stage, among: stages, processes: processes) {
                    try check(requirement, for: stage)
                }
                return nil
            } catch { return Obstacle(stage: stage, error: error) }
        }
    }

    /// - Throws: the first of ``obstacles(to:processes:)``: ``RecipeError`` or ``StageError``.
    public func require(_ stages: [StageName], processes: Int = 1) throws {
        if let obstacle = obstacles(to: stages, processes: processes).first { throw obstacle.error }
    }

    /// The requirements of a stage. A new requirement is a line here.
    ///
    /// - Parameter stages: all stages that are to be run. If one of them trains the network, the network is known now; a
    ///   `model.safetensors` that exists already is checked when it is read.
    private func requirements(
        of stage: StageName, among stages: [StageName], processes: Int
    ) -> [StageRequirement] {
        /// The solver that the key `named` names, and its memory. A solver that needs the whole lattice is refused elsewhere if
        /// several processes share the lattice.
        func solver(
            _ name: SolverName, _ named: String, for electrons: [AdiabaticModel], on size: [Int], _ sized: String
        ) -> [StageRequirement] {
            [
                .solver(name, named: named, electrons: electrons, size: size, sized: sized),
                .memory(bytes: solvers[name].bytes(sites: supercell(size).siteCount) / Double(processes), key: sized),
            ]
        }
        let ofData = StageRequirement.onsiteEnergies(size: lattice.size, sized: "lattice.size")
        let data = [ofData] + solver(generate.solver, "generate.solver", for: electrons, on: lattice.size, "lattice.size")
        func fields(_ size: [Int], _ key: String) -> StageRequirement {
            .memory(
                bytes: Double(supercell(size).siteCount * model.variable.kind.count(in: lattice.geometry)) * Self.fieldBytes
                    / Double(processes),
                key: key)
        }
        let isTrainedHere = stages.contains(.train) || stages.contains(.learn)
        let learned: [StageRequirement] =
            [.scalarVariable] + (isTrainedHere ? [.network(isTrained: false)] : [.periodicLattice])
        let ofModel: [StageRequirement] = isTrainedHere ? [.electronsOfTheData] : []
        func quench(_ size: [Int], _ key: String) -> [StageRequirement] {
            let force: [StageRequirement] =
                switch simulate.forceField {
                case .solver(let name): solver(name, "simulate.force_field", for: [model], on: size, key)
                case .model: learned + ofModel
                }
            let times = [("frame", simulate.frameInterval), ("observable", simulate.observableInterval)].map {
                StageRequirement.memory(
                    bytes: Double(simulate.steps / $0.1) * Self.recordBytes, key: "simulate.\($0.0)_interval")
            }
            return [.flatVariable, .onsiteEnergies(size: size, sized: key), fields(size, key)] + times + force
                + (simulate.auditInterval > 0 ? [.audits(size: size)] : [])
        }
        switch stage {
        case .generate:
            let snapshots = Double(generate.trajectories) * Double(generate.steps / generate.snapshotInterval)
            let bytes =
                (snapshots + Double(generate.randomConfigurations))
                * Double(supercell.siteCount * model.variable.kind.count(in: lattice.geometry)) * Self.fieldBytes
            return [.flatVariable, .memory(bytes: bytes, key: "generate.snapshot_interval")] + data
        case .train: return [.scalarVariable, ofData, .network(isTrained: true)]
        case .learn:
            let table = StageRequirement.table(.learn, isThere: learn != nil, without: "train")
            guard let learn else { return [table] }
            let needs =
                [
                    .scalarVariable, ofData, .onsiteEnergies(size: learn.size, sized: "learn.size"), .network(isTrained: true),
                    fields(learn.size, "learn.size"),
                ]
                + solver(learn.solver, "learn.solver", for: electrons, on: learn.size, "learn.size")
            guard case .solver(let name) = learn.disagreement else { return needs }
            return needs + solver(name, "learn.disagreement", for: electrons, on: learn.size, "learn.size")
        case .simulate: return quench(simulate.size, "simulate.size")
        case .coarsen:
            let table = StageRequirement.table(.coarsening, isThere: coarsening != nil, without: "simulate")
            return [table] + (coarsening?.sizes ?? []).flatMap { quench($0, "coarsening.sizes") }
        case .compare:
            guard compare.twinTrajectories > 0 else { return learned + data }
            let twins = solver(compare.solver, "compare.solver", for: [model], on: compare.twinSize, "compare.twin_size")
            let energies = StageRequirement.onsiteEnergies(size: compare.twinSize, sized: "compare.twin_size")
            return learned + data + [.structureFactors, energies] + twins + ofModel
        case .analyze, .audit: return []
        case .report: return [.gnuplot]
        }
    }

    private func check(_ requirement: StageRequirement, for stage: StageName) throws {
        switch requirement {
        case .solver(let name, let key, let electrons, let size, let sizeKey):
            try requireSolver(name, key, electrons, size, sizeKey)
        case .onsiteEnergies(let size, let key):
            do { try model.onsiteEnergies?.validate(on: size, of: key) } catch let error as ModelError {
                throw refusal("model.\(error.key)", error.problem)
            }
        case .audits(let size): try requireAudits(size)
        case .network(let isTrained): try requireNetwork(stage, isTrained: isTrained)
        case .periodicLattice: try requirePeriodicLattice(stage)
        case .scalarVariable: try requireScalarVariable()
        case .flatVariable: try requireFlatVariable()
        case .electronsOfTheData: try requireElectronsOfTheData()
        case .structureFactors:
            let basis = lattice.geometry.basis.count
            guard basis == 1 else {
                throw refusal(
                    "compare.twin_trajectories",
                    "\(compare.twinTrajectories) is not allowed on the \(lattice.geometry.name) lattice: structure factors need one site "
                        + "per cell, and this lattice has \(basis); 0 is allowed")
            }
        case .memory(let bytes, let key): try requireMemory(bytes, key)
        case .table(let section, let isThere, let stage):
            guard isThere else {
                throw source.error(
                    table: nil, key: section.rawValue, "the table is missing; add it, or use `adiabat \(stage)`")
            }
        case .gnuplot: _ = try Gnuplot()
        }
    }

    /// An error about `table.key`.
    private func refusal(_ key: String, _ problem: String) -> RecipeError {
        let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
        return source.error(table: parts.count > 1 ? parts[0] : nil, key: parts.last, problem)
    }

    // MARK: Solvers

    private func requireSolver(
        _ name: SolverName, _ key: String, _ electrons: [AdiabaticModel], _ size: [Int], _ sizeKey: String
    ) throws {
        let sites = supercell(size).siteCount
        if let limit = name.maximumSites, sites > limit {
            throw refusal(sizeKey, "\(sites) sites; \(name.words) takes at most \(limit)")
        }
        try requireTemperature(of: electrons, name.options.needsTemperature, "\(key) = \"\(name.rawValue)\"") {
            ", or " + SolverName.allCases.filter { !$0.options.needsTemperature }.map(\.rawValue).joined(separator: ", ")
        }
        guard let coldest = hardest(electrons) else { return }
        do {
            let start = try hotStart(on: piece(of: size, ofAtMost: Self.triedSites))
            // Options that `accuracy` leaves open are tried when they are found; solvers that have it take uniform bonds alone.
            if solvers[name].isOpen {
                let isTaken = try coldest.wantedElements == .sites && coldest.tightBinding(at: start).uniform != nil
                guard isTaken else { throw ElectronicStructureError.elementsNotTaken(solver: name.rawValue) }
            } else {
                _ = try name.solver(coldest, settings: solvers).solve(start)
            }
        } catch { throw refusal(key, "\"\(name.rawValue)\" cannot solve a hot start of this recipe: \(error)") }
    }

    /// - Parameters:
    ///   - isNeeded: whether k_BT must be above 0.
    ///   - use: the setting that needs k_BT > 0, as `key = value`.
    ///   - alternative: completes the sentence "above 0 is".
    private func requireTemperature(
        of electrons: [AdiabaticModel], _ isNeeded: Bool, _ use: String, alternative: () -> String = { "" }
    ) throws {
        guard isNeeded, electrons.contains(where: { $0.temperature == 0 }) else { return }
        let key = model.temperature == 0 && electrons.contains(model) ? "model.temperature" : "generate.temperatures"
        throw refusal(key, "0.0 is not allowed with \(use); above 0 is" + alternative())
    }

    private func requireAudits(_ size: [Int]) throws {
        let solver = simulate.auditSolver
        try requireTemperature(
            of: [model], solver.options.needsTemperature, "simulate.audit_solver = \"\(solver.rawValue)\"")
        do { _ = try ForceAudit.extent(model, supercell(size), solver, simulate.auditSites) } catch let error as AuditError {
            throw refusal("simulate.audit_sites", "\(error)")
        }
    }

    // MARK: Site variables

    /// Networks, learned ends and their larger patches see one number a site that no operation changes.
    private func requireScalarVariable() throws {
        guard model.variable.kind != .scalar else { return }
        throw refusal(
            "model.name",
            "\"\(model.name)\" is not allowed with a learned force, which is for a scalar site variable: its \(model.variable.name) "
                + "transforms as \(model.variable.kind); a model with a scalar, or a solver in place of the learned force, is allowed"
        )
    }

    private func requireFlatVariable() throws {
        guard model.variable.space == .sphere else { return }
        throw refusal(
            "model.name",
            "\"\(model.name)\" is not allowed: its \(model.variable.name) is a vector of length 1, which the integrators do not keep; "
                + "`adiabat forces` is allowed")
    }

    // MARK: Learned forces

    private func requirePeriodicLattice(_ stage: StageName) throws {
        guard !lattice.isPeriodic else { return }
        guard [.simulate, .coarsen].contains(stage) else {
            throw StageError.openEnds(stage: stage.rawValue, periodic: lattice.periodic)
        }
        throw refusal(
            "simulate.force_field",
            "\"model\" is not allowed with lattice.periodic = \(lattice.periodic): a learned force needs translations; a solver "
                + "is allowed")
    }

    private func requireNetwork(_ stage: StageName, isTrained: Bool) throws {
        try requirePeriodicLattice(stage)
        let name = "network.name = \"\(type(of: network.family).name)\""
        let electrons = isTrained ? electrons : [model]
        try requireTemperature(of: electrons, network.family.needsTemperature, name)
        if isTrained { try requireConditionedNetwork() }
        if network.family.isOddInDisplacement { try requireParticleHoleSymmetry() }
        if model.hasOnsiteEnergies, !network.family.seesEnergies {
            throw refusal(
                model.onsiteEnergies?.given == nil ? "model.onsite_disorder" : "model.onsite",
                "is not allowed with \(name), which sees displacements alone and not the energies of sites; \"greens-function\" does"
            )
        }
        do {
            var network = try network.architecture.model(on: lattice.geometry, kind: model.variable.kind)
            if isTrained { try training.requireRemovable(of: network) }
            guard let coldest = hardest(electrons) else { return }
            let start = try hotStart(on: piece(of: lattice.size, ofAtMost: Self.triedSites))
            let sample = ForceSamples(displacements: [start], forces: [start], conditions: [coldest])
            try network.normalize(sample)
            let pool = WorkerPool(threads: 1)
            let single = simulate.precision == .float32
            var force = SiteField(start.supercell, kind: start.kind)
            try network.forceField(
                parameters: network.initialParameters(seed: seed), conditions: coldest, supercell: start.supercell,
                singlePrecision: single, pool: pool
            ).computeForces(at: start, into: &force)
            if isTrained, training.optimizer == .adam {
                _ = try network.lossGradient(sample, singlePrecision: training.precision == .float32, pool: pool)
            }
        } catch let error as NetworkError {
            throw refusal(error.key, error.problem)
        } catch let error as LatticeError {
            // The basis belongs to the lattice file; anything else that a lattice refuses is a radius of the network.
            let key = error.key == "basis" ? "lattice.file" : "network.\(error.key)"
            throw refusal(key, "\(error.problem) (\(name) on the \(lattice.geometry.name) lattice)")
        } catch {
            throw refusal(
                "network.name", "\"\(type(of: network.family).name)\" gives no force on a hot start of this recipe: \(error)")
        }
    }

    /// The learned force holds for the electrons of the data, and, if its network depends on a parameter, within the range of
    /// that parameter.
    private func requireElectronsOfTheData() throws {
        for parameter in generate.listedParameters {
            let values = generate.values(of: parameter.key)
            guard let asked = model[parameter.key], let low = values.min(), let high = values.max() else { continue }
            if asked == low, asked == high { continue }
            let isTold = network.family.dependsOn(parameter.key)
            if isTold, (low...high).contains(asked) { continue }
            throw refusal(
                "model.\(parameter.key)",
                "\(asked) is not allowed beside generate.\(parameter.listKey!) = \(values), on which the force is trained; a value "
                    + (isTold ? "from \(low) to \(high) is" : "of the data is"))
        }
    }

    /// F(−Q) = −F(Q) follows from n(−Q) = 1 − n(Q), which exchanges electrons and holes.
    private func requireParticleHoleSymmetry() throws {
        // The key that makes the network odd, or the name of a family that always is.
        let key = network.entries.last { $0.key == "particle_hole_odd" } ?? network.entries[0]
        func refused(_ reason: String) -> RecipeError {
            refusal(
                "network.\(key.key)",
                "\(key.value) is not allowed: F(−Q) = −F(Q) holds only with as many electrons as holes, but \(reason)")
        }
        guard model.hamiltonian.particleHoleChemicalPotential(on: lattice.geometry) != nil else {
            throw refused("this model, with its hopping and its energies of sites, does not exchange them")
        }
        switch model.reservoir.particles {
        case _ where model.hasParticleHoleSymmetry(on: lattice.geometry): break
        case .chemicalPotential(let value): throw refused("model.chemical_potential = \(value); 0 is allowed")
        case .filling(let value): throw refused("model.filling = \(value); chemical_potential = 0 or filling = 0.5 is allowed")
        }
        if let value = generate.chemicalPotentials.first(where: { $0 != 0 }) {
            throw refused("generate.chemical_potentials holds \(value); 0 is allowed")
        }
        guard SublatticeSigns(supercell) != nil else {
            throw refused("lattice.size = \(lattice.size) of the \(lattice.geometry.name) lattice has no two sublattices")
        }
    }

    // MARK: Memory

    /// Three numbers per site and component (displacement, and velocity and force, or density and force), and as many again to step or write
    /// them.
    private static let fieldBytes = 48.0
    /// Step and time of a frame or a sample, and as much again to write them.
    private static let recordBytes = 32.0

    private func requireMemory(_ bytes: Double, _ key: String) throws {
        let available = Double(ProcessInfo.processInfo.physicalMemory)
        guard bytes > available else { return }
        throw StageError.memory(key: key, needed: bytes, available: available)
    }

    // MARK: Trials

    /// The most sites of a configuration on which a force is tried: a few hundredths of a second.
    private static let triedSites = 256

    private func hotStart(on size: [Int]) throws -> SiteField {
        try HotStart(
            displacementVariance: dynamics.initialDisplacementVariance, velocityVariance: dynamics.initialVelocityVariance,
            seed: seed(of: .probe)
        ).displacement(on: supercell(size), kind: model.variable.kind)
    }

    /// The electrons at the lowest temperature, and of these those of the widest spectrum at displacements of 1.
    private func hardest(_ electrons: [AdiabaticModel]) -> AdiabaticModel? {
        func width(_ model: AdiabaticModel) -> Double {
            let bounds = model.spectrumBounds(FieldExtent(lowest: -1, highest: 1), on: lattice.geometry)
            return bounds.upper - bounds.lower
        }
        return electrons.min { ($0.temperature, -width($0)) < ($1.temperature, -width($1)) }
    }
}

extension StageContext {
    /// Checks the requirements of stages before they begin. If the first process refuses, all do.
    ///
    /// - Throws: the first requirement that is not met, see ``Recipe/obstacles(to:processes:)``.
    package func require(_ stages: [StageName]) throws {
        try doOnFirstRank { try recipe.require(stages, processes: communicator.size) }
    }
}
