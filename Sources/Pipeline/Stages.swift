import Experiments
import Recipes
import Reports
import Runs

extension Stages {
    /// Runs every stage that is not yet complete, see ``StageName/all(of:)``, if the requirements of all of them are met.
    ///
    /// ``ResumePolicy/required`` asks for a run that was begun; which of its stages go on and which begin is then no matter.
    ///
    /// - Throws: what the stages throw: ``StageError``, ``WorkflowInterrupted``, `StorageError`, and errors of the numerics.
    public static func run(_ context: StageContext) throws -> [StageSummary] { try run(context, redo: nil) }

    /// The same after a stage and all that follows it have been discarded, see ``discarded(by:through:_:)``; nothing is if `redo` is nil.
    public static func run(_ context: StageContext, redo: StageName?) throws -> [StageSummary] {
        let stages = StageName.all(of: context.recipe)
        try context.require(stages)
        let directory = context.directory
        if context.resume == .required, ![directory.datasetParts, directory.dataset].contains(where: directory.exists) {
            throw StageError.nothingToResume(stage: "run", directory: directory.path)
        }
        let context = try (context.resume == .required ? context.resuming(.automatic) : context).resolved()
        if let redo { try discard(redo, through: .report, context) }
        return try stages.map { try $0.run(context) }
    }
}

extension StageName {
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
