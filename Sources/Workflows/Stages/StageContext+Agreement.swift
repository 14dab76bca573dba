import Communication

extension StageContext {
    /// The same for the first rank alone.
    var alone: StageContext {
        var context = self
        context.communicator = SingleProcess()
        return context
    }

    /// Resolves the recipe, runs a stage that is not spread over ranks and enters it in the manifest, all on the first rank, while
    /// the others wait.
    ///
    /// - Parameter stage: gets a context without other ranks and with the resolved recipe.
    func recordedOnFirstRank(_ stage: (StageContext) throws -> StageSummary) throws -> StageSummary {
        try onFirstRank {
            let context = try alone.resolved()
            return try context.recorded { try stage(context) }
        }
    }

    /// Does on every rank what is that rank's part, and goes on when all have done theirs. What fails or is interrupted on one
    /// rank fails or is interrupted on all, so that none waits for the others.
    ///
    /// - Throws: what `body` throws on this rank; `OtherRankFailed` or ``WorkflowInterrupted`` if it was another.
    func onEveryRank<Value>(_ body: () throws -> Value) throws -> Value {
        let value = try communicator.together { () -> Value? in
            do { return try body() } catch is WorkflowInterrupted { return nil }
        }
        if communicator.any(value == nil) { throw WorkflowInterrupted(interruption.reason) }
        return value!
    }
}
