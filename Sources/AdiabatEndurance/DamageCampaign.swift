import Foundation

/// Damages one file, runs a command that reads it, and compares what it does with what it does when the file is whole.
///
/// Allowed are an error that names the file, and the same results. Lost is: a crash, a hang, another result, a change of a file
/// that was there.
package struct DamageCampaign {
    /// A command and a file that it reads.
    private struct Reading {
        /// The folder that the command begins with.
        let start: String
        /// The damaged file, in the folder.
        let file: String
        let command: (_ output: String) -> [String]
        /// Whether a file is a part of the unfinished work that the command goes on with.
        var isWork: (_ file: String) -> Bool = { _ in false }
        /// Whether the file can be told from another valid one: a recipe or an array of the user cannot.
        var isRecognizable = true
    }

    let campaign: Campaign

    package init(_ campaign: Campaign) { self.campaign = campaign }

    package func run() throws -> CampaignReport {
        var report = CampaignReport("damage")
        let small = try SmallRun(program: campaign.program, in: campaign.folder)
        let readings = try prepare(small)
        var wholes: [String: RunFiles] = [:]
        var generator = SeededGenerator(seed: campaign.seed)
        var trials = 0
        while campaign.goesOn(after: trials) {
            let reading = readings[trials % readings.count]
            trials += 1
            let name = ([reading.start, reading.file] + reading.command("")).joined(separator: " ")
            if wholes[name] == nil {
                let output = campaign.folder + "/whole"
                try copy(reading.start, to: output)
                let run = try ProgramRun(reading.command(output))
                guard run.ending == .exit(0) else {
                    throw EnduranceError(description: "\(reading.command(output)) fails undisturbed, with \(run.summary)")
                }
                wholes[name] = try RunFiles(output)
            }
            try tryOut(reading, trial: trials, whole: wholes[name]!, &generator, &report)
        }
        campaign.tidy(report)
        return report
    }

    private func tryOut(
        _ reading: Reading, trial: Int, whole: RunFiles, _ generator: inout SeededGenerator, _ report: inout CampaignReport
    ) throws {
        let output = campaign.folder + "/damaged-\(trial)"
        try copy(reading.start, to: output)
        let path = output + "/" + reading.file
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let damage = ByteDamage.allCases.randomElement(using: &generator)!
        try Data(damage.applied(to: bytes, &generator)).write(to: URL(fileURLWithPath: path))
        let before = try RunFiles(output)
        let run = try ProgramRun(reading.command(output), limit: 60)
        let name = URL(fileURLWithPath: reading.file).lastPathComponent
        func lost(_ what: String) {
            let verb = reading.command(output)[1]
            report.failures.append("\(reading.file) \(damage) read by `\(verb)`: \(what) (\(path)); \(run.summary)")
        }
        switch run.ending {
        case .exit(0):
            let after = try RunFiles(output)
            // The damaged file itself may stay as it is where it is not needed, or be made again.
            let isUntouched = after.contents[reading.file] == before.contents[reading.file]
            let changes =
                isUntouched
                ? after.without(reading.file).differences(from: whole.without(reading.file)) : after.differences(from: whole)
            let isTold = run.message.contains(name)
            if changes.isEmpty {
                report.add(isTold ? "told and made good" : "without effect")
            } else if isTold {
                report.add("told, and another result")
            } else if !reading.isRecognizable {
                report.add("taken for another valid input")
            } else {
                return lost("silently another result: " + changes.joined(separator: ", "))
            }
        case .exit(65), .exit(70):
            guard run.message.contains(name) else { return lost("an error that does not name the file") }
            // What was there stays; work in progress may have gone on until it came to the file.
            let after = try RunFiles(output).contents
            let kept = before.contents.filter { !reading.isWork($0.key) }
            if let changed = kept.first(where: { after[$0.key] != $0.value }) { return lost("\(changed.key) has changed") }
            report.add("refused")
        default: return lost("ended badly")
        }
        try FileManager.default.removeItem(atPath: output)
    }

    // MARK: Folders to begin with

    /// Finished and unfinished runs, and who reads what in them.
    private func prepare(_ small: SmallRun) throws -> [Reading] {
        let finished = campaign.folder + "/finished"
        try small.finish(finished)
        try Data(contentsOf: URL(fileURLWithPath: small.recipePath)).write(to: URL(fileURLWithPath: finished + "/input.toml"))
        try Data(contentsOf: URL(fileURLWithPath: small.home + "/square.toml"))
            .write(to: URL(fileURLWithPath: finished + "/square.toml"))
        try Self.array().write(to: URL(fileURLWithPath: finished + "/input.npy"))
        let program = small.program
        let stage = { (name: String) in { (output: String) in small.command(name, output: output) } }
        func forces(_ source: [String]) -> (String) -> [String] {
            { output in
                let arguments = source.map { $0.replacingOccurrences(of: "OUTPUT", with: output) }
                return [
                    program, "forces", "--recipe", output + "/input.toml", "--input", output + "/input.npy", "--output",
                    output + "/forces.npy", "--threads", "1",
                ] + arguments
            }
        }
        let learned = forces(["--model", "OUTPUT/model.safetensors"])
        let exact = forces(["--solver", "exact-diagonalization"])
        let unmodelled = try variant("without-model", of: finished, without: ["model.safetensors", "training.checkpoint"])
        let unsimulated = try variant(
            "without-trajectory", of: finished, without: ["trajectory.h5", "simulation.checkpoint", "audit.csv"])
        var readings = [
            Reading(start: finished, file: "dataset.h5", command: stage("generate")),
            Reading(start: unmodelled, file: "dataset.h5", command: stage("train")),
            Reading(start: finished, file: "model.safetensors", command: stage("train")),
            Reading(start: unsimulated, file: "model.safetensors", command: stage("simulate")),
            Reading(start: finished, file: "model.safetensors", command: learned),
            Reading(start: finished, file: "trajectory.h5", command: stage("simulate")),
            Reading(start: finished, file: "trajectory.h5", command: stage("analyze")),
            Reading(start: finished, file: "manifest.json", command: { [program, "verify", $0] }),
            Reading(start: unsimulated, file: "manifest.json", command: stage("simulate")),
            Reading(start: finished, file: "input.npy", command: exact, isRecognizable: false),
            Reading(start: finished, file: "input.toml", command: exact, isRecognizable: false),
            Reading(start: finished, file: "square.toml", command: exact, isRecognizable: false),
        ]
        for (name, unfinished) in try unfinishedRuns(small, finished) {
            let contents = try RunFiles(unfinished).contents.keys.sorted()
            for file in contents where Self.isRead(file, by: name) {
                readings.append(
                    Reading(
                        start: unfinished, file: file, command: stage(name),
                        isWork: { Self.isRead($0, by: name) || $0 == "audit.csv" || $0 == "recipe.toml" }))
            }
        }
        return readings
    }

    /// Files of unfinished work that the stage reads when it goes on.
    private static func isRead(_ file: String, by stage: String) -> Bool {
        switch stage {
        case "generate": file.hasPrefix("dataset.parts/")
        case "train": file.hasPrefix("training.checkpoint")
        default: file.hasPrefix("simulation.checkpoint") || file.hasPrefix("trajectory")
        }
    }

    /// A run that was stopped in each of the stages.
    private func unfinishedRuns(_ small: SmallRun, _ finished: String) throws -> [(stage: String, folder: String)] {
        let simulated = ["trajectory.h5", "simulation.checkpoint", "audit.csv", "analysis.json"]
        let trained = ["model.safetensors", "training.checkpoint", "training.csv"]
        let later = ["generate": ["dataset.h5"] + trained + simulated, "train": trained + simulated, "simulate": simulated]
        return try ["generate", "train", "simulate"].compactMap { stage in
            for part in 1...40 {
                let folder = try variant("unfinished-\(stage)", of: finished, without: later[stage]!)
                let hours = 0.1 * Double(part) / 3600
                let run = try ProgramRun(small.command(stage, output: folder) + ["--max-hours", "\(hours)"])
                let work = try RunFiles(folder).contents.keys.filter { Self.isRead($0, by: stage) }
                if run.ending == .exit(85), work.count > 1 { return (stage, folder) }
                if run.ending == .exit(0) { return nil }
            }
            return nil
        }
    }

    private func variant(_ name: String, of folder: String, without files: [String]) throws -> String {
        let path = campaign.folder + "/" + name
        try copy(folder, to: path)
        for file in files { try? FileManager.default.removeItem(atPath: path + "/" + file) }
        return path
    }

    private func copy(_ folder: String, to path: String) throws {
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: folder, toPath: path)
    }

    /// One configuration of 8 × 8 sites, npy version 1.0.
    static func array() -> Data {
        var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (8, 8), }"
        header += String(repeating: " ", count: 128 - 10 - header.count - 1) + "\n"
        var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<64 {
            withUnsafeBytes(of: Double.random(in: -2...2, using: &generator)) { bytes += $0 }
        }
        return Data(bytes)
    }
}

extension RunFiles {
    fileprivate func without(_ name: String) -> RunFiles { RunFiles(contents: contents.filter { $0.key != name }) }

    private init(contents: [String: Data]) { self.contents = contents }
}
