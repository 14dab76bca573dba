import Experiments
import Foundation
import Recipes
import Reports
import Runs
import Synchronization
import Testing

/// A run directory of its own with a recipe that takes milliseconds, removed when the test is over.
final class StageRun {
    static let recipeText = """
        title = "Small"
        seed = 7
        [lattice]
        file = "square"
        size = [6, 6]
        [model]
        coupling = 3.5
        [dynamics]
        time_step = 0.1
        [generate]
        random_configurations = 8
        trajectories = 4
        steps = 9
        snapshot_interval = 3
        [network]
        radius_squared = 2
        widths = [3]
        [training]
        epochs = 5
        batch_size = 100
        warmup_steps = 2
        [simulate]
        size = [6, 4]
        steps = 20
        observable_interval = 2
        frame_interval = 6
        checkpoint_interval = 5
        [compare]
        twin_size = [4, 4]
        twin_steps = 6
        twin_sample_interval = 2
        loops = 2
        energy_steps = 6
        exact_energy_steps = 4
        thermal_steps = 5
        exact_samples = 2

        """

    /// The network of the recipe, and one of Green's functions that may stand in its place.
    static let network = "radius_squared = 2\nwidths = [3]"
    static let learnedEnds = "name = \"greens-function\"\ncore = 1\nradius = 1\nlevels = 1\nend_path = 1"

    let directory: RunDirectory
    let progress = RecordedProgress()

    init() {
        directory = RunDirectory(NSTemporaryDirectory() + "adiabat-stages-" + UUID().uuidString)
    }

    /// A run that begins with the files of another.
    convenience init(copying other: StageRun) throws {
        self.init()
        guard FileManager.default.fileExists(atPath: other.directory.path) else { return }
        try FileManager.default.copyItem(atPath: other.directory.path, toPath: directory.path)
    }

    /// A folder that holds the model of another and nothing else.
    convenience init(modelOf other: StageRun) throws {
        self.init()
        try directory.create()
        try put(other.bytes(other.directory.model), directory.model)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory.path)
    }

    /// The small recipe with some text replaced, one after the other.
    static func recipe(_ changes: KeyValuePairs<String, String> = [:]) throws -> Recipe {
        var text = recipeText
        for (old, new) in changes {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        return try Recipe(text, file: suppliedRecipe("small"))
    }

    func context(
        _ recipe: Recipe? = nil, threads: Int = 1, resume: ResumePolicy = .automatic,
        interruption: Interruption = Interruption(), forcesResume: Bool = false
    ) throws -> StageContext {
        StageContext(
            recipe: try recipe ?? Self.recipe(), directory: directory, threads: threads, resume: resume, progress: progress,
            interruption: interruption, forcesResume: forcesResume)
    }

    /// Runs a stage again and again, each time stopped after `looks` looks for an interruption, until it is done.
    ///
    /// A stage that saves between larger pieces than `looks` is given one look more each time, or it would never end.
    ///
    /// - Returns: how often it was stopped.
    func runInPieces(
        _ stage: (StageContext) throws -> StageSummary, _ recipe: Recipe? = nil, looks: Int, threads: Int = 1
    ) throws -> Int {
        var stops = 0
        while true {
            do {
                _ = try stage(context(recipe, threads: threads, interruption: .after(looks: looks + stops)))
                return stops
            } catch is WorkflowInterrupted {
                stops += 1
            }
        }
    }

    func names(in folder: String? = nil) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder ?? directory.path).sorted()
    }

    func bytes(_ file: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: file))) }

    func put(_ bytes: [UInt8], _ file: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: file)) }

    /// Changes one byte in the middle of a file.
    func damage(_ file: String) throws {
        var bytes = try bytes(file)
        bytes[bytes.count / 2] ^= 0x5a
        try put(bytes, file)
    }

    /// Files that must not depend on interruptions and threads: all but the manifest and the costs, which hold times.
    func expectSameFiles(as other: StageRun, sourceLocation: SourceLocation = #_sourceLocation) throws {
        func files(_ run: StageRun) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: run.directory.path).sorted()
        }
        #expect(try files(self) == files(other), sourceLocation: sourceLocation)
        for name in try files(self) where name != "manifest.json" && name != "costs.json" {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: directory.file(name), isDirectory: &isFolder)
            if isFolder.boolValue { continue }
            let same = try bytes(directory.file(name)) == other.bytes(other.directory.file(name))
            #expect(same, "\(name) differs", sourceLocation: sourceLocation)
        }
    }
}

/// Keeps warnings.
final class RecordedProgress: ProgressReporter {
    private let list = Mutex<[String]>([])

    var warnings: [String] { list.withLock { $0 } }

    func begin(stage: String, total: Int) {}
    func update(done: Int, detail: String) {}
    func end(summary: String) {}
    func message(_ text: String) {}
    func warning(_ text: String) { list.withLock { $0.append(text) } }
}
