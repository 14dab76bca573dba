import Foundation
import Storage

/// `manifest.json`: what made the files of a run directory. Times and host differ from run to run; everything else repeats.
struct Manifest: Codable {
    struct Stage: Codable {
        /// When it ended, ISO 8601, UTC.
        let finished: String
        /// Of the call that finished it; an interrupted stage took longer.
        let seconds: Double
        let threads: Int
        /// SHA-256 of what it wrote, by the path in the run directory.
        let outputs: [String: String]
    }

    /// Unfinished work of another recipe that was gone on with.
    struct ForcedResume: Codable, Equatable {
        let stage: String
        /// Steps or epochs that were done before; nil where they are not counted.
        let step: Int?
        /// The keys that differ, with the old and the new value.
        let differences: [String]
    }

    var program: String
    var seed: UInt64
    var recipeDigest: String
    var host: HostFacts
    /// How options of solvers were found that the recipe leaves open.
    var accuracyChoices: [AccuracyChoice]?
    var forcedResumes: [ForcedResume]?
    var stages: [String: Stage]

    /// The manifest of a run; nil if there is none that can be read.
    static func recorded(in directory: RunDirectory) -> Manifest? {
        directory.exists(directory.manifest) ? try? JSONFile.read(Manifest.self, from: directory.manifest) : nil
    }

    /// The manifest of a run as the present program and recipe go on with it.
    private static func continued(_ context: StageContext) -> Manifest {
        let recorded = recorded(in: context.directory)
        if recorded == nil, context.directory.exists(context.directory.manifest) {
            context.progress.warning(
                "\(context.directory.manifest) is damaged or of another version of this program; it is begun anew")
        }
        let choices = context.recipe.accuracyChoices
        return Manifest(
            program: "adiabat \(AdiabatVersion.current)", seed: context.recipe.seed, recipeDigest: context.recipe.fingerprint(),
            host: HostFacts(), accuracyChoices: choices.isEmpty ? recorded?.accuracyChoices : choices,
            forcedResumes: recorded?.forcedResumes, stages: recorded?.stages ?? [:])
    }

    /// Whether a stage was forced before to go on with work that differs in just these keys.
    static func allows(_ differences: [String], in stage: String, of directory: RunDirectory) -> Bool {
        recorded(in: directory)?.forcedResumes?.contains { $0.stage == stage && $0.differences == differences } ?? false
    }

    /// Enters work that is gone on with although another recipe began it.
    static func allow(_ forced: ForcedResume, context: StageContext) throws {
        var manifest = continued(context)
        manifest.forcedResumes = (manifest.forcedResumes ?? []) + [forced]
        try JSONFile.write(manifest, to: context.directory.manifest)
    }

    /// Whether a stage has its entry: a kill may come between a stage's last file and this one.
    static func lists(_ stage: String, in directory: RunDirectory) -> Bool {
        recorded(in: directory)?.stages[stage] != nil
    }

    /// Adds what a stage has just done to the manifest of its run.
    static func record(_ summary: StageSummary, seconds: Double, context: StageContext) throws {
        let outputs = try summary.outputs.filter { !$0.hasSuffix("/") }.map { file in
            (context.directory.name(of: file), try Digest.sha256(ofFile: file))
        }
        let stage = Stage(
            finished: Date.now.formatted(.iso8601), seconds: seconds, threads: context.pool.threads,
            outputs: Dictionary(outputs, uniquingKeysWith: { $1 }))
        var manifest = continued(context)
        manifest.stages[summary.stage] = stage
        try JSONFile.write(manifest, to: context.directory.manifest)
    }
}

extension StageContext {
    /// Runs a stage alone in its directory and enters it in the manifest if it did anything or has no entry.
    ///
    /// - Throws: what the stage throws; ``WorkflowInterrupted`` says why it was stopped. ``StageError/directoryInUse(path:holder:)``.
    func recorded(_ stage: () throws -> StageSummary) throws -> StageSummary {
        try doOnFirstRank {
            // A stage that makes the directory takes the lock then.
            if directory.exists(directory.path) { try lock.acquire(warning: progress.warning) }
        }
        defer { lock.release() }
        let start = ContinuousClock.now
        let summary: StageSummary
        do { summary = try stage() } catch is WorkflowInterrupted {
            // Clocks differ a little: the end of the time of one rank is that of all.
            throw WorkflowInterrupted(communicator.any(interruption.reason == .timeLimit) ? .timeLimit : .request)
        }
        try doOnFirstRank {
            if summary.ran || !Manifest.lists(summary.stage, in: directory) {
                try Manifest.record(summary, seconds: (ContinuousClock.now - start).inSeconds, context: self)
            }
        }
        return summary
    }
}
