import Communication
import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Testing

/// Data and training shared by several ranks: the files of one process.
@Suite struct StageRanksTests {
    private let alone: StageRun

    init() throws {
        alone = StageRun()
        _ = try Stages.generate(alone.context())
        _ = try Stages.train(alone.context())
    }

    @Test(arguments: [2, 3, 5]) func ranksMakeTheFilesOfOneProcess(_ ranks: Int) throws {
        let run = StageRun()
        let summaries = try Self.run(Stages.generate, in: run, ranks: ranks) + Self.run(Stages.train, in: run, ranks: ranks)
        #expect(summaries.allSatisfy { $0.ran })
        for file in [\RunDirectory.dataset, \.model, \.trainingCurve] { try expectSame(run, file) }
        // What is complete is not repeated, on any number of ranks.
        #expect(try Self.run(Stages.train, in: run, ranks: ranks + 1).allSatisfy { !$0.ran })
    }

    /// Interrupted on all ranks again and again, and gone on with by another number of them.
    @Test func anInterruptedRunGoesOnWithAnotherNumberOfRanks() throws {
        let run = StageRun()
        for stage in [Stages.generate, Stages.train] {
            for ranks in [3, 1, 2] {
                #expect(throws: WorkflowInterrupted.self) { try Self.run(stage, in: run, ranks: ranks, looks: 3) }
            }
            #expect(try Self.run(stage, in: run, ranks: 4).allSatisfy { $0.ran })
        }
        for file in [\RunDirectory.dataset, \.model, \.trainingCurve] { try expectSame(run, file) }
    }

    /// One rank alone is asked to stop: all of them do.
    @Test func aSignalToOneRankStopsAll() throws {
        let run = StageRun()
        let stopped = try ThreadCommunicator.run(ranks: 3) { [recipe = try StageRun.recipe(), directory = run.directory] ranks in
            let context = StageContext(
                recipe: recipe, directory: directory, threads: 1,
                interruption: ranks.rank == 1 ? .after(looks: 1) : Interruption(), communicator: ranks)
            do { return try Stages.generate(context).ran } catch is WorkflowInterrupted { return false }
        }
        #expect(stopped == [false, false, false])
        #expect(!run.directory.exists(run.directory.dataset))
    }

    @Test func aMissingInputIsAnErrorOnAllRanks() throws {
        let run = StageRun()
        let errors = try ThreadCommunicator.run(ranks: 2) { [recipe = try StageRun.recipe(), directory = run.directory] ranks in
            let context = StageContext(recipe: recipe, directory: directory, threads: 1, communicator: ranks)
            do { return try Stages.train(context).stage } catch { return "\(error)" }
        }
        #expect(errors.allSatisfy { $0.contains("`adiabat generate` makes it") })
    }

    /// The first rank removes, and all make it again, by as many as there are after a stop; what is refused is refused on all.
    @Test func aStageIsDoneAgainOnAllRanks() throws {
        let run = try StageRun(copying: alone)
        let redo: @Sendable (StageContext) throws -> StageSummary = { try Stages.redo(.train, $0) }
        let other = try StageRun.recipe(["coupling = 3.5": "coupling = 3"])
        let errors = try ThreadCommunicator.run(ranks: 2) { [directory = run.directory] ranks in
            let context = StageContext(recipe: other, directory: directory, threads: 1, communicator: ranks)
            do { return try redo(context).stage } catch { return "\(error)" }
        }
        #expect(errors.allSatisfy { $0.contains("--redo generate") })
        try run.expectSameFiles(as: alone)

        let changed = try StageRun.recipe(["warmup_steps = 2": "warmup_steps = 3"])
        _ = try Stages.redo(.train, alone.context(changed))
        #expect(throws: WorkflowInterrupted.self) { try Self.run(redo, in: run, ranks: 3, looks: 5, changed) }
        #expect(!run.directory.exists(run.directory.model) && run.directory.exists(run.directory.trainingCheckpoint))
        #expect(try Self.run(redo, in: run, ranks: 2, changed).allSatisfy { $0.ran })
        for file in [\RunDirectory.dataset, \.model, \.trainingCurve] { try expectSame(run, file) }
    }

    private func expectSame(_ run: StageRun, _ file: KeyPath<RunDirectory, String>) throws {
        let (path, expected) = (run.directory[keyPath: file], alone.directory[keyPath: file])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(contentsOf: URL(fileURLWithPath: expected)), "\(path)")
    }

    /// A stage on every rank, each of which is interrupted when it has looked so often.
    private static func run(
        _ stage: @escaping @Sendable (StageContext) throws -> StageSummary, in run: StageRun, ranks: Int, looks: Int? = nil,
        _ recipe: Recipe? = nil
    ) throws -> [StageSummary] {
        let recipe = try recipe ?? StageRun.recipe()
        return try ThreadCommunicator.run(ranks: ranks) { [directory = run.directory] communicator in
            try stage(
                StageContext(
                    recipe: recipe, directory: directory, threads: 1,
                    interruption: looks.map { .after(looks: $0) } ?? Interruption(), communicator: communicator))
        }
    }
}
