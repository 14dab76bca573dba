import Observables
import Runs
import Storage

extension Stages {
    /// What `trajectory.h5` shows: energies, temperature and order over time, and, where there is a Fourier transform, the structure
    /// of its frames, into `analysis.json`.
    public static func analyze(_ context: StageContext) throws -> StageSummary {
        try context.recordedOnFirstRank { context in
            let directory = context.directory
            try context.requireInputs(of: .analyze)
            try Provenance(context).requireCurrentInputs(of: .analyze)
            let file = try TrajectoryFile.open(directory.trajectory, lattice: context.recipe.lattice.geometry)
            let summaries = Dictionary(uniqueKeysWithValues: ObservableSet.standard.map { ($0.name, $0.summary) })
            let series = try file.observableNames.map {
                Analysis.Series(name: $0, summary: summaries[$0] ?? $0, values: try file.statedObservable($0))
            }
            var analysis = Analysis(
                title: context.recipe.title, size: file.supercell.size, forceField: file.forceField,
                times: Array(file.sampleTimes.prefix(file.sampleCount)), series: series)
            try addStructure(of: file, to: &analysis, context)
            try JSONFile.write(analysis, to: directory.analysis)
            return StageSummary(
                stage: "analyze", ran: true, outputs: [directory.analysis], inputs: [directory.trajectory],
                facts: [.init("samples", "\(analysis.times.count)"), .init("frames", "\(file.frameCount)")]
                    + (analysis.frames == nil
                        ? [.init("structure", "left out: it needs one site a cell and every direction periodic")] : []))
        }
    }

    /// Correlation functions and structure factors of all frames; nothing on a supercell without Fourier transform.
    private static func addStructure(of file: TrajectoryFile, to analysis: inout Analysis, _ context: StageContext) throws {
        guard let spectrum = try? LatticeSpectrum(file.supercell, kind: file.kind) else { return }
        context.progress.begin(stage: "analyze", total: file.frameCount)
        var frames: [Analysis.Frame] = []
        for index in 0..<file.frameCount {
            try context.interruption.check()
            let displacement = try file.displacement(frame: index)
            let structure = try spectrum.structure(of: displacement)
            (analysis.radii, analysis.waveNumbers) = (structure.radii, structure.waveNumbers)
            frames.append(
                Analysis.Frame(
                    step: file.frameSteps[index], time: file.frameTimes[index], correlation: structure.correlation,
                    structureFactor: structure.structureFactor))
            if index == file.frameCount - 1 {
                analysis.finalStructureFactor = try spectrum.structureFactor(of: displacement).values
            }
            context.progress.update(done: index + 1, detail: "")
        }
        analysis.frames = frames
        context.progress.end(summary: "\(frames.count) frames")
    }
}

/// What `analyze` finds in a trajectory, as written to `analysis.json`. NaN (null in the file) where a number is not defined: the
/// length of domains is given between two lattice constants and a quarter of the side (`DomainLengthRange`).
///
/// A trajectory is one run: there is no growth exponent, whose error only an ensemble tells (``Coarsening``). The structure, from
/// `radii` on, needs Fourier transforms; it is left out for lattices with several sites a cell and for open ends.
///
/// Q₀ is the ordering wave vector, (π, π) on the square lattice; without two sublattices Q₀ = 0 and C(r) is not staggered.
public struct Analysis: Sendable, Codable {
    /// A scalar at every observable interval.
    public struct Series: Sendable, Codable {
        /// The name in `trajectory.h5`, such as `domain_length`.
        public var name: String
        /// What the number is, with its symbol, for axes and tables.
        public var summary: String
        /// One value for each of `times`.
        public var values: [Double]
    }

    /// Structure of one stored frame.
    public struct Frame: Sendable, Codable {
        /// Time steps since the start.
        public var step: Int
        /// Time since the start, in units of τ.
        public var time: Double
        /// Staggered C(r)/C(0) of the displacement, [radius] on `radii`.
        public var correlation: [Double]
        /// S(q) of the displacement averaged over shells of |q − Q₀|, [wave number] on `waveNumbers`.
        public var structureFactor: [Double]
    }

    /// The title of the recipe.
    public var title: String
    /// Cells along each primitive vector, [Lx, Ly].
    public var size: [Int]
    /// `model` or a solver's name.
    public var forceField: String
    /// Times of the values of `series`, in units of τ.
    public var times: [Double]
    /// Every observable of the trajectory, in the order of the file.
    public var series: [Series]
    /// Mean |r| of the shells of C(r), in lattice constants, the same for all frames.
    public var radii: [Double]?
    /// Mean |q − Q₀| of the shells of S(q), per lattice constant, the same for all frames.
    public var waveNumbers: [Double]?
    /// The stored configurations, in the order of time.
    public var frames: [Frame]?
    /// S(q) of the last frame on the full grid, [ky][kx] row-major, in the order of the field (q = 0 first).
    public var finalStructureFactor: [Double]?
}
