import Experiments
import Foundation
import Recipes
import Reports
import Runs

/// Forces unfinished stages to go on with another recipe.
///
/// Allowed are an error that names a key, which leaves every file as it was, and files that say the truth of what was made before and
/// after. Lost is: a crash, a hang, a trajectory with parameters or times that it was not made with, and force that is told where
/// nothing was forced.
package struct ForceCampaign {
    let campaign: Campaign

    package init(_ campaign: Campaign) { self.campaign = campaign }

    /// Stages whose unfinished work can be forced, on lattices that take a second.
    private static let stages = ["generate", "train", "simulate"]

    private static let recipe = SmallRun.recipe(
        size: [10, 6],
        generate: """
            steps = 200
            snapshot_interval = 25
            """,
        simulate: """
            size = [10, 6]
            force_field = "exact-diagonalization"
            steps = 400
            observable_interval = 5
            frame_interval = 10
            checkpoint_interval = 7
            """)

    /// Lines of the recipe and what may stand in their place, under the stages that it is tried on.
    private static let changes: [(key: String, line: String, others: [String])] = [
        ("seed", "seed = 7", ["seed = 8"]),
        ("periodic", "file = \"square\"", ["file = \"square\"\nperiodic = [true, false]"]),
        ("lattice.size", "size = [10, 6]\n[model]", ["size = [6, 10]\n[model]", "size = [8, 8]\n[model]"]),
        ("coupling", "coupling = 3.5", ["coupling = 3.0", "coupling = 0.0"]),
        ("stiffness", "[model]", ["[model]\nstiffness = 1.3", "[model]\nhopping = 0.8", "[model]\nfilling = 0.4"]),
        ("temperature", "temperature = 0.1", ["temperature = 0.2"]),
        ("time_step", "time_step = 0.1", ["time_step = 0.05", "time_step = 0.03"]),
        (
            "dynamics", "[dynamics]",
            [
                "[dynamics]\nmass = 4.0", "[dynamics]\ndamping = 0.1", "[dynamics]\nintegrator = \"overdamped\"",
                "[dynamics]\ninitial_displacement_variance = 3.0",
            ]
        ),
        (
            "generate", "[generate]",
            [
                "[generate]\ntime_step = 0.05", "[generate]\nsnapshot_spacing = \"early\"", "[generate]\ncouplings = [3.5, 3.0]",
                "[generate]\nsolver = \"selected-inversion\"", "[generate]\ntemperatures = [0.2]",
            ]
        ),
        ("random_configurations", "random_configurations = 8", ["random_configurations = 4"]),
        ("trajectories", "trajectories = 4", ["trajectories = 6", "trajectories = 3"]),
        ("generate.steps", "steps = 200\n", ["steps = 150\n", "steps = 250\n"]),
        ("snapshot_interval", "snapshot_interval = 25", ["snapshot_interval = 10"]),
        ("widths", "widths = [4]", ["widths = [5]", "widths = [4, 2]"]),
        ("epochs", "epochs = 150", ["epochs = 160", "epochs = 100"]),
        (
            "training", "[training]",
            [
                "[training]\nlearning_rate = 0.005", "[training]\noptimizer = \"levenberg-marquardt\"",
                "[training]\nschedule = \"reduce-on-plateau\"", "[training]\nprecision = \"float64\"", "[training]\nridge = 1.0",
                "[training]\nfinish_epochs = 2", "[training]\ncommittee = 2", "[training]\ncheckpoint_interval = 3",
            ]
        ),
        ("batch_size", "batch_size = 100", ["batch_size = 50"]),
        ("simulate.size", "size = [10, 6]\nforce", ["size = [6, 10]\nforce", "size = [12, 6]\nforce"]),
        ("force_field", "\"exact-diagonalization\"", ["\"selected-inversion\"", "\"local-diagonalization\""]),
        ("simulate.steps", "steps = 400", ["steps = 450", "steps = 300"]),
        ("observable_interval", "observable_interval = 5", ["observable_interval = 3"]),
        ("frame_interval", "frame_interval = 10", ["frame_interval = 15", "frame_interval = 4"]),
        (
            "simulate", "[simulate]",
            [
                "[simulate]\nframe_fields = [\"displacement\"]", "[simulate]\nquench = 1",
                "[simulate]\nmaximum_displacement = 99.0",
            ]
        ),
    ]

    package func run() throws -> CampaignReport {
        precondition(Self.changes.allSatisfy { Self.recipe.contains($0.line) }, "lines of the recipe")
        var report = CampaignReport("force")
        let small = try SmallRun(program: campaign.program, in: campaign.folder, recipe: Self.recipe)
        let finished = campaign.folder + "/finished"
        let seconds = try small.finish(finished, stages: Self.stages)
        let data = campaign.folder + "/data"
        try small.finish(data, stages: ["generate"])
        var generator = SeededGenerator(seed: campaign.seed)
        var trials = 0
        while campaign.goesOn(after: trials) {
            trials += 1
            let stage = Self.stages.randomElement(using: &generator)!
            let output = campaign.folder + "/forced-\(trials)"
            if stage == "train" { try FileManager.default.copyItem(atPath: data, toPath: output) }
            let trial = Trial(
                stage: stage, small: small, output: output, seconds: seconds[stage]!, changed: "\(campaign.folder)/changed.toml")
            do {
                let isSame = try trial.run(Self.changed(&generator), &generator, &report)
                if isSame { report.add("finished before") }
                try? FileManager.default.removeItem(atPath: output)
            } catch let error as EnduranceError {
                report.failures.append("\(output): \(error)")
            }
        }
        campaign.tidy(report)
        return report
    }

    /// The recipe with one key changed, or two, and their names.
    private static func changed(_ generator: inout SeededGenerator) -> (text: String, keys: [String]) {
        var text = recipe
        var keys: [String] = []
        for _ in 0..<Int.random(in: 1...2, using: &generator) {
            let change = changes.randomElement(using: &generator)!
            let other = change.others.randomElement(using: &generator)!
            guard let range = text.range(of: change.line), !keys.contains(change.key) else { continue }
            text.replaceSubrange(range, with: other)
            keys.append(change.key)
        }
        return (text, keys)
    }
}

/// One stage, stopped, changed and forced.
private struct Trial {
    let stage: String
    let small: SmallRun
    let output: String
    /// That the stage takes undisturbed.
    let seconds: Double
    /// The changed recipe.
    let changed: String

    private func command(_ recipe: String, _ arguments: [String] = []) -> [String] {
        [small.program, stage, recipe, "--output", output, "--threads", "1"] + arguments
    }

    /// - Returns: whether the stage ended before it could be stopped.
    /// - Throws: ``EnduranceError`` if anything is lost.
    func run(
        _ change: (text: String, keys: [String]), _ generator: inout SeededGenerator, _ report: inout CampaignReport
    ) throws -> Bool {
        try change.text.write(toFile: changed, atomically: true, encoding: .utf8)
        // Two changes may exclude each other.
        guard (try? Recipe(contentsOf: changed)) != nil else { return false }
        let signal = Bool.random(using: &generator) ? SIGKILL : SIGTERM
        let stopped = try ProgramRun(
            command(small.recipePath), events: [(Double.random(in: 0..<seconds, using: &generator), .signal(signal))], limit: 120)
        if stopped.ending == .exit(0) { return true }
        let before = FileManager.default.fileExists(atPath: output) ? try RunFiles(output) : nil
        let name = "\(stage) with " + change.keys.joined(separator: ", ")
        func lost(_ what: String, _ run: ProgramRun? = nil) -> EnduranceError {
            EnduranceError(description: "\(name): \(what)" + (run.map { ", \($0.summary)" } ?? ""))
        }
        // Without force: it does not matter, or it is refused by a key.
        let unforced = try ProgramRun(command(changed, ["--max-hours", "0"]), limit: 120)
        switch unforced.ending {
        case .exit(65):
            let after = FileManager.default.fileExists(atPath: output) ? try RunFiles(output) : nil
            guard after == before else { throw lost("a refusal has changed files") }
        case .exit(0), .exit(85):
            report.add("without effect on what was begun")
        default: throw lost("ends badly without force", unforced)
        }
        let isRefused = unforced.ending == .exit(65)
        // With force, and killed once more on the way, after which the same command needs none.
        let first = try ProgramRun(
            command(changed, ["--force-resume"]),
            events: [(Double.random(in: 0..<2 * seconds, using: &generator), .signal(SIGKILL))], limit: 120)
        let isKilled = first.ending == .signal(SIGKILL)
        let isTold =
            isKilled && (try? String(contentsOfFile: output + "/manifest.json", encoding: .utf8))?.contains("forced") == true
        let run = isKilled ? try ProgramRun(command(changed, isTold ? [] : ["--force-resume"]), limit: 300) : first
        switch run.ending {
        case .exit(0): break
        case .exit(65):
            let reasons = ["choose another", "would be lost", "is allowed", "not allowed"]
            guard isRefused, reasons.contains(where: run.message.contains) else {
                throw lost("refused in vain", run)
            }
            report.add("refused even when forced")
            // Undone, the change has done no harm.
            let undone = try ProgramRun(command(small.recipePath), limit: 300)
            guard undone.ending == .exit(0) else { throw lost("has spoilt what was there", undone) }
            return false
        default: throw lost("ends badly when forced", run)
        }
        let manifest = try String(contentsOfFile: output + "/manifest.json", encoding: .utf8)
        guard manifest.contains("forced_resumes") == isRefused else {
            throw lost(isRefused ? "the manifest does not tell of the force" : "the manifest tells of a force that was none")
        }
        if isRefused { report.add("forced to go on") }
        let contradictions = try contradictions()
        guard contradictions.isEmpty else { throw lost(contradictions.prefix(3).joined(separator: ", ")) }
        let again = try ProgramRun(command(changed), limit: 120)
        guard again.ending == .exit(0) else { throw lost("is not the work of its recipe", again) }
        return false
    }

    /// What the files of the stage say and is not so.
    private func contradictions() throws -> [String] {
        let recipe = try Recipe(contentsOf: changed)
        switch stage {
        case "generate":
            return try DatasetFile.read(output + "/dataset.h5", supercell: recipe.supercell).contradictions(file: changed)
        case "simulate":
            return try TrajectoryFile.open(output + "/trajectory.h5", lattice: recipe.lattice.geometry)
                .contradictions(file: changed)
        default:
            let epochs = recipe.training.epochs + recipe.training.finishEpochs
            let lines = try String(contentsOfFile: output + "/training.csv", encoding: .utf8).split(separator: "\n").count
            return lines == epochs + 1 ? [] : ["\(lines - 1) of \(epochs) epochs in training.csv"]
        }
    }
}
