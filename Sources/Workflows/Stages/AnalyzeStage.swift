import Foundation
import Observables
import Storage

extension Stages {
    /// Structure and growth of the domains in `trajectory.h5`, into `analysis.json`.
    public static func analyze(_ context: StageContext) throws -> StageSummary {
        try context.requirePeriodic(stage: "analyze")
        return try context.recordedOnFirstRank { context in
            let directory = context.directory
            guard directory.exists(directory.trajectory) else {
                throw StageError.missingInput(path: directory.trajectory, stage: "simulate")
            }
            let file = try TrajectoryFile.open(directory.trajectory, lattice: context.recipe.lattice.geometry)
            let spectrum = try LatticeSpectrum(file.supercell)
            context.progress.begin(stage: "analyze", total: file.frameCount)
            var frames: [Analysis.Frame] = []
            var (radii, waveNumbers, final) = ([Double](), [Double](), [Double]())
            for index in 0..<file.frameCount {
                try context.interruption.check()
                let displacement = try file.displacement(frame: index)
                let structure = try spectrum.structure(of: displacement)
                (radii, waveNumbers) = (structure.radii, structure.waveNumbers)
                frames.append(
                    Analysis.Frame(
                        step: file.frameSteps[index], time: file.frameTimes[index], correlation: structure.correlation,
                        structureFactor: structure.structureFactor))
                if index == file.frameCount - 1 { final = try spectrum.structureFactor(of: displacement).values }
                context.progress.update(done: index + 1, detail: "")
            }
            let summaries = Dictionary(uniqueKeysWithValues: ObservableSet.standard.map { ($0.name, $0.summary) })
            let series = try file.observableNames.map {
                Analysis.Series(name: $0, summary: summaries[$0] ?? $0, values: try file.observable($0))
            }
            let times = Array(file.sampleTimes.prefix(file.sampleCount))
            let growth = GrowthFit(times: times, lengths: series.first { $0.name == "domain_length" }?.values ?? [])
            let analysis = Analysis(
                title: context.recipe.title, size: file.supercell.size, forceField: file.forceField, times: times, series: series,
                radii: radii, waveNumbers: waveNumbers, frames: frames, finalStructureFactor: final,
                growthExponent: growth.exponent,
                growthExponentError: growth.error, growthWindow: growth.window)
            try JSONFile.write(analysis, to: directory.analysis)
            context.progress.end(summary: "\(frames.count) frames")
            return StageSummary(
                stage: "analyze", ran: true, outputs: [directory.analysis],
                facts: [
                    .init("frames", "\(frames.count)"),
                    .init("growth exponent d ln L/d ln t", String(format: "%.3f ± %.3f", growth.exponent, growth.error)),
                ])
        }
    }
}

/// The effective exponent of L ∝ t^α: least squares of ln L against ln t over the second half of ln t.
///
/// The error is that of the fit with independent residuals; neighbouring times of one run are not independent, so it is a
/// lower bound. Error bars that mean something come from an ensemble.
struct GrowthFit {
    let exponent: Double
    let error: Double
    /// First and last time of the fit; empty if there is nothing to fit.
    let window: [Double]

    init(times: [Double], lengths: [Double]) {
        let points = zip(times, lengths).filter { $0 > 0 && $1.isFinite && $1 > 0 }.map { (x: log($0), y: log($1)) }
        let middle = points.first.map { ($0.x + points.last!.x) / 2 } ?? 0
        let late = points.filter { $0.x >= middle }
        let count = Double(late.count)
        guard late.count >= 4 else {
            (exponent, error, window) = (.nan, .nan, [])
            return
        }
        let meanX = late.reduce(0) { $0 + $1.x } / count
        let meanY = late.reduce(0) { $0 + $1.y } / count
        let variance = late.reduce(0) { $0 + ($1.x - meanX) * ($1.x - meanX) }
        let slope = late.reduce(0) { $0 + ($1.x - meanX) * ($1.y - meanY) } / variance
        let residual = late.reduce(0) { sum, point in
            let rest = point.y - meanY - slope * (point.x - meanX)
            return sum + rest * rest
        }
        exponent = slope
        error = (residual / (count - 2) / variance).squareRoot()
        window = [exp(late.first!.x), exp(late.last!.x)]
    }
}
