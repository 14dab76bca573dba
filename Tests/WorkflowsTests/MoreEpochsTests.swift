import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// A finished training that goes on for more epochs, members or patience.
@Suite struct MoreEpochsTests {
    private static let plateaus = "schedule = \"reduce-on-plateau\"\nplateau_patience = 1\n"

    private func recipe(_ epochs: Int, _ options: String = "") throws -> Recipe {
        try StageRun.recipe(["epochs = 5": "epochs = \(epochs)\n\(options)"])
    }

    private func trained(_ recipes: Recipe...) throws -> StageRun {
        let run = StageRun()
        _ = try Stages.generate(run.context(recipes[0]))
        for recipe in recipes { #expect(try Stages.train(run.context(recipe)).ran) }
        #expect(try !Stages.train(run.context(recipes.last!)).ran)
        return run
    }

    /// All that says what was trained: the first dataset says which recipe made it.
    private func expectSame(_ run: StageRun, _ other: StageRun) throws {
        let (model, whole) = (try ModelFile.read(run.directory.model), try ModelFile.read(other.directory.model))
        #expect(model.members.map(\.parameters) == whole.members.map(\.parameters))
        #expect(model.epoch == whole.epoch && model.validationError == whole.validationError)
        #expect(model.calibration == whole.calibration && model.recipe == whole.recipe && model.schedules == whole.schedules)
        #expect(try run.bytes(run.directory.trainingCurve) == other.bytes(other.directory.trainingCurve))
        let (state, last) = (
            try Safetensors(contentsOf: run.directory.trainingCheckpoint),
            try Safetensors(contentsOf: other.directory.trainingCheckpoint)
        )
        #expect(state.tensors == last.tensors)
    }

    /// Where no learning rate depends on the number of epochs, the bits are those of one training.
    @Test(arguments: [
        plateaus, plateaus + "committee = 2\n", plateaus + "average_decay = 0.0\nbatch = \"configurations\"\n",
    ])
    func sameBitsAsInOnePiece(_ options: String) throws {
        try expectSame(trained(recipe(3, options), recipe(5, options), recipe(9, options)), trained(recipe(9, options)))
    }

    @Test func leastSquaresGoOnWithTheSameBits() throws {
        func recipe(_ epochs: Int) throws -> Recipe {
            try StageRun.recipe([
                StageRun.network: StageRun.learnedEnds,
                "epochs = 5\nbatch_size = 100\nwarmup_steps = 2": "epochs = \(epochs)\nearly_stopping_patience = 0",
            ])
        }
        try expectSame(trained(recipe(1), recipe(3)), trained(recipe(3)))
    }

    @Test func finishAndMembersAreAdded() throws {
        let (few, more) = (Self.plateaus + "finish_epochs = 1\n", Self.plateaus + "finish_epochs = 3\ncommittee = 2\n")
        try expectSame(trained(recipe(4, Self.plateaus), recipe(4, few), recipe(4, more)), trained(recipe(4, more)))
        // The descent is over when its finish has begun.
        let run = try trained(recipe(4, few))
        let error = #expect(throws: StageError.self) { try Stages.train(run.context(recipe(5, few))) }
        #expect(error?.description.contains("finish_epochs") == true)
        #expect(try !Stages.train(run.context(recipe(4, few))).ran)
    }

    /// The cosine of the new number of epochs takes over from the present epoch on, and the files say so.
    @Test func cosineIsToldInTheModel() throws {
        let (run, whole) = (try trained(recipe(4), recipe(8)), try trained(recipe(8)))
        func rates(_ run: StageRun) throws -> [String] {
            try String(contentsOfFile: run.directory.trainingCurve, encoding: .utf8).split(separator: "\n").dropFirst()
                .map { String($0.split(separator: ",")[2]) }
        }
        let (continued, inOnePiece) = (try rates(run), try rates(whole))
        #expect(continued.count == 8 && continued[4...] == inOnePiece[4...] && continued[3] != inOnePiece[3])
        let model = try ModelFile.read(run.directory.model)
        #expect(model.schedules == "cosine to epoch 4 with training.epochs = 4; then with training.epochs = 8")
        #expect(try ModelFile.read(whole.directory.model).schedules == nil)
        // The best weights are those of the lowest error of all epochs.
        let errors = try String(contentsOfFile: run.directory.trainingCurve, encoding: .utf8).split(separator: "\n").dropFirst()
            .map { Double($0.split(separator: ",")[4])! }
        #expect(errors.min() == model.validationError && errors[model.epoch - 1] == model.validationError)
    }

    @Test(arguments: [0, 4, 11]) func interruptedExtensionEndsWithTheSameBits(_ looks: Int) throws {
        let options = Self.plateaus + "committee = 2\n"
        let run = try trained(recipe(3, options))
        let model = try run.bytes(run.directory.model)
        // Neither is the finished model touched on the way, nor is the state discarded.
        #expect(throws: WorkflowInterrupted.self) {
            try Stages.train(run.context(recipe(7, options), resume: .fresh, interruption: .after(looks: looks)))
        }
        #expect(try run.bytes(run.directory.model) == model)
        #expect(try run.runInPieces(Stages.train, recipe(7, options), looks: looks + 1, threads: 2) > 0)
        try expectSame(run, trained(recipe(7, options)))
    }

    /// With `sparsity` the file has the couplings that are left alone, and their places, which are checked when it is read.
    @Test(arguments: [2, 9]) func removedCouplingsAreNotInTheFile(_ looks: Int) throws {
        let options = "sparsity = 0.9\nsparsity_epoch = 2\n"
        let whole = try trained(recipe(5, options))
        let dense = try trained(recipe(5))
        let model = try ModelFile.read(whole.directory.model)
        let couplings = model.model.removable.joined()
        #expect(couplings.count { model.parameters[$0] != 0 } == couplings.count - Int((0.9 * Double(couplings.count)).rounded()))
        #expect(try whole.bytes(whole.directory.model).count < dense.bytes(dense.directory.model).count)
        #expect(model.epoch >= 2)
        let run = StageRun()
        _ = try Stages.generate(run.context(recipe(5, options)))
        #expect(try run.runInPieces(Stages.train, recipe(5, options), looks: looks, threads: 2) > 0)
        try expectSame(run, whole)
        let file = try Safetensors(contentsOf: whole.directory.model)
        let places = try #require(file.tensors.first { $0.name.hasSuffix(".places") })
        for wrong in [Int64(-1), 1 << 40] {
            let other = Safetensors.Tensor(
                name: places.name, shape: places.shape,
                values: .int64(places.shape[0] == 0 ? [] : .init(repeating: wrong, count: places.shape[0])))
            let path = temporaryFile("model.safetensors", "")
            try Safetensors(
                tensors: file.tensors.map { $0.name == places.name ? other : $0 },
                metadata: file.metadata.filter { $0.key != "sha256" }.merging(["version": "2"]) { $1 }
            ).write(to: path)
            #expect(throws: StorageError.self) { try ModelFile.read(path) }
        }
    }

    @Test func refusalsNameTheWay() throws {
        let run = try trained(recipe(5))
        let fewer = #expect(throws: StageError.self) { try Stages.train(run.context(recipe(4))) }
        #expect(fewer?.description.contains("training.epochs: 5 → 4") == true)
        try FileManager.default.removeItem(atPath: run.directory.trainingCheckpoint)
        let error = #expect(throws: StageError.self) { try Stages.train(run.context(recipe(6))) }
        #expect(error?.description.contains("training.checkpoint: is not there") == true)
        #expect(error?.description.contains("--redo train") == true)
        #expect(try !Stages.train(run.context(recipe(5))).ran)
    }

    /// A training that early stopping has ended has nothing to do with more epochs, but with more patience.
    @Test func earlyStoppingEndsItAgain() throws {
        func recipe(_ epochs: Int, _ patience: Int) throws -> Recipe {
            try self.recipe(epochs, Self.plateaus + "learning_rate = 0.5\nearly_stopping_patience = \(patience)\n")
        }
        let run = try trained(recipe(60, 1))
        let epochs = try run.bytes(run.directory.trainingCurve).count { $0 == 10 } - 1
        try #require(epochs < 50)
        #expect(try Stages.train(run.context(recipe(70, 1))).ran)
        #expect(try run.bytes(run.directory.trainingCurve).count { $0 == 10 } - 1 == epochs)
        try expectSame(run, trained(recipe(70, 1)))
        #expect(try Stages.train(run.context(recipe(70, 4))).ran)
        try expectSame(run, trained(recipe(70, 4)))
    }
}
