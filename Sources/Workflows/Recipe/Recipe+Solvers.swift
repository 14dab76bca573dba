import ElectronicStructure
import LatticeNumerics

extension Recipe {
    /// The solvers that a table of the recipe names: their options belong to it.
    func solvers(of section: Section) -> [SolverName] {
        switch section {
        case .generate: return [generate.solver]
        case .simulate:
            guard case .solver(let name) = simulate.forceField else { return [] }
            return [name]
        case .learn:
            guard let learn else { return [] }
            if case .solver(let name) = learn.disagreement { return [learn.solver, name] }
            return [learn.solver]
        case .compare: return compare.twinTrajectories > 0 ? [compare.solver] : []
        default: return []
        }
    }

    /// The solvers that some of the tables name, in the order of ``SolverName/allCases``.
    func solvers(of sections: Set<Section>) -> [SolverName] {
        let named = Set(sections.flatMap { solvers(of: $0) })
        return SolverName.allCases.filter(named.contains)
    }

    /// Every solver that a run of the recipe needs: those that determine its results, and the auditor.
    var usedSolvers: [SolverName] {
        let named = solvers(of: Set(Section.allCases)) + (simulate.auditInterval > 0 ? [simulate.auditSolver] : [])
        return SolverName.allCases.filter(named.contains)
    }

    /// One of the recipe's solvers, with the options of its table.
    ///
    /// - Parameter electrons: whose it is; those of `[model]` if nil.
    func solver(_ name: SolverName, for electrons: AdiabaticModel? = nil, pool: WorkerPool) -> any SolvedElectrons {
        name.solver(electrons ?? model, settings: solvers, pool: pool)
    }

    /// The recipe with every option of the solvers it uses made explicit: those that `accuracy` stands for are found by a probe.
    ///
    /// The probe solves some configurations of a small lattice and takes about a second; what it finds follows from the recipe
    /// alone. Without an open `accuracy` the recipe itself is returned.
    ///
    /// - Throws: what the solvers throw, also if no options reach the accuracy.
    public func resolvingAccuracy(pool: WorkerPool) throws -> Recipe { try resolvingAccuracy(of: usedSolvers, pool: pool) }

    /// The same for the given solvers alone.
    func resolvingAccuracy(of names: [SolverName], pool: WorkerPool) throws -> Recipe {
        let open = names.filter { solvers[$0].isOpen }
        guard !open.isEmpty else { return self }
        let probe = try SolverProbe(self, pool: pool)
        var recipe = self
        for name in open { recipe.solvers[name] = try solvers[name].resolved(by: probe) }
        return recipe
    }

    /// What probes have found for the solvers that the recipe uses; empty if all options were given.
    public var accuracyChoices: [AccuracyChoice] { usedSolvers.compactMap { solvers[$0].choice } }
}
