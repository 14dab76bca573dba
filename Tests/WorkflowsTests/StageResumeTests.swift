import Experiments
import Foundation
import Pipeline
import Reports
import Runs
import Testing

/// `--resume`, `--no-resume`, finished work and changed recipes.
@Suite struct StageResumeTests {
    private typealias Stage = (StageContext) throws -> StageSummary
    private let stages: [(name: String, run: Stage)] = [
        ("generate", Stages.generate), ("training", Stages.train), ("simulation", Stages.simulate),
    ]

    @Test func requiredNeedsUnfinishedWork() throws {
        let (run, whole) = (StageRun(), StageRun())
        for (name, stage) in stages {
            _ = try stage(whole.context())
            let error = #expect(throws: StageError.self) { try stage(run.context(resume: .required)) }
            #expect(error?.description.contains("no unfinished \(name) to resume") == true)
            #expect(throws: WorkflowInterrupted.self) { try stage(run.context(interruption: .after(looks: 10))) }
            #expect(try stage(run.context(resume: .required)).ran)
            // What is finished is no error.
            #expect(try !stage(run.context(resume: .required)).ran)
        }
        try run.expectSameFiles(as: whole)
    }

    @Test func freshBeginsAgainAndKeepsFinishedFiles() throws {
        let (run, whole) = (StageRun(), StageRun())
        for (_, stage) in stages {
            _ = try stage(whole.context())
            #expect(throws: WorkflowInterrupted.self) { try stage(run.context(interruption: .after(looks: 13))) }
            #expect(try stage(run.context(resume: .fresh)).ran)
            #expect(try !stage(run.context(resume: .fresh)).ran)
        }
        try run.expectSameFiles(as: whole)
    }

    /// A state that is restored although it was discarded would leave the first frames unwritten.
    @Test func freshSimulationBeginsAtStepZero() throws {
        let run = try learned()
        #expect(throws: WorkflowInterrupted.self) { try Stages.simulate(run.context(interruption: .after(looks: 13))) }
        #expect(throws: WorkflowInterrupted.self) {
            try Stages.simulate(run.context(resume: .fresh, interruption: .after(looks: 3)))
        }
        let lattice = try StageRun.recipe().lattice.geometry
        let file = try TrajectoryFile.open(run.directory.trajectory, lattice: lattice)
        #expect(file.frameCount == 1 && file.sampleCount == 2)
        #expect(try file.displacement(frame: 0).values.contains { $0 != 0 })
    }

    @Test func freshDiscardsUnfinishedWorkOfAnotherRecipe() throws {
        let (run, whole) = (StageRun(), StageRun())
        let others = try [
            StageRun.recipe(["steps = 9": "steps = 12"]), StageRun.recipe(["epochs = 5": "epochs = 6"]),
            StageRun.recipe(["steps = 20": "steps = 30"]),
        ]
        for ((_, stage), other) in zip(stages, others) {
            _ = try stage(whole.context())
            #expect(throws: WorkflowInterrupted.self) { try stage(run.context(other, interruption: .after(looks: 13))) }
            #expect(throws: StageError.self) { try stage(run.context()) }
            #expect(try stage(run.context(resume: .fresh)).ran)
        }
        try run.expectSameFiles(as: whole)
    }

    @Test(arguments: [
        (0, "steps = 9", "steps = 10", "generate.steps: 9 → 10"),
        (0, "seed = 7", "seed = 8", "seed: 7 → 8"),
        (0, "coupling = 3.5", "coupling = 1.5", "model.coupling: 3.5 → 1.5"),
        (1, "epochs = 5", "epochs = 4", "training.epochs: 5 → 4"),
        (1, "widths = [3]", "widths = [2]", "network.widths: [3] → [2]"),
        (2, "steps = 20", "steps = 16", "more than simulate.steps = 16"),
        (2, "frame_interval = 6", "frame_interval = 5", "simulate.frame_interval: 6 → 5"),
    ])
    func changedRecipesAreRefused(_ index: Int, _ old: String, _ new: String, _ difference: String) throws {
        let run = StageRun()
        for (_, stage) in stages[..<index] { _ = try stage(run.context()) }
        let stage = stages[index].run
        let changed = try StageRun.recipe([old: new])
        func expectRefusal() throws {
            let before = try run.names()
            let error = #expect(throws: StageError.self) { try stage(run.context(changed)) }
            #expect(error?.description.contains(difference) == true, "\(error?.description ?? "")")
            #expect(try run.names() == before)
        }
        #expect(throws: WorkflowInterrupted.self) { try stage(run.context(interruption: .after(looks: 9))) }
        try expectRefusal()
        _ = try stage(run.context())
        try expectRefusal()
        // Not even on request: the file is finished.
        #expect(throws: StageError.self) { try stage(run.context(changed, resume: .fresh)) }
    }

    @Test func dataOfAnotherRecipeAreNotTrainedOn() throws {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        let error = #expect(throws: StageError.self) {
            try Stages.train(run.context(StageRun.recipe(["snapshot_interval = 3": "snapshot_interval = 4"])))
        }
        #expect(error?.description.contains("generate.snapshot_interval: 3 → 4") == true)
    }

    @Test func modelOfOtherElectronsIsRefused() throws {
        let run = try learned()
        let other = try StageRun.recipe(["coupling = 3.5": "coupling = 3"])
        let changed = #expect(throws: StageError.self) { try Stages.simulate(run.context(other)) }
        #expect(changed?.description.contains("model.coupling: 3.5 → 3.0") == true)
        #expect(!run.directory.exists(run.directory.trajectory))
        // A model from elsewhere must know the electrons, too.
        let elsewhere = try StageRun(modelOf: run)
        let error = #expect(throws: ForceEvaluationError.self) { try Stages.simulate(elsewhere.context(other)) }
        #expect(error?.description.contains("coupling = 3.5, the recipe's coupling = 3.0") == true)
        #expect(!elsewhere.directory.exists(elsewhere.directory.trajectory))
    }

    @Test func modelChangedUnderASimulationIsRefused() throws {
        let run = try learned()
        #expect(throws: WorkflowInterrupted.self) { try Stages.simulate(run.context(interruption: .after(looks: 9))) }
        let other = StageRun()
        let recipe = try StageRun.recipe(["epochs = 5": "epochs = 4"])
        _ = try Stages.generate(other.context(recipe))
        _ = try Stages.train(other.context(recipe))
        try run.put(other.bytes(other.directory.model), run.directory.model)
        for _ in 0..<2 {
            let error = #expect(throws: StageError.self) { try Stages.simulate(run.context()) }
            #expect(error?.description.contains("was made with another") == true)
        }
        _ = try Stages.simulate(run.context(resume: .fresh))
        #expect(throws: Never.self) { try Stages.simulate(run.context()) }
    }

    @Test func trainingOnOtherDataIsRefused() throws {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        #expect(throws: WorkflowInterrupted.self) { try Stages.train(run.context(interruption: .after(looks: 9))) }
        // The same numbers in a file with another title.
        let other = StageRun()
        _ = try Stages.generate(other.context(StageRun.recipe(["\"Small\"": "\"Other\""])))
        try run.put(other.bytes(other.directory.dataset), run.directory.dataset)
        let error = #expect(throws: StageError.self) { try Stages.train(run.context()) }
        #expect(error?.description.contains("another dataset") == true)
        #expect(try Stages.train(run.context(resume: .fresh)).ran)
    }

    @Test func repeatedRunIsComplete() throws {
        let run = StageRun()
        #expect(throws: StageError.self) { try Stages.run(run.context(resume: .required)) }
        for (_, stage) in stages + [("comparison", Stages.compare)] {
            let first = try stage(run.context())
            let second = try stage(run.context())
            #expect(first.ran && !second.ran)
            #expect(first.outputs == second.outputs)
            #expect(zip(first.facts, second.facts).allSatisfy { $0.value == $1.value })
        }
    }

    /// `run --resume` after a stop between two stages goes on with the stage that has not begun.
    @Test func requiredRunGoesOnBetweenStages() throws {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        #expect(throws: WorkflowInterrupted.self) {
            try Stages.run(run.context(resume: .required, interruption: .after(looks: 5)))
        }
        #expect(run.directory.exists(run.directory.trainingCheckpoint))
    }

    /// A kill between the last file of a stage and what comes after it.
    @Test func leftoversOfFinishedStagesAreCleared() throws {
        let (run, whole) = (StageRun(), StageRun())
        for (_, stage) in stages {
            _ = try stage(whole.context())
            _ = try stage(run.context())
        }
        try FileManager.default.createDirectory(atPath: run.directory.datasetParts, withIntermediateDirectories: true)
        try FileManager.default.removeItem(atPath: run.directory.manifest)
        for (_, stage) in stages { #expect(try !stage(run.context()).ran) }
        try run.expectSameFiles(as: whole)
        let manifest = try FileInspection(contentsOf: run.directory.manifest)
        let digest = try FileInspection(contentsOf: run.directory.model).sha256
        #expect(manifest.kind == "manifest")
        #expect(manifest.attributes["stages.train.outputs.model.safetensors"] == digest)
    }

    @Test func missingInputsNameTheirStage() throws {
        let run = StageRun()
        func expect(_ stage: Stage, needs name: String) throws {
            let error = #expect(throws: StageError.self) { try stage(run.context()) }
            #expect(error?.description.contains("`adiabat \(name)` makes it") == true)
        }
        try expect(Stages.train, needs: "generate")
        try expect(Stages.simulate, needs: "train")
        try expect(Stages.compare, needs: "train")
        try expect(Stages.analyze, needs: "simulate")
        #expect(!run.directory.exists(run.directory.path))
        _ = try Stages.generate(run.context())
        _ = try Stages.train(run.context())
        try FileManager.default.removeItem(atPath: run.directory.dataset)
        try expect(Stages.compare, needs: "generate")
    }

    /// A run with its data and its model.
    private func learned() throws -> StageRun {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        _ = try Stages.train(run.context())
        return run
    }
}
