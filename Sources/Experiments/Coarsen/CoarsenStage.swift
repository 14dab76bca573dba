import Foundation
import Lattices
import Observables
import Recipes
import Runs
import Storage

extension Stages {
    /// The ensemble of `[coarsening]`: quenches from independent seeds on lattices of several sizes, and what they show together,
    /// into `coarsening.json` and `coarsening.csv`.
    ///
    /// Every quench is ``simulate(_:)`` in a folder of its own, so that it saves its state, goes on after an interruption and is
    /// audited as any other; a finished one is not repeated. The analysis is made anew every time.
    ///
    /// - Throws: ``RecipeError`` without the table `[coarsening]`, and what ``simulate(_:)`` throws.
    public static func coarsen(_ context: StageContext) throws -> StageSummary {
        try context.require([.coarsen])
        let context = try context.resolved()
        return try context.recorded {
            let stage = try CoarsenStage(context)
            let wrapped = context.warnOfWrappedForces(in: .coarsen)
            try stage.runQuenches()
            let directory = context.directory
            let coarsening = try context.onFirstRank {
                let coarsening = try stage.analyze()
                try JSONFile.write(coarsening, to: directory.coarsening)
                try CoarseningTable.write(coarsening, to: directory.coarseningTable)
                return coarsening
            }
            return StageSummary(
                stage: "coarsen", ran: true, outputs: [directory.coarsening, directory.coarseningTable],
                inputs: stage.trajectories,
                facts: CoarseningFacts(coarsening).facts + wrapped)
        }
    }
}

/// One run of the stage.
private struct CoarsenStage {
    private struct Quench {
        let number: Int
        let lattice: Int
        let directory: RunDirectory
    }

    private let context: StageContext
    private let settings: CoarseningSettings
    private let quenches: [Quench]

    init(_ context: StageContext) throws {
        guard let settings = context.recipe.coarsening else { preconditionFailure("a recipe with the table [coarsening]") }
        self.context = context
        self.settings = settings
        quenches = settings.sizes.indices.flatMap { lattice in
            (1...settings.quenches(onLattice: lattice)).map { number in
                Quench(
                    number: number, lattice: lattice,
                    directory: QuenchDirectory.directory(
                        ofQuench: number, size: settings.sizes[lattice], in: context.directory))
            }
        }
    }

    /// The paths of all trajectories.
    var trajectories: [String] { quenches.map(\.directory.trajectory) }

    /// Refuses a quench of another recipe or model before any of them is begun or gone on with. On the first rank.
    private func requireBeginnings(modelDigest: String) throws {
        for quench in quenches where context.directory.exists(quench.directory.trajectory) {
            let file = try TrajectoryFile.open(quench.directory.trajectory, lattice: context.recipe.lattice.geometry)
            guard file.isMerged || context.resume != .fresh else { continue }
            try part(quench, progress: context.progress).requireBeginning(file, modelDigest: modelDigest)
        }
    }

    private func part(_ quench: Quench, progress: any ProgressReporter) -> StageContext {
        context.part(
            context.recipe.quench(quench.number, onLattice: quench.lattice), in: quench.directory, progress: progress)
    }

    /// Runs every quench that is not finished, one after the other, each with all threads.
    func runQuenches() throws {
        let source = try ForceSource(context)
        try context.doOnFirstRank {
            if context.resume == .required, !context.directory.exists(context.directory.quenches) {
                throw StageError.nothingToResume(stage: "ensemble", directory: context.directory.path)
            }
            try requireBeginnings(modelDigest: source.modelDigest)
            try context.prepareDirectory()
        }
        let recipe = context.recipe
        let sites = settings.sizes.map { Double(recipe.supercell($0).siteCount) }
        let weights = sites.map { $0 / sites.min()! }
        let pieces = quenches.map { Int(Double(recipe.simulate.steps) * weights[$0.lattice]) }
        context.progress.begin(stage: "coarsen", total: pieces.reduce(0, +))
        var finished = 0
        for (quench, pieces) in zip(quenches, pieces) {
            let progress = EnsembleProgress(
                whole: context.progress, finished: finished, weight: weights[quench.lattice],
                name: "\(sizeText(settings.sizes[quench.lattice])), quench \(quench.number)")
            _ = try Stages.quench(part(quench, progress: progress))
            finished += pieces
        }
        context.progress.end(summary: "\(quenches.count) quenches")
    }

    func analyze() throws -> Coarsening {
        let recipe = context.recipe
        let order = settings.sizes.indices.sorted {
            recipe.supercell(settings.sizes[$0]).siteCount > recipe.supercell(settings.sizes[$1]).siteCount
        }
        let analyses = try order.map { lattice in
            try EnsembleAnalysis(
                quenches.filter { $0.lattice == lattice }.map(\.directory.trajectory), size: settings.sizes[lattice],
                settings: settings, lattice: recipe.lattice.geometry, pool: context.pool,
                check: context.interruption.check)
        }
        let smaller = analyses.dropFirst()
        return Coarsening(
            title: recipe.title, forceField: recipe.simulate.forceField.rawValue, fitWindow: settings.fitWindow,
            allenCahnExponent: recipe.lattice.geometry.dimension > 1 ? GrowthExponent.allenCahn : .nan,
            ensembles: analyses.map(\.ensemble),
            finiteSize: smaller.flatMap { small in
                Coarsening.LengthName.allCases.map { FiniteSizeCheck.compare(small, with: analyses[0], $0) }
            })
    }
}

/// Where the quenches of an ensemble are: `coarsening/256x256/quench-01`, …, each a run directory of its own that shares the
/// model of the run above it.
package enum QuenchDirectory {
    package static func directory(ofQuench quench: Int, size: [Int], in run: RunDirectory) -> RunDirectory {
        let digits = quench < 10 ? "0\(quench)" : "\(quench)"
        return RunDirectory(
            "\(run.quenches)/\(size.map(String.init).joined(separator: "x"))/quench-\(digits)", modelOf: run)
    }
}

/// What the analysis of an ensemble needs of one quench.
struct QuenchRecord {
    /// L over time by ``Coarsening/LengthName``, on all samples of the trajectory.
    let growth: [Coarsening.LengthName: [Double]]
    /// One entry a frame that was looked at.
    let frames: [Frame]

    struct Frame {
        let meanSquare: Double
        let lengths: [Coarsening.LengthName: Double]
        /// Staggered C(r)/C(0).
        let correlation: [Double]
        /// S(q)/C(0).
        let structureFactor: [Double]
    }

    /// - Parameter indices: of the frames to look at.
    init(_ file: TrajectoryFile, frames indices: [Int], spectrum: LatticeSpectrum) throws {
        growth = Dictionary(
            uniqueKeysWithValues: try Coarsening.LengthName.allCases.map { ($0, try file.observable($0.rawValue)) })
        frames = try indices.map { try Frame(try file.displacement(frame: $0), spectrum) }
    }
}

extension QuenchRecord.Frame {
    init(_ displacement: SiteField, _ spectrum: LatticeSpectrum) throws {
        let (structureFactor, correlation) = try spectrum.structureFactorAndCorrelation(of: displacement)
        let profile = correlation.radialAverage().values
        let meanSquare = profile[0]
        self.init(
            meanSquare: meanSquare,
            lengths: [
                .correlationLength: correlation.halfHeightLength ?? .nan, .domainLength: structureFactor.domainLength() ?? .nan,
            ],
            correlation: profile.map { $0 / meanSquare },
            structureFactor: structureFactor.radialAverage().values.map { $0 / meanSquare })
    }
}

/// Shows the quenches of an ensemble as one piece of work: a step is worth as many pieces as its lattice has sites, in units of the
/// smallest lattice.
struct EnsembleProgress: ProgressReporter {
    let whole: any ProgressReporter
    /// Pieces before this quench began.
    let finished: Int
    /// What a step is worth.
    let weight: Double
    let name: String

    func begin(stage: String, total: Int) {}

    func update(done: Int, detail: String) {
        whole.update(done: finished + Int(Double(done) * weight), detail: detail.isEmpty ? name : "\(name): \(detail)")
    }

    func end(summary: String) {}

    func message(_ text: String) { whole.message(text) }

    func warning(_ text: String) { whole.warning("\(name): \(text)") }
}
