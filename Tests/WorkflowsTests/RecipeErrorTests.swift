import Experiments
import Foundation
import LearnedForces
import Recipes
import Testing

/// What a wrong recipe is refused with.
private func refusal(_ text: String) throws -> RecipeError {
    let error = #expect(throws: RecipeError.self) { try Recipe(text, file: "my.toml").runnable() }
    return try #require(error)
}

@Suite struct RecipeErrorTests {
    @Test func syntaxErrorsCarryLineAndColumn() throws {
        let error = try refusal("title = \"a\"\n[lattice\n")
        #expect(error.line == 2)
        #expect(error.column != nil)
        #expect(error.description.hasPrefix("my.toml:2:"))
    }

    @Test(arguments: [
        ("[training]\nbatchsize = 3\n", "training.batchsize", "batch_size"),
        ("[generate]\nsnapshots_interval = 3\n", "generate.snapshots_interval", "snapshot_interval"),
        ("[dynamic]\nmass = 3\n", "dynamic", "dynamics"),
        ("[network]\nbananas = 3\n", "network.bananas", "core, radius"),
    ])
    func unknownKeysAreRefusedWithTheNearest(_ text: String, _ key: String, _ nearest: String) throws {
        let error = try refusal(header + text)
        #expect(error.key == key)
        #expect(error.problem.contains(nearest))
        #expect(error.line == (key == "dynamic" ? 6 : 7))
    }

    @Test(arguments: [
        ("[training]\nepochs = 2.5\n", "training.epochs", ["2.5", "whole number"]),
        ("[training]\nepochs = \"many\"\n", "training.epochs", ["\"many\"", "whole number"]),
        ("[training]\nepochs = 0\n", "training.epochs", ["0", "1 to"]),
        ("[training]\nlearning_rate = nan\n", "training.learning_rate", ["nan", "finite"]),
        ("[training]\nlearning_rate = -inf\n", "training.learning_rate", ["-inf", "finite"]),
        ("[training]\nschedule = \"cosin\"\n", "training.schedule", ["'cosin'", "'cosine'", "did you mean 'cosine'"]),
        ("[training]\nbeta2 = 1\n", "training.beta2", ["1.0", "below 1.0"]),
        ("[network]\nwidths = [4]\n[training]\nsparsity = 0.3\n", "training.sparsity", ["0.3", "0.5 to 0.99"]),
        (
            "[network]\nwidths = [4]\n[training]\nsparsity = 0.9\nepochs = 2\n", "training.sparsity_epoch",
            ["12", "1 to epochs = 2"]
        ),
        ("[training]\nlearning_rate = 1e-7\n", "training.minimum_learning_rate", ["learning_rate = 1e-07"]),
        ("[network]\nsquares = 1\n", "network.squares", ["1", "true or false"]),
        ("[network]\nwidths = [4, \"x\"]\n", "network.widths", ["\"x\"", "array of whole numbers"]),
        ("[network]\nwidths = [4, 0]\n", "network.widths", ["0", "from 1"]),
        ("[network]\nname = \"mace\"\n", "network.name", ["'mace'", "equivariant-fully-connected"]),
        ("[simulate]\nforce_field = \"modle\"\n", "simulate.force_field", ["did you mean 'model'"]),
        ("[simulate]\nsize = [8, 8, 8]\n", "simulate.size", ["[8, 8, 8]", "2 sides"]),
        ("[simulate]\nsize = [0, 8]\n", "simulate.size", ["0", "from 1"]),
        ("[simulate]\nsteps = 5\nobservable_interval = 10\n", "simulate.observable_interval", ["10", "1 to steps = 5"]),
        ("[generate]\ntrajectories = 3\ntest_trajectories = 2\n", "generate.trajectories", ["test_trajectories = 2", "4"]),
        ("[generate]\nsteps = 10\nsnapshot_interval = 50\n", "generate.snapshot_interval", ["50", "steps = 10"]),
        (
            "[compare]\nsolver = \"exact-diagonalization\"\ntwin_size = [200, 200]\n", "compare.twin_size",
            ["40000 sites", "at most"]
        ),
        ("[dynamics]\nintegrator = \"overdamped\"\ndamping = 0\n", "dynamics.damping", ["overdamped"]),
        ("filling = 0.5\nchemical_potential = 0\n", "model.filling", ["0.5", "chemical_potential = 0.0"]),
        ("filling = 1\n", "model.filling", ["1.0", "between 0.0 and 1.0"]),
        ("temperature = -0.1\n", "model.temperature", ["-0.1", "from 0"]),
        ("neighbor_stiffness = 0.3\n", "model.neighbor_stiffness", ["0.3", "unstable", "0.25"]),
        ("chemical_potential = 0.5\n[network]\nparticle_hole_odd = true\n", "network.particle_hole_odd", ["holes", "0.5"]),
    ])
    func wrongValuesAreNamedWithWhatIsAllowed(_ text: String, _ key: String, _ parts: [String]) throws {
        let error = try refusal(header + text)
        #expect(error.key == key)
        for part in parts { #expect(error.problem.contains(part), "\(error)") }
        #expect(error.description.hasPrefix("my.toml"))
    }

    @Test(arguments: [
        ("seed = -1\n", "seed"), ("seed = 9007199254740993\n", "seed"), ("title = 3\n", "title"), ("training = 3\n", "training"),
    ])
    func rootKeysAreCheckedToo(_ text: String, _ key: String) throws {
        #expect(try refusal(text + header).key == key)
        #expect(try refusal(text + header).line == 1)
    }

    @Test func anOverridingSeedIsChecked() {
        #expect(throws: RecipeError.self) { try Recipe(header, overrides: .init(seed: -1)) }
    }

    @Test func theTwoNecessaryTablesAreNamed() throws {
        #expect(try refusal("[lattice]\n").problem.contains("[model]"))
        #expect(try refusal("[model]\n").problem.contains("[lattice]"))
        #expect(try refusal("").problem.contains("[lattice]"))
    }

    @Test func lineOfADottedKeyIsFound() throws {
        let error = try refusal("model.coupling = \"strong\"\n[lattice]\n")
        #expect(error.key == "model.coupling")
        #expect(error.line == 1)
    }

    @Test func particleHoleOddNeedsTwoSublattices() throws {
        let text = header.replacingOccurrences(of: "[6, 4]", with: "[5, 4]") + "[network]\nparticle_hole_odd = true\n"
        #expect(try refusal(text).problem.contains("two sublattices"))
        let half = try Recipe(header + "filling = 0.5\n[network]\nparticle_hole_odd = true\n")
        #expect((half.network.architecture as? FullyConnectedArchitecture)?.particleHoleOdd == true)
    }

    @Test func missingFileFolderAndForeignBytesAreRefused() throws {
        let missing = #expect(throws: RecipeError.self) { try Recipe(contentsOf: "/nowhere/recipe.toml") }
        #expect(missing?.problem == "does not exist")
        let folder = #expect(throws: RecipeError.self) { try Recipe(contentsOf: FileManager.default.temporaryDirectory.path) }
        #expect(folder?.problem.contains("folder") == true)
        let path = temporaryFile("latin.toml", "")
        try Data([0x74, 0xff, 0xfe]).write(to: URL(fileURLWithPath: path))
        let foreign = #expect(throws: RecipeError.self) { try Recipe(contentsOf: path) }
        #expect(foreign?.problem.contains("UTF-8") == true)
        #expect(try refusal("title = \"a\0\"\n" + header).problem.contains("zero byte"))
    }
}
