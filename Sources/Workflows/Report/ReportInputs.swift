import Foundation
import Lattices
import Storage

/// What the report is made of. Any part may be missing.
package struct ReportInputs {
    /// A file that figures are made of.
    package enum Source: CaseIterable, Sendable {
        case training, learning, trajectory, analysis, coarsening, comparison, costs, simulationAudit, audit

        /// Whether a report is complete without it.
        var isOptional: Bool { [.learning, .coarsening, .costs, .simulationAudit, .audit].contains(self) }

        /// The stage that makes it.
        var stage: String {
            switch self {
            case .training: "train"
            case .learning: "learn"
            case .trajectory: "simulate"
            case .analysis: "analyze"
            case .coarsening: "coarsen"
            case .comparison, .costs: "compare"
            case .simulationAudit: "simulate"
            case .audit: "audit"
            }
        }

        func path(in directory: RunDirectory) -> String {
            switch self {
            case .training: directory.trainingCurve
            case .learning: directory.learningTable
            case .trajectory: directory.trajectory
            case .analysis: directory.analysis
            case .coarsening: directory.coarsening
            case .comparison: directory.comparison
            case .costs: directory.costs
            case .simulationAudit: directory.auditTable
            case .audit: directory.audit
            }
        }
    }

    /// The displacement at one time of a run.
    package struct Frame {
        let time: Double
        let displacement: SiteField

        package init(time: Double, displacement: SiteField) {
            self.time = time
            self.displacement = displacement
        }
    }

    let recipe: Recipe
    let comparison: Comparison?
    /// What forces cost where the comparison was made; empty if that is not known.
    let costs: [ForceCosts.Cost]
    let analysis: Analysis?
    /// The ensemble of quenches, if there is one.
    let coarsening: Coarsening?
    /// Frames of its first quench on the largest lattice, if that is there.
    let quenchFrames: [Frame]?
    let trainingCurve: TrainingCurve?
    /// The rounds of active learning, if there were any.
    let learning: [LearningRound]?
    /// The audits during the large run, if it has made any.
    let simulationAudit: [AuditLine]?
    /// The audit of a trajectory, if it lies here.
    let audit: AuditPicture?
    /// Frames of the trajectory to show, in the order of time, those of a chain evenly spaced; nil without a trajectory.
    package var frames: [Frame]?
    private let hasModel: Bool
    /// What was read.
    let sources: [Source]
    /// What is there and was not read, with the reason.
    let outdated: [Source: String]
    /// `manifest.json`, as names and values in alphabetical order.
    let manifest: [(name: String, value: String)]

    /// Reads what is in the run directory.
    ///
    /// - Parameter outdated: what is left out, with the reason.
    /// - Throws: ``StageError/missingInput(path:stage:)`` if nothing is there, `StorageError` for a file that cannot be read.
    package init(_ context: StageContext, without outdated: [Source: String] = [:]) throws {
        let directory = context.directory
        let present = Source.allCases.filter { directory.exists($0.path(in: directory)) && outdated[$0] == nil }
        sources = present
        hasModel = directory.exists(directory.model)
        self.outdated = outdated
        guard !present.isEmpty else {
            throw StageError.missingInput(path: directory.comparison, stage: Source.comparison.stage)
        }
        func read<Value>(_ source: Source, _ body: (String) throws -> Value) throws -> Value? {
            present.contains(source) ? try body(source.path(in: directory)) : nil
        }
        recipe = context.recipe
        comparison = try read(.comparison) { try JSONFile.read(Comparison.self, from: $0).checked(path: $0) }
        costs = try read(.costs) { try JSONFile.read(ForceCosts.self, from: $0).costs } ?? []
        analysis = try read(.analysis) { try JSONFile.read(Analysis.self, from: $0).checked(path: $0) }
        let coarsening = try read(.coarsening) { try JSONFile.read(Coarsening.self, from: $0).checked(path: $0) }
        self.coarsening = coarsening
        let quench = coarsening?.ensembles.first.map {
            QuenchDirectory.directory(ofQuench: 1, size: $0.size, in: directory).trajectory
        }
        trainingCurve = try read(.training, TrainingCurve.init(contentsOf:))
        learning = try read(.learning, LearningTable.read)
        simulationAudit = try read(.simulationAudit, AuditTable.read)
        audit = try read(.audit) { path in
            try AuditPicture(contentsOf: path, frames: directory.auditFrames, lattice: context.recipe.lattice)
        }
        func frames(_ path: String) throws -> [Frame] {
            let file = try TrajectoryFile.open(path, lattice: context.recipe.lattice.geometry)
            let isChain = file.supercell.size.count == 1
            let steps = file.frameSteps.prefix(file.frameCount)
            let shown = isChain ? evenlySpaced(steps, sites: file.supercell.siteCount) : spread(count: 4, over: steps.count)
            return try shown.map { Frame(time: file.frameTimes[$0], displacement: try file.displacement(frame: $0)) }
        }
        quenchFrames = try quench.flatMap { directory.exists($0) ? try frames($0) : nil }
        self.frames = try read(.trajectory, frames)
        manifest = directory.exists(directory.manifest) ? try ManifestFacts.read(directory.manifest) : []
    }

    /// Whether the report is complete without a source that is not there: an ensemble takes the place of the one large run, and a
    /// model that came from elsewhere has left its learning curve there.
    func canDo(without source: Source) -> Bool {
        source.isOptional || (source == .training && hasModel)
            || (coarsening != nil && [.trajectory, .analysis].contains(source))
    }
}

/// Indices of steps at equal distances from the first on: rows of a picture over space and time, 400 at most, and fewer of a chain so
/// long that memory would be short.
private func evenlySpaced(_ steps: ArraySlice<Int>, sites: Int) -> [Int] {
    guard steps.count > 1 else { return Array(steps.indices) }
    let interval = steps[1] - steps[0]
    // The last step of a run may follow sooner.
    let even = steps.indices.filter { (steps[$0] - steps[0]) % interval == 0 }
    let rows = max(2, min(400, (1 << 24) / sites))
    return stride(from: 0, to: even.count, by: (even.count + rows - 1) / rows).map { even[$0] }
}

/// At most `count` of the indices 0..<total, from the second to the last in geometric progression: what coarsens does so ever
/// more slowly, and the first frame is the hot start. The only index if there is but one.
func spread(count: Int, over total: Int) -> [Int] {
    guard total > 1 else { return Array(0..<total) }
    let last = Double(total - 1)
    let indices = (0..<count).map { Int(pow(last, Double($0) / Double(count - 1)).rounded()) }
    return indices.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
}

extension ReportInputs {
    /// A lattice of some size in words: its sites, or its cells if a cell has several sites.
    func extent(_ size: [Int]) -> String {
        sizeText(size) + (recipe.lattice.geometry.basis.count == 1 ? " sites" : " cells")
    }
}
