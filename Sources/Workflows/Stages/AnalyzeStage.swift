import Observables
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
