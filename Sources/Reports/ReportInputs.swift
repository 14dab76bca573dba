import Experiments
import Foundation
import Lattices
import Recipes
import Runs
import Storage

/// What the report is made of. Any part may be missing.
package struct ReportInputs {
    /// A file that figures are made of.
    package enum Source: CaseIterable, Sendable {
        case training, learning, trajectory, analysis, coarsening, comparison, costs, simulationAudit, audit

        /// Whether a report is complete without it.
        var isOptional: Bool { [.learning, .coarsening, .costs, .simulationAudit, .audit].contains(self) }

        /// The stage that makes it.
        package var stage: String {
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

extension Comparison {
    /// The comparison itself, if arrays that belong together are of one length.
    ///
    /// - Throws: `StorageError` `.malformed`.
    func checked(path: String) throws -> Comparison {
        func require(_ condition: Bool, _ key: String) throws {
            guard condition else { throw StorageError(.malformed, path: path, problem: "\(key): arrays of different lengths") }
        }
        try require(forces.exact.count == forces.learned.count, "forces.learned")
        try require(forces.errorBins.count == forces.errorDensity.count, "forces.error_density")
        for (k, twin) in twins.enumerated() {
            let name = "twins[\(k)]"
            try require(
                twin.divergence.count == twin.times.count && twin.amplitude.count == twin.times.count, "\(name).divergence")
            for run in [twin.exact, twin.learned] {
                for series in [run.orderParameter, run.domainLength, run.kineticTemperature] {
                    try require(series.count == twin.times.count, "\(name).times")
                }
                try require(
                    run.correlations.count == twin.times.count && run.structureFactors.count == twin.times.count, "\(name).times")
                try require(run.correlations.allSatisfy { $0.count == twin.radii.count }, "\(name).radii")
                try require(run.structureFactors.allSatisfy { $0.count == twin.waveNumbers.count }, "\(name).wave_numbers")
            }
            try require(twin.exact.displacement.count == twin.learned.displacement.count, "\(name).displacement")
        }
        return self
    }
}

extension Analysis {
    /// The analysis itself, if arrays that belong together are of one length.
    ///
    /// - Throws: `StorageError` `.malformed`.
    func checked(path: String) throws -> Analysis {
        let isConsistent =
            series.allSatisfy { $0.values.count == times.count }
            && (frames ?? []).allSatisfy {
                $0.correlation.count == radii?.count && $0.structureFactor.count == waveNumbers?.count
            }
        guard isConsistent else { throw StorageError(.malformed, path: path, problem: "holds arrays of different lengths") }
        return self
    }

    /// The values of the series of that name.
    func values(_ name: String) -> [Double]? { series.first { $0.name == name }?.values }
}

extension Coarsening {
    /// The ensemble itself, if arrays that belong together are of one length.
    ///
    /// - Throws: `StorageError` `.malformed`.
    func checked(path: String) throws -> Coarsening {
        let isConsistent =
            fitWindow.count == 2
            && ensembles.allSatisfy { ensemble in
                ensemble.growth.allSatisfy { growth in
                    growth.values.count == ensemble.times.count && growth.errors.count == ensemble.times.count
                }
                    && ensemble.moments.allSatisfy { moment in
                        [moment.correlation, moment.correlationErrors].allSatisfy { $0.count == ensemble.radii.count }
                            && [moment.structureFactor, moment.structureFactorErrors]
                                .allSatisfy { $0.count == ensemble.waveNumbers.count }
                    }
            }
            && finiteSize.allSatisfy { check in
                [check.ratios, check.errors].allSatisfy { $0.count == ensembles.first?.times.count }
            }
        guard isConsistent else { throw StorageError(.malformed, path: path, problem: "holds arrays of different lengths") }
        return self
    }
}

extension StageContext {
    /// Looks at everything that a report would show: what does not belong to this recipe, or was not made from what is there.
    ///
    /// - Returns: tables and audits that are to be left out, with the reason. They are not stages of a run, or have been left by one
    ///   whose output is another now.
    /// - Throws: ``StageError/recipeChanged(path:differences:isUnfinished:remedy:)``,
    ///   ``StageError/outdated(path:problem:remedy:)`` for everything else.
    func outdatedSources() throws -> [ReportInputs.Source: String] {
        let provenance = Provenance(self)
        try provenance.requireCurrentInputs(of: .report)
        var outdated: [ReportInputs.Source: String] = [:]
        func leaveOut(_ source: ReportInputs.Source, unless belongs: () throws -> Bool, _ reason: String) throws {
            guard directory.exists(source.path(in: directory)), try !belongs() else { return }
            outdated[source] = directory.name(of: source.path(in: directory)) + " " + reason
        }
        func makesModel(_ table: String) throws -> Bool {
            try [StageName.train, .learn].contains { try provenance.belongs(table, to: $0) }
        }
        let hasModel = directory.exists(directory.model)
        try leaveOut(
            .training,
            unless: {
                try hasModel
                    ? TrainingCurve.isThere(in: directory) : makesModel(directory.trainingCurve) || isTraining()
            }, "is not that of the model")
        try leaveOut(
            .learning, unless: { try makesModel(directory.learningTable) || (!hasModel && isTraining()) },
            "is not that of the model")
        try leaveOut(
            .simulationAudit, unless: { try provenance.belongs(directory.auditTable, to: .simulate) || isSimulating() },
            "is not of the trajectory")
        try leaveOut(
            .costs, unless: { try provenance.belongs(directory.costs, to: .compare) },
            "is not known to be what `adiabat compare` wrote here with the comparison")
        do { try provenance.requireCurrent(.audit) } catch let error as StageError {
            outdated[.audit] = "\(error)"
        }
        for reason in outdated.values.sorted() { progress.warning("left out: \(reason)") }
        return outdated
    }

    /// Whether a training of this recipe is under way.
    private func isTraining() throws -> Bool {
        if let text = FileManager.default.contents(atPath: directory.rounds + "/recipe.toml") {
            let other = try recorded(String(decoding: text, as: UTF8.self), path: directory.rounds)
            return StageName.learn.differences(recipe, from: other).allSatisfy(\.isExtent)
        }
        guard let checkpoint = try Checkpoint.load(directory.trainingCheckpoint)?.checkpoint.contents else { return false }
        let other = try recorded(try checkpoint.metadataValue("recipe"), path: directory.trainingCheckpoint)
        return StageName.train.differences(recipe, from: other).allSatisfy(\.isExtent)
    }

    /// Whether the trajectory is one that is still going on.
    private func isSimulating() throws -> Bool {
        guard directory.exists(directory.trajectory) else { return false }
        return try !TrajectoryFile.open(directory.trajectory, lattice: recipe.lattice.geometry).isMerged
    }
}

/// `manifest.json` as lines of a table.
enum ManifestFacts {
    /// Every number and word of the file under its path of keys, in alphabetical order, but for whole recipes and what an earlier report left
    /// there: reports of the same results are the same.
    ///
    /// - Throws: `StorageError` `.unreadable`, or `.malformed` for what is damaged or not JSON.
    static func read(_ path: String) throws -> [(name: String, value: String)] {
        let data = try JSONFile.contents(of: path)
        let root: Any
        do { root = try JSONSerialization.jsonObject(with: data) } catch {
            throw StorageError(.malformed, path: path, problem: "is not JSON: \(error.localizedDescription)")
        }
        return leaves(of: root, under: "").filter {
            !$0.name.hasPrefix("stages · report") && !$0.name.hasPrefix("recipes · ") && !$0.name.hasPrefix("redo · ")
        }
    }

    private static func leaves(of value: Any, under name: String) -> [(name: String, value: String)] {
        func joined(_ key: String) -> String { name.isEmpty ? key : name + " · " + key }
        switch value {
        case let table as [String: Any]:
            return table.keys.sorted().flatMap { leaves(of: table[$0]!, under: joined($0)) }
        case let list as [Any]:
            if list.allSatisfy({ !($0 is [String: Any]) && !($0 is [Any]) }) {
                return [(name, list.map { "\($0)" }.joined(separator: ", "))]
            }
            return list.enumerated().flatMap { leaves(of: $0.element, under: joined("\($0.offset + 1)")) }
        case let number as Double where number != number.rounded(): return [(name, TerminalNumber.text(number))]
        case is NSNull: return [(name, "none")]
        default: return [(name, "\(value)")]
        }
    }
}
