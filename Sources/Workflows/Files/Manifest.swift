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
        /// SHA-256 of what it wrote, by file name.
        let outputs: [String: String]
    }

    var program: String
    var seed: UInt64
    var recipeDigest: String
    var host: HostFacts
    /// How options of solvers were found that the recipe leaves open.
    var accuracyChoices: [AccuracyChoice]?
    var stages: [String: Stage]

    /// The manifest of a run; nil if there is none that can be read.
    private static func recorded(in directory: RunDirectory) -> Manifest? {
        directory.exists(directory.manifest) ? try? JSONFile.read(Manifest.self, from: directory.manifest) : nil
    }

    /// Whether a stage has its entry: a kill may come between a stage's last file and this one.
    static func lists(_ stage: String, in directory: RunDirectory) -> Bool {
        recorded(in: directory)?.stages[stage] != nil
    }

    /// Adds what a stage has just done to the manifest of its run.
    static func record(_ summary: StageSummary, seconds: Double, context: StageContext) throws {
        let path = context.directory.manifest
        let recorded = recorded(in: context.directory)
        let outputs = try summary.outputs.filter { !$0.hasSuffix("/") }.map { file in
            (URL(fileURLWithPath: file).lastPathComponent, try Digest.sha256(ofFile: file))
        }
        let stage = Stage(
            finished: Date.now.formatted(.iso8601), seconds: seconds, threads: context.pool.threads,
            outputs: Dictionary(outputs, uniquingKeysWith: { $1 }))
        let choices = context.recipe.accuracyChoices
        var manifest = Manifest(
            program: "adiabat \(AdiabatVersion.current)", seed: context.recipe.seed, recipeDigest: context.recipe.fingerprint(),
            host: HostFacts(), accuracyChoices: choices.isEmpty ? recorded?.accuracyChoices : choices,
            stages: recorded?.stages ?? [:])
        manifest.stages[summary.stage] = stage
        try JSONFile.write(manifest, to: path)
    }
}

extension StageContext {
    /// Runs a stage and enters it in the manifest if it did anything or has no entry.
    func recorded(_ stage: () throws -> StageSummary) throws -> StageSummary {
        let start = ContinuousClock.now
        let summary = try stage()
        if summary.ran || !Manifest.lists(summary.stage, in: directory) {
            try Manifest.record(summary, seconds: (ContinuousClock.now - start).inSeconds, context: self)
        }
        return summary
    }
}
