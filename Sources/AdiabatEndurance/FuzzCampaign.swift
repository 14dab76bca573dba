import Foundation
import Storage

/// Every reader gets its share of the time. A reader that dies is a fault; its input is kept, and the reader is started again after
/// it.
package struct FuzzCampaign {
    let campaign: Campaign
    let targets: [FuzzTarget]
    /// For each reader.
    private let seconds: Double

    package init(_ campaign: Campaign, targets: [FuzzTarget] = FuzzTarget.allCases) {
        self.campaign = campaign
        self.targets = targets
        seconds = max(0.1, campaign.secondsLeft / Double(targets.count))
    }

    package func run() throws -> CampaignReport {
        var report = CampaignReport("fuzz")
        try prepareSamples()
        for target in targets { try run(target, &report) }
        campaign.tidy(report)
        return report
    }

    private func run(_ target: FuzzTarget, _ report: inout CampaignReport) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        var (first, deaths) = (0, 0)
        while first < campaign.count, ContinuousClock.now < deadline, deaths < 20 {
            let left = Double((deadline - .now) / .milliseconds(1)) / 1000
            let worker = try ProgramRun(
                [
                    Campaign.ownProgram, "fuzz-worker", "--format", target.rawValue, "--folder", campaign.folder, "--seed",
                    "\(campaign.seed)", "--first", "\(first)", "--count", "\(campaign.count - first)", "--seconds", "\(left)",
                ], limit: left + 60)
            let progress = try? FuzzReading.progress(campaign.folder, target)
            if worker.ending == .exit(0) { break }
            deaths += 1
            guard let progress else {
                throw EnduranceError(description: "the reader of \(target.rawValue) does not begin: \(worker.summary)")
            }
            let kept = "\(campaign.folder)/\(target.rawValue)-\(progress.current)"
            try? FileManager.default.removeItem(atPath: kept)
            try FileManager.default.copyItem(atPath: FuzzReading.inputPath(campaign.folder, target), toPath: kept)
            report.failures.append("\(target.rawValue), input \(progress.current) (\(kept)): \(worker.summary)")
            first = progress.current + 1
        }
        let progress = try FuzzReading.progress(campaign.folder, target)
        report.add("\(target.rawValue) inputs", progress.accepted + progress.refused)
        report.add("inputs", progress.accepted + progress.refused)
        report.add("refused", progress.refused)
        report.failures += progress.untyped.prefix(5).map { "\(target.rawValue), \($0)" }
    }

    /// The files of a small run, and a model without its seal, so that changes come to its reader.
    private func prepareSamples() throws {
        let small = try SmallRun(program: campaign.program, in: campaign.folder)
        let samples = campaign.folder + "/samples"
        try small.finish(samples)
        for name in ["square.toml", "recipe-of-the-user.toml"] {
            try? FileManager.default.copyItem(atPath: campaign.folder + "/" + name, toPath: samples + "/" + name)
        }
        try? FileManager.default.copyItem(atPath: samples + "/square.toml", toPath: campaign.folder + "/square.toml")
        try DamageCampaign.array().write(to: URL(fileURLWithPath: samples + "/input.npy"))
        let model = try Safetensors(contentsOf: samples + "/model.safetensors")
        var metadata = model.metadata.filter { $0.key != "sha256" }
        metadata["version"] = "2"
        try Safetensors(tensors: model.tensors, metadata: metadata).write(to: samples + "/model-without-seal.safetensors")
    }
}
