import Foundation
import LatticeNumerics
import Recipes
import Storage

/// `manifest.json`: what made the files of a run directory. Times and host differ from run to run; everything else repeats.
package struct Manifest: Codable {
    package struct Stage: Codable {
        /// When it ended, ISO 8601, UTC.
        let finished: String
        /// Of the call that finished it; an interrupted stage took longer.
        let seconds: Double
        let threads: Int
        /// The digest of the recipe, one of the manifest's `recipes`; nil in manifests of earlier versions.
        var recipe: String?
        /// Digests of what it was made from, ``Manifest/digest(ofInput:_:)``, by the path in the run directory, or the whole path of
        /// what lies elsewhere.
        package var inputs: [String: String]?
        /// SHA-256 of what it wrote, by the path in the run directory.
        let outputs: [String: String]
        /// True if the stage found the outputs complete without having made them, as files from elsewhere are.
        var found: Bool?
    }

    /// A recipe that made some of the files.
    struct RecordedRecipe: Codable {
        /// As TOML with all defaults.
        let text: String
        /// The lattice as the text of a lattice file, which may have changed since.
        let lattice: String
    }

    /// A stage that is being done again.
    package struct Redo: Codable, Equatable {
        let stage: StageName
        /// The stage with which it is over: itself, or the last of a run.
        let through: StageName
        /// The digest of the recipe it is done again with.
        let recipe: String

        package init(stage: StageName, through: StageName, recipe: String) {
            self.stage = stage
            self.through = through
            self.recipe = recipe
        }
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
    /// The stage that is being done again; nil if that is over.
    package var redo: Redo?
    /// Every recipe that made one of the files, by its digest.
    var recipes: [String: RecordedRecipe]?
    package var stages: [String: Stage]

    /// The manifest of a run; nil if there is none that can be read.
    package static func recorded(in directory: RunDirectory) -> Manifest? {
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
            forcedResumes: recorded?.forcedResumes, redo: recorded?.redo, recipes: recorded?.recipes,
            stages: recorded?.stages ?? [:])
    }

    /// Writes `recipe.toml`, and names the same recipe in the manifest if there is one.
    package static func recordRecipe(_ context: StageContext) throws {
        try AtomicFile.write(context.recipe.resolvedTOML, to: context.directory.recipe)
        if let recorded = recorded(in: context.directory), recorded.recipeDigest != context.recipe.fingerprint() {
            try JSONFile.write(continued(context), to: context.directory.manifest)
        }
    }

    /// Changes the manifest of a run.
    package static func change(_ context: StageContext, _ body: (inout Manifest) -> Void) throws {
        var manifest = recorded(in: context.directory) ?? continued(context)
        body(&manifest)
        manifest.forgetUnusedRecipes()
        try JSONFile.write(manifest, to: context.directory.manifest)
    }

    private mutating func forgetUnusedRecipes() {
        let used = Set(stages.values.compactMap(\.recipe))
        recipes = recipes?.filter { used.contains($0.key) }
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

    private static func digests(
        of files: [String], name: (String) -> String, digest: (String) throws -> String = { try Digest.sha256(ofFile: $0) }
    ) throws -> [String: String] {
        let entries = try files.map { (name($0), try digest($0)) }
        return Dictionary(entries) { $1 }
    }

    /// What tells a file from another one as an input: the SHA-256 of data counts their numbers alone, so that the same data may be
    /// made again by a recipe that differs in what does not decide about them.
    static func digest(ofInput path: String, _ whole: (String) throws -> String) throws -> String {
        let isData =
            URL(fileURLWithPath: path).lastPathComponent == URL(fileURLWithPath: RunDirectory("").dataset).lastPathComponent
        return try isData ? DatasetFile.digest(ofNumbers: path) : whole(path)
    }

    /// Adds what a stage has just done, or found to be done, to the manifest of its run, and the recipe of both to the folder.
    ///
    /// Work that was there and has its entry keeps it. A kill may come between a stage's last file and its entry.
    package static func record(_ summary: StageSummary, seconds: Double, context: StageContext) throws {
        let directory = context.directory
        let outputs = try digests(of: summary.outputs.filter { !$0.hasSuffix("/") }, name: directory.name(of:))
        let known = recorded(in: directory)?.stages[summary.stage]
        let isKnown = known?.outputs == outputs
        // Earlier versions did not enter what it was made from.
        if !summary.ran, isKnown, known?.recipe != nil { return }
        let hasMade =
            summary.ran || isKnown
            || known == nil && StageName(rawValue: summary.stage)?.hasLeftTraces(in: directory) == true
        let isOfRun = summary.stage != StageName.audit.rawValue
        var manifest = continued(context)
        if !isOfRun, let recorded = recorded(in: directory) {
            // An audit may be of a trajectory that an earlier recipe made.
            (manifest.seed, manifest.recipeDigest) = (recorded.seed, recorded.recipeDigest)
        }
        let fingerprint = context.recipe.fingerprint()
        manifest.recipes = (manifest.recipes ?? [:]).merging([
            fingerprint: RecordedRecipe(
                text: context.recipe.resolvedTOML, lattice: LatticeFile.text(of: context.recipe.lattice.geometry))
        ]) { $1 }
        manifest.stages[summary.stage] = Stage(
            finished: Date.now.formatted(.iso8601), seconds: seconds, threads: context.pool.threads, recipe: fingerprint,
            inputs: try digests(of: summary.inputs.filter(directory.exists), name: directory.name(ofInput:)) {
                try Self.digest(ofInput: $0) { try Digest.sha256(ofFile: $0) }
            }, outputs: outputs,
            found: hasMade ? nil : true)
        manifest.forgetUnusedRecipes()
        if manifest.redo?.through.rawValue == summary.stage { manifest.redo = nil }
        if isOfRun { try AtomicFile.write(context.recipe.resolvedTOML, to: directory.recipe) }
        try JSONFile.write(manifest, to: directory.manifest)
    }
}

extension StageContext {
    /// Runs a stage alone in its directory and enters it in the manifest if it did anything or has no entry.
    ///
    /// - Parameter clean: removes what is needed no more when the entry is there; on the first rank.
    /// - Throws: what the stage throws; ``WorkflowInterrupted`` says why it was stopped. ``StageError/directoryInUse(path:holder:)``.
    package func recorded(thenRemoving clean: () throws -> Void = {}, _ stage: () throws -> StageSummary) throws -> StageSummary {
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
            try Manifest.record(summary, seconds: (ContinuousClock.now - start).inSeconds, context: self)
            try clean()
        }
        return summary
    }
}

/// The machine a result was made on, as far as its speed depends on it.
public struct HostFacts: Sendable, Codable {
    /// Model name of the processor.
    public let processor: String
    /// Processor cores.
    public let cores: Int
    /// Memory in GiB, rounded; nil in a manifest of an earlier version.
    public let memory: Double?
    /// The operating system and its version.
    public let system: String
    /// The build of OpenBLAS and the kernels it runs.
    public let linearAlgebra: String
    /// The processors that the program was built for and the kernels: where they are the same, so are the bits of results. nil in
    /// manifests of earlier versions.
    public let arithmetic: String?

    /// This machine.
    public init() {
        let information = ProcessInfo.processInfo
        let description = FileManager.default.contents(atPath: "/proc/cpuinfo").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let model = description.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":", maxSplits: 1)
            .last
        processor = model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
        cores = information.processorCount
        memory = (Double(information.physicalMemory) / 0x1p30).rounded()
        system = information.operatingSystemVersionString
        linearAlgebra = BLAS.configuration
        arithmetic = BLAS.arithmetic
    }
}
