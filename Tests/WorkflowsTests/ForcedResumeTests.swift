import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Testing

/// Unfinished work of another recipe: what may differ, and what `--force-resume` lets differ.
@Suite struct ForcedResumeTests {
    private func interrupted(_ stage: (StageContext) throws -> StageSummary, _ run: StageRun, _ recipe: Recipe? = nil) {
        #expect(throws: WorkflowInterrupted.self) { try stage(run.context(recipe, interruption: .after(looks: 9))) }
    }

    private func manifest(_ run: StageRun) throws -> String {
        String(decoding: try run.bytes(run.directory.manifest), as: UTF8.self)
    }

    /// The keys that decide nothing about the results need no force, neither while the work goes on nor when it is finished.
    @Test func conductMayChange() throws {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        interrupted(Stages.train, run)
        let other = try StageRun.recipe([
            "epochs = 5": "epochs = 5\ncheckpoint_interval = 3",
            "checkpoint_interval = 5": "checkpoint_interval = 7\ncheckpoint_minutes = 1\nmaximum_displacement = 99",
        ])
        #expect(try Stages.train(run.context(other)).ran)
        interrupted(Stages.simulate, run)
        #expect(try Stages.simulate(run.context(other)).ran)
        #expect(try !Stages.simulate(run.context()).ran)
        #expect(try !manifest(run).contains("forced_resumes"))
    }

    @Test func forceIsToldInTheManifest() throws {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        interrupted(Stages.train, run)
        let other = try StageRun.recipe(["warmup_steps = 2": "warmup_steps = 3"])
        let error = #expect(throws: StageError.self) { try Stages.train(run.context(other)) }
        #expect(error?.description.contains("training.warmup_steps: 2 → 3") == true)
        #expect(error?.description.contains("--force-resume") == true)
        #expect(try !manifest(run).contains("forced_resumes"))

        #expect(throws: WorkflowInterrupted.self) {
            try Stages.train(run.context(other, interruption: .after(looks: 0), forcesResume: true))
        }
        #expect(run.progress.warnings.contains { $0.contains("warmup_steps") })
        let told = try manifest(run)
        #expect(told.contains("forced_resumes") && told.contains("training.warmup_steps: 2 → 3"))
        // What was forced once goes on without force, and ends as work of the recipe that it went on with.
        #expect(try Stages.train(run.context(other)).ran)
        #expect(try !Stages.train(run.context(other)).ran)
        #expect(try manifest(run).contains("forced_resumes"))
        #expect(throws: StageError.self) { try Stages.train(run.context()) }
    }

    @Test func finishedWorkAndInputsAreNeverForced() throws {
        let run = StageRun()
        _ = try Stages.generate(run.context())
        let other = try StageRun.recipe(["steps = 9": "steps = 10"])
        for stage in [Stages.generate, Stages.train] {
            let error = #expect(throws: StageError.self) { try stage(run.context(other, forcesResume: true)) }
            #expect(error?.description.contains("generate.steps: 9 → 10") == true)
            #expect(error?.description.contains("--force-resume") == false)
        }
    }

    @Test func generationIsForcedToo() throws {
        let run = StageRun()
        #expect(throws: WorkflowInterrupted.self) { try Stages.generate(run.context(interruption: .after(looks: 24))) }
        let other = try StageRun.recipe(["coupling = 3.5": "coupling = 3.4"])
        #expect(throws: StageError.self) { try Stages.generate(run.context(other)) }
        #expect(try Stages.generate(run.context(other, forcesResume: true)).ran)
        #expect(try manifest(run).contains("model.coupling: 3.5 → 3.4"))
        // Each trajectory keeps the coupling it was made with, and one network cannot be right for both.
        let dataset = try DatasetFile.read(run.directory.dataset, supercell: other.supercell)
        #expect(Set(dataset.trajectories.map { $0.electrons["coupling"] }) == [3.5, 3.4])
        let error = #expect(throws: StageError.self) { try Stages.train(run.context(other)) }
        #expect(error?.description.contains("coupling = ") == true && error?.description.contains("several recipes") == true)
    }

    /// A network that is told the coupling learns from all trajectories, each with its own.
    @Test func conditionedNetworksTrainOnForcedData() throws {
        func recipe(_ changes: KeyValuePairs<String, String> = [:]) throws -> Recipe {
            var text = StageRun.recipeText.replacing(StageRun.network, with: StageRun.learnedEnds)
                .replacing("epochs = 5\nbatch_size = 100\nwarmup_steps = 2", with: "epochs = 2")
            for (old, new) in changes { text = text.replacing(old, with: new) }
            return try Recipe(text, file: suppliedRecipe("small"))
        }
        let (colder, hopping) = (
            try recipe(["coupling = 3.5": "coupling = 3.0"]), try recipe(["[model]": "[model]\nhopping = 0.9"])
        )
        for (other, trains) in [(colder, true), (hopping, false)] {
            let run = StageRun()
            #expect(throws: WorkflowInterrupted.self) {
                try Stages.generate(run.context(recipe(), interruption: .after(looks: 24)))
            }
            #expect(try Stages.generate(run.context(other, forcesResume: true)).ran)
            if trains {
                #expect(try Stages.train(run.context(other)).ran)
                #expect(try Stages.compare(run.context(other)).ran)
            } else {
                let error = #expect(throws: StageError.self) { try Stages.train(run.context(other)) }
                #expect(error?.description.contains("hopping") == true)
            }
        }
    }

    /// Work that has made nothing yet is begun with the other recipe, and force is not told.
    @Test func whatWasNotBegunIsNotForced() throws {
        let run = StageRun()
        #expect(throws: WorkflowInterrupted.self) { try Stages.generate(run.context(interruption: .after(looks: 0))) }
        let other = try StageRun.recipe(["coupling = 3.5": "coupling = 3.4", "size = [6, 6]": "size = [4, 6]"])
        #expect(try Stages.generate(run.context(other, forcesResume: true)).ran)
        #expect(try !manifest(run).contains("forced_resumes"))
    }

    /// No frame is judged by electrons that did not move it.
    @Test func changedElectronsAreNotAudited() throws {
        let run = StageRun()
        let force = "size = [6, 4]\nforce_field = \"exact-diagonalization\""
        let recipe = try StageRun.recipe(["size = [6, 4]": "\(force)"])
        let other = try StageRun.recipe(["size = [6, 4]": "\(force)", "coupling = 3.5": "coupling = 3.0"])
        interrupted(Stages.simulate, run, recipe)
        #expect(try Stages.simulate(run.context(other, forcesResume: true)).ran)
        let request = AuditRequest(.solver(.exactDiagonalization), trajectory: run.directory.trajectory)
        let error = #expect(throws: AuditError.self) { try Stages.audit(run.context(other), request) }
        #expect(error?.description.contains("up to step") == true && error?.description.contains("coupling") == true)
    }

    /// [10, 6] has as many sites as [6, 10].
    @Test func sizesAreNeverForced() throws {
        func recipe(_ size: String) throws -> Recipe {
            try StageRun.recipe([
                "size = [6, 6]": "size = \(size)",
                "size = [6, 4]": "size = \(size)\nforce_field = \"exact-diagonalization\"",
            ])
        }
        let stages: [(StageContext) throws -> StageSummary] = [Stages.generate, Stages.simulate]
        for stage in stages {
            let run = StageRun()
            interrupted(stage, run, try recipe("[10, 6]"))
            for size in ["[6, 10]", "[4, 4]"] {
                let error = #expect(throws: StageError.self) { try stage(run.context(recipe(size), forcesResume: true)) }
                #expect(error?.description.contains("size: [10, 6] → \(size): existing work lives on the former sites") == true)
            }
            #expect(try stage(run.context(recipe("[10, 6]"))).ran)
        }
    }

    /// The trajectory up to the change is that of a run which nobody has disturbed, and what comes after it goes on from there.
    @Test func trajectoriesKeepTheirBeginning() throws {
        let force = "size = [6, 4]\nforce_field = \"exact-diagonalization\""
        let recipe = try StageRun.recipe(["size = [6, 4]": "\(force)", "frame_interval = 6": "frame_interval = 1"])
        let other = try StageRun.recipe([
            "size = [6, 4]": "\(force)\naudit_interval = 3", "frame_interval = 6": "frame_interval = 2",
            "time_step = 0.1": "time_step = 0.025", "steps = 20": "steps = 24",
        ])
        let (run, whole) = (StageRun(), StageRun())
        _ = try Stages.simulate(whole.context(recipe))
        interrupted(Stages.simulate, run, recipe)
        #expect(try Stages.simulate(run.context(other, forcesResume: true)).ran)
        let lattice = recipe.lattice.geometry
        let (file, reference) = (
            try TrajectoryFile.open(run.directory.trajectory, lattice: lattice),
            try TrajectoryFile.open(whole.directory.trajectory, lattice: lattice)
        )
        let piece = try #require(file.pastPieces.first)
        #expect(file.pastPieces.count == 1 && piece.recipe == recipe.resolvedTOML && file.recipe == other.resolvedTOML)
        #expect((2...18).contains(piece.lastStep))
        #expect(try manifest(run).contains("\"step\" : \(piece.lastStep)"))
        for index in 0...piece.lastStep {
            #expect(file.frameSteps[index] == index && file.frameTimes[index] == reference.frameTimes[index])
            #expect(try file.displacement(frame: index) == reference.displacement(frame: index))
        }
        let after = file.frameSteps[(piece.lastStep + 1)...]
        #expect(after.allSatisfy { $0 % 2 == 0 } && after.last == 24)
        #expect(abs(file.frameTimes.last! - (Double(piece.lastStep) * 0.1 + Double(24 - piece.lastStep) * 0.025)) < 1e-12)
        let audits = try AuditTable.read(run.directory.auditTable)
        #expect(audits.allSatisfy { $0.time <= file.frameTimes.last! })
        // The electrons are the same throughout, so that it can be audited.
        var request = AuditRequest(.solver(.exactDiagonalization), trajectory: run.directory.trajectory)
        request.solver = .exactDiagonalization
        #expect(try Stages.audit(run.context(other), request).ran)
        // It can be gone on with for more steps as any other.
        let more = try Recipe(other.resolvedTOML.replacing("steps = 24", with: "steps = 30"), file: suppliedRecipe("small"))
        #expect(try Stages.simulate(run.context(more)).ran)
        let longer = try TrajectoryFile.open(run.directory.trajectory, lattice: lattice)
        #expect(longer.pastPieces == file.pastPieces && longer.frameSteps.starts(with: file.frameSteps))
        #expect(longer.frameSteps.last == 30 && longer.frameTimes.starts(with: file.frameTimes))
    }
}
