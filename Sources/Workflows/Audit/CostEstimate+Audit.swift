extension CostEstimate.Stage {
    /// A sampled site takes about three patches of so many sites.
    private static let patches = (count: 3, sites: 300)

    /// The stage with the audits of a simulation added to it.
    ///
    /// - Throws: what timing the auditor throws.
    func withAudits(of recipe: Recipe, threads: Int) throws -> CostEstimate.Stage {
        let settings = recipe.simulate
        guard stage == "simulate", settings.auditInterval > 0 else { return self }
        let supercell = recipe.supercell(settings.size)
        let timing = try SolverTiming(settings.auditSolver, recipe)
        let audits = settings.steps / settings.auditInterval
        let added: (work: String, seconds: Double, bytes: Double)
        switch try ForceAudit.extent(recipe.model, supercell, settings.auditSolver, settings.auditSites) {
        case .whole:
            let sites = supercell.siteCount
            added = (
                "all sites", timing.seconds(count: audits, sequences: 1, sites: sites, threads: threads),
                timing.bytes(sequences: 1, sites: sites, threads: threads)
            )
        case .sampled(let count):
            let solutions = audits * count * Self.patches.count
            added = (
                "\(count) sites",
                timing.seconds(count: solutions, sequences: audits * count, sites: Self.patches.sites, threads: threads),
                timing.bytes(sequences: count, sites: Self.patches.sites, threads: threads)
            )
        }
        return CostEstimate.Stage(
            stage: stage, work: work + ", \(audits) audits of \(added.work) by \(settings.auditSolver.words)",
            seconds: seconds + added.seconds, bytes: bytes + added.bytes)
    }
}
