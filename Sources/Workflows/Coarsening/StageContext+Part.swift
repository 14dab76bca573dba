extension StageContext {
    /// The context of a run that is a part of this one, in a directory of its own.
    ///
    /// To go on with the whole is to go on with the parts that have begun, and to begin the others.
    func part(_ recipe: Recipe, in directory: RunDirectory, progress: any ProgressReporter) -> StageContext {
        var context = StageContext(
            recipe: recipe, directory: directory, threads: pool.threads, resume: resume == .required ? .automatic : resume,
            progress: progress, interruption: interruption, communicator: communicator, grid: grid, forcesResume: forcesResume,
            arguments: arguments)
        context.quenchOf = .coarsen
        return context
    }
}
