import Foundation
import Storage

/// Random recipes on random lattices, checked and run, stage by stage or as a whole, each command in a process of its own.
///
/// Allowed are success and an error (exit code 65 or 70) that names a key, a file or an option. What `check` has passed no stage may
/// refuse with 65, and what has been written is finite.
package struct RecipeCampaign {
    let campaign: Campaign
    /// Of a command, in seconds and kilobytes.
    private static let limits = (seconds: 90.0, kilobytes: 12_000_000)

    package init(_ campaign: Campaign) { self.campaign = campaign }

    package func run() throws -> CampaignReport {
        var report = CampaignReport("recipes")
        var trials = 0
        while campaign.goesOn(after: trials) {
            // Every trial by itself, so that one can be repeated.
            var generator = SeededGenerator(seed: campaign.seed &* 1_000_003 &+ UInt64(trials))
            let failures = report.failures.count
            let folder = "\(campaign.folder)/recipe-\(trials)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try trial(RandomRecipe(&generator), in: folder, &generator, &report)
            if report.failures.count == failures { try FileManager.default.removeItem(atPath: folder) }
            trials += 1
        }
        report.add("recipes", trials)
        campaign.tidy(report)
        return report
    }

    private func trial(
        _ random: RandomRecipe, in folder: String, _ generator: inout SeededGenerator, _ report: inout CampaignReport
    ) throws {
        let (recipe, output) = (folder + "/recipe.toml", folder + "/run")
        try random.recipe.write(toFile: recipe, atomically: true, encoding: .utf8)
        try random.lattice.write(toFile: folder + "/lattice.toml", atomically: true, encoding: .utf8)

        let answer = folder + "/check.json"
        let check = try command(["check", recipe, "--json", "--output", output], output: answer)
        judge(check, "check", folder, allowing: [0, 65, 70], &report)
        let obstacles = (try? JSONDecoder().decode(Check.self, from: Data(contentsOf: URL(fileURLWithPath: answer))))?.obstacles
        report.add(check.ending == .exit(0) ? "passed by check" : "refused by check")
        let (learns, coarsens) = (random.recipe.contains("[learn]"), random.recipe.contains("[coarsening]"))
        let stages =
            ["generate", learns ? "learn" : "train"] + (coarsens ? ["coarsen", "compare"] : ["simulate", "compare", "analyze"])
        guard let obstacles else {
            // The recipe cannot be read, by any stage.
            let stage = stages.randomElement(using: &generator)!
            return judge(try command([stage, recipe, "--output", output]), stage, folder, allowing: [65], &report)
        }
        let obstructed = Set(obstacles.map(\.stage))
        if obstructed.isEmpty, Int.random(in: 0..<5, using: &generator) == 0 {
            let run = try command(["run", recipe, "--output", output])
            judge(run, "run", folder, allowing: [0, 70], &report)
            report.add("runs")
        } else {
            var isWhole = true
            for stage in stages {
                let run = try command([stage, recipe, "--output", output])
                let allowed: Set<Int32> = obstructed.contains(stage) ? [65, 70] : isWhole ? [0, 70] : [0, 65, 70]
                judge(run, stage, folder, allowing: allowed, &report)
                if run.ending != .exit(0) { isWhole = false }
                report.add("stages")
            }
        }
        if obstructed.isEmpty, Int.random(in: 0..<8, using: &generator) == 0 {
            // Without gnuplot there is no report, and `run` says so before it begins.
            for name in ["check", "report", "run"] {
                let run = try command([name, recipe, "--output", output], environment: ["PATH": "/nowhere"])
                judge(run, name + " without gnuplot", folder, allowing: [70], &report)
            }
        }
        try evaluateForces(random, folder, &generator, &report)
        try audit(output, folder, &report)
        requireFinite(output, folder, &report)
    }

    /// What `check --json` says that matters here.
    private struct Check: Decodable {
        struct Obstacle: Decodable { let stage: String }
        let obstacles: [Obstacle]
    }

    private func command(
        _ arguments: [String], output: String? = nil, environment: [String: String] = [:]
    ) throws -> ProgramRun {
        let threads = ["--threads", "1"]
        return try ProgramRun(
            ["/bin/sh", "-c", "ulimit -v \(Self.limits.kilobytes); exec \"$@\"", "sh", campaign.program] + arguments + threads,
            limit: Self.limits.seconds, output: output, environment: environment)
    }

    private func judge(
        _ run: ProgramRun, _ name: String, _ folder: String, allowing codes: Set<Int32>, _ report: inout CampaignReport
    ) {
        guard case .exit(let code) = run.ending, codes.contains(code) else {
            return report.failures.append("\(folder), \(name): \(run.summary)")
        }
        if code == 65 { report.add("refused") }
        if code == 70 { report.add("failed with a reason") }
        let error = run.message.split(separator: "\n").first { $0.hasPrefix("adiabat: error:") }
        guard code == 0 || error?.contains(/[a-z_]+\.[a-z_]+|--[a-z]+|site \d|step \d|epoch \d|error: [a-z_]+:/) == true else {
            return report.failures.append("\(folder), \(name): names no key, file or place: \(run.summary)")
        }
    }

    private func evaluateForces(
        _ random: RandomRecipe, _ folder: String, _ generator: inout SeededGenerator, _ report: inout CampaignReport
    ) throws {
        let count = random.shape.reduce(1, *)
        guard count <= 4096 else { return }
        let input = NPYArray(shape: random.shape, values: (0..<count).map { _ in Double.random(in: -3...3, using: &generator) })
        try input.write(to: folder + "/Q.npy")
        let solvers = [
            "exact-diagonalization", "selected-inversion", "local-diagonalization", "conservative-local-diagonalization",
        ]
        let run = try command([
            "forces", "--recipe", folder + "/recipe.toml", "--solver", solvers.randomElement(using: &generator)!, "--input",
            folder + "/Q.npy", "--output", folder + "/run-F.npy", "--density", folder + "/run-n.npy",
        ])
        judge(run, "forces", folder, allowing: [0, 64, 65, 70], &report)
        report.add("forces of arrays")
        guard run.ending == .exit(0) else { return }
        for name in ["F", "n"] {
            let array = try NPYArray(contentsOf: "\(folder)/run-\(name).npy")
            if array.shape != random.shape || !array.values.allSatisfy(\.isFinite) {
                report.failures.append(
                    "\(folder), forces: \(name) of shape \(array.shape) is not finite or not of the input's shape")
            }
        }
    }

    private func audit(_ output: String, _ folder: String, _ report: inout CampaignReport) throws {
        let trajectory = output + "/trajectory.h5"
        guard FileManager.default.fileExists(atPath: trajectory) else { return }
        let run = try command([
            "audit", "selected-inversion", trajectory, "--solver", "exact-diagonalization", "--every", "3", "--output",
            output + "/audit",
        ])
        judge(run, "audit", folder, allowing: [0, 65, 70], &report)
        report.add("audits")
    }

    private func requireFinite(_ output: String, _ folder: String, _ report: inout CampaignReport) {
        let arrays = [("dataset.h5", ""), ("trajectory.h5", "particles/sites/")]
        for (name, group) in arrays {
            guard let file = try? HDF5File.open(output + "/" + name) else { continue }
            for field in ["displacement", "velocity", "force", "density"] {
                let path = group + field + (group.isEmpty ? "" : "/value")
                guard let values = try? file.readDoubles(path).values else { continue }
                report.add("arrays")
                if !values.allSatisfy(\.isFinite) { report.failures.append("\(folder): \(name), \(field) is not finite") }
            }
        }
    }
}
