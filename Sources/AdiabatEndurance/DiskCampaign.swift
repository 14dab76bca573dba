import Foundation

/// Runs on file systems in memory that are too small: every stage must end with an error that says so, what was finished must
/// stay, and with more space the run must go on to the same files.
package struct DiskCampaign {
    let campaign: Campaign

    package init(_ campaign: Campaign) { self.campaign = campaign }

    /// Whether a file system can be mounted here.
    package static var isPossible: Bool {
        let folder = NSTemporaryDirectory() + "adiabat-disk-" + UUID().uuidString
        defer { rmdir(folder) }
        guard mkdir(folder, 0o700) == 0, let disk = try? SmallDisk(folder, kibibytes: 16) else { return false }
        return disk.resize(kibibytes: 32)
    }

    package func run() throws -> CampaignReport {
        var report = CampaignReport("disk")
        let small = try SmallRun(program: campaign.program, in: campaign.folder)
        let reference = campaign.folder + "/undisturbed"
        try small.finish(reference)
        let expected = try RunFiles(reference)
        let needed = expected.contents.values.reduce(0) { $0 + $1.count } / 1024
        var generator = SeededGenerator(seed: campaign.seed)
        var trials = 0
        while campaign.goesOn(after: trials) {
            trials += 1
            // As likely small as large.
            let size = Int(4 * pow(1.5 * Double(needed) / 4, Double.random(in: 0...1, using: &generator)))
            let folder = campaign.folder + "/disk-\(trials)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let disk = try SmallDisk(folder, kibibytes: size)
            do {
                try tryOut(disk, folder + "/run", small, expected, &report)
            } catch let error as EnduranceError {
                report.failures.append("\(size) KiB: \(error)")
            }
            disk.unmount()
            try FileManager.default.removeItem(atPath: folder)
        }
        campaign.tidy(report)
        return report
    }

    private func tryOut(
        _ disk: SmallDisk, _ output: String, _ small: SmallRun, _ expected: RunFiles, _ report: inout CampaignReport
    ) throws {
        for stage in SmallRun.stages {
            let run = try ProgramRun(small.command(stage, output: output), limit: 300)
            if run.ending == .exit(0) {
                report.add("stages that fitted")
                continue
            }
            guard run.ending == .exit(70), run.message.contains(output) else {
                throw EnduranceError(description: "`adiabat \(stage)` on a full disk ends with \(run.summary)")
            }
            report.add("stages refused")
            break
        }
        try checkFinished(output, expected)
        guard disk.resize(kibibytes: 1 << 20) else { throw EnduranceError(description: "the disk cannot be enlarged") }
        try small.finish(output)
        report.add("runs finished")
        let differences = try RunFiles(output).differences(from: expected)
        guard differences.isEmpty else { throw EnduranceError(description: differences.joined(separator: ", ")) }
    }

    /// What a stage has finished is as it was.
    private func checkFinished(_ output: String, _ expected: RunFiles) throws {
        guard FileManager.default.fileExists(atPath: output) else { return }
        let found = try RunFiles(output)
        for name in ["dataset.h5", "model.safetensors"] {
            guard let contents = found.contents[name], contents != expected.contents[name] else { continue }
            throw EnduranceError(description: "\(name) has changed on a full disk")
        }
    }
}

/// A file system in memory of a given size.
private final class SmallDisk {
    private let folder: String

    /// - Throws: ``EnduranceError`` where that is not allowed.
    init(_ folder: String, kibibytes: Int) throws {
        self.folder = folder
        guard mount("tmpfs", folder, "tmpfs", 0, "size=\(kibibytes)k") == 0 else {
            throw EnduranceError(description: "cannot mount a file system: \(String(cString: strerror(errno)))")
        }
    }

    deinit { unmount() }

    func resize(kibibytes: Int) -> Bool { mount("tmpfs", folder, "tmpfs", UInt(MS_REMOUNT), "size=\(kibibytes)k") == 0 }

    func unmount() { umount2(folder, Int32(MNT_DETACH)) }
}
