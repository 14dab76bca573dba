import Foundation

/// Kills, stops and checkpoints at random moments, again and again until the run is finished; its files must then be those of a run
/// that nobody disturbed. Where there is h5py, another program reads the trajectory all the while.
package struct KillCampaign {
    let campaign: Campaign
    /// What starts several processes, its last argument being the option for their number; nil: one process, started directly.
    let launcher: [String]?
    let ranks: [Int]

    package init(_ campaign: Campaign, launcher: [String]? = nil, ranks: [Int] = [1]) {
        self.campaign = campaign
        self.launcher = launcher
        self.ranks = ranks
    }

    package func run() throws -> CampaignReport {
        var report = CampaignReport("kill")
        let small = try SmallRun(program: campaign.program, in: campaign.folder)
        let reference = campaign.folder + "/undisturbed"
        let seconds = try small.finish(reference)
        let expected = try RunFiles(reference)
        var generator = SeededGenerator(seed: campaign.seed)
        var runs = 0
        while campaign.goesOn(after: report.disturbances) {
            runs += 1
            let output = campaign.folder + "/killed-\(runs)"
            do {
                for stage in SmallRun.stages {
                    try finish(stage, small, output, seconds[stage]!, &generator, &report)
                }
                let differences = try RunFiles(output).differences(from: expected)
                report.add("runs finished")
                guard differences.isEmpty else { throw EnduranceError(description: differences.joined(separator: ", ")) }
                try FileManager.default.removeItem(atPath: output)
            } catch let error as EnduranceError {
                report.failures.append("\(output): \(error)")
            }
        }
        campaign.tidy(report)
        return report
    }

    /// Repeats a stage, disturbed, until it ends by itself.
    private func finish(
        _ stage: String, _ small: SmallRun, _ output: String, _ seconds: Double, _ generator: inout SeededGenerator,
        _ report: inout CampaignReport
    ) throws {
        let trajectory = output + "/trajectory.h5"
        let reader = try stage == "simulate" ? TrajectoryReader.python.map { try TrajectoryReader(trajectory, python: $0) } : nil
        var isRead = false
        defer { if !isRead { _ = try? reader?.finish() } }
        while true {
            // Beyond the time or the number of disturbances the run is finished in peace.
            let disturbance: Disturbance? =
                campaign.goesOn(after: report.disturbances)
                ? Disturbance(within: seconds, isLaunched: launcher != nil, &generator) : nil
            var command = small.command(stage, output: output) + (disturbance?.arguments ?? [])
            if let launcher { command = launcher + ["\(ranks.randomElement(using: &generator)!)"] + command }
            let run = try ProgramRun(command, events: disturbance?.events ?? [], limit: 300)
            if run.ending == .exit(0) {
                isRead = true
                if let reader { report.add("reads by h5py", try reader.finish()) }
                return
            }
            guard let disturbance, disturbance.explains(run.ending) else {
                throw EnduranceError(description: "`adiabat \(stage)` ends with \(run.summary)")
            }
            report.add(disturbance.name)
            try checkReadable(small, output, &report)
        }
    }

    /// What a kill leaves of the trajectory can be looked at.
    private func checkReadable(_ small: SmallRun, _ output: String, _ report: inout CampaignReport) throws {
        let trajectory = output + "/trajectory.h5"
        guard FileManager.default.fileExists(atPath: trajectory) else { return }
        let run = try ProgramRun([small.program, "inspect", trajectory])
        guard run.ending == .exit(0) else {
            throw EnduranceError(description: "`adiabat inspect \(trajectory)` after a kill ends with \(run.summary)")
        }
        report.add("trajectories read after a kill")
    }
}

extension CampaignReport {
    /// Kills, stops and limits of time so far.
    fileprivate var disturbances: Int { Disturbance.names.reduce(0) { $0 + (outcomes[$1] ?? 0) } }
}

/// What happens to the program in the midst of its work.
private struct Disturbance {
    let name: String
    let events: [(after: Double, event: ProgramRun.Event)]
    let arguments: [String]
    private let endings: [ProgramRun.Ending]
    private let isLaunched: Bool

    static let names = ["SIGKILL", "SIGUSR1 and SIGKILL", "SIGTERM", "--max-hours"]

    /// - Parameter seconds: that the work takes undisturbed.
    init(within seconds: Double, isLaunched: Bool, _ generator: inout SeededGenerator) {
        let moment = Double.random(in: 0..<1.1 * seconds, using: &generator)
        let kill: ProgramRun.Event = isLaunched ? .killOfRank : .signal(SIGKILL)
        self.isLaunched = isLaunched
        switch Int.random(in: 0..<10, using: &generator) {
        case 0:
            (name, arguments, endings) = (Self.names[3], ["--max-hours", "\(moment / 3600)"], [.exit(85)])
            events = []
        case 1:
            (name, arguments, endings) = (Self.names[2], [], [.exit(75), .signal(SIGTERM)])
            events = [(moment, .signal(SIGTERM))]
        case 2:
            (name, arguments, endings) = (Self.names[1], [], [.signal(SIGKILL), .signal(SIGUSR1)])
            // Not before the handlers are there.
            let first = max(moment / 2, 0.2)
            events = [(first, .signal(SIGUSR1)), (max(moment, first), kill)]
        default:
            (name, arguments, endings) = (Self.names[0], [], [.signal(SIGKILL)])
            events = [(moment, kill)]
        }
    }

    /// Whether the ending is what the disturbance should bring about; a launcher has codes of its own.
    func explains(_ ending: ProgramRun.Ending) -> Bool {
        if isLaunched, ending != .hang, ending != .exit(65), ending != .exit(70) { return true }
        return endings.contains(ending)
    }
}
