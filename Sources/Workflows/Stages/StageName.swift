/// The stages by the names of their commands.
public enum StageName: String, Codable, Sendable, CaseIterable {
    case generate, train, learn, simulate, coarsen, compare, analyze, audit, report

    /// The stages of a run, in their order: a recipe with the table `[learn]` learns actively in place of training once, and one
    /// with `[coarsening]` runs an ensemble of quenches in place of one.
    public static func all(of recipe: Recipe) -> [StageName] {
        [.generate, recipe.learn == nil ? .train : .learn]
            + (recipe.coarsening == nil ? [.simulate, .compare, .analyze] : [.coarsen, .compare]) + [.report]
    }

    /// The file that is there when the stage is complete.
    public func output(in directory: RunDirectory) -> String {
        switch self {
        case .generate: directory.dataset
        case .train, .learn: directory.model
        case .simulate: directory.trajectory
        case .coarsen: directory.coarsening
        case .compare: directory.comparison
        case .analyze: directory.analysis
        case .audit: directory.audit
        case .report: directory.report
        }
    }

    /// Runs the stage, which is one of a run: what is to be audited an ``AuditRequest`` says.
    ///
    /// - Throws: what it throws.
    public func run(_ context: StageContext) throws -> StageSummary {
        switch self {
        case .generate: try Stages.generate(context)
        case .train: try Stages.train(context)
        case .learn: try Stages.learn(context)
        case .simulate: try Stages.simulate(context)
        case .coarsen: try Stages.coarsen(context)
        case .compare: try Stages.compare(context)
        case .analyze: try Stages.analyze(context)
        case .audit: preconditionFailure("audits are asked for by an AuditRequest")
        case .report: try Stages.report(context)
        }
    }
}
