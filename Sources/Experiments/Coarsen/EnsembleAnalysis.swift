import Foundation
import LatticeNumerics
import Lattices
import Observables
import Recipes
import Runs
import Storage

/// The quenches on lattices of one size, read and averaged.
package struct EnsembleAnalysis {
    package let ensemble: Coarsening.Ensemble
    /// Where lengths are those of domains.
    let range: DomainLengthRange
    /// L(t) of every quench; NaN of all where the mean over them is not the length of domains.
    let growth: [Coarsening.LengthName: EnsembleProfile]

    /// - Parameters:
    ///   - paths: of the finished trajectories.
    ///   - pool: the threads.
    ///   - check: looks for an interruption, once a trajectory.
    /// - Throws: `StorageError`, ``StageError`` if trajectories do not belong together, and what `check` throws.
    package init(
        _ paths: [String], size: [Int], settings: CoarseningSettings, lattice: Lattice, pool: WorkerPool,
        check: () throws -> Void
    ) throws {
        let first = try TrajectoryFile.open(paths[0], lattice: lattice)
        let spectrum = try LatticeSpectrum(first.supercell, kind: first.kind, pool: pool)
        let window = settings.fitWindow[0]...settings.fitWindow[1]
        let indices = Self.evenlySpaced(first.frameTimes, in: window, count: settings.collapseTimes)
        let records = try paths.map { path in
            try check()
            let file = try TrajectoryFile.open(path, lattice: lattice)
            guard file.isComplete, file.supercell == first.supercell, file.kind == first.kind,
                file.sampleTimes == first.sampleTimes,
                file.frameTimes == first.frameTimes
            else { throw StageError.mismatch(path: path, problem: "is not a finished quench of this ensemble") }
            return try QuenchRecord(file, frames: indices, spectrum: spectrum)
        }
        let times = first.sampleTimes
        let range = DomainLengthRange(first.supercell)
        self.range = range
        let raw = Dictionary(
            uniqueKeysWithValues: Coarsening.LengthName.allCases.map { name in
                (name, EnsembleProfile(abscissae: times, samples: records.map { $0.growth[name]! }))
            })
        let means = raw.mapValues { $0.mean() }
        let growth = Dictionary(
            uniqueKeysWithValues: raw.map { name, profile in
                (
                    name,
                    profile.keeping { k in
                        range.stated(name.rawValue, means[name]![k], halfHeight: means[.correlationLength]![k]).isFinite
                    }
                )
            })
        self.growth = growth
        let shape = try spectrum.structure(of: SiteField(first.supercell, kind: first.kind, repeating: 1))
        let moments = Moments(
            records: records, times: indices.map { first.frameTimes[$0] }, steps: indices.map { first.frameSteps[$0] },
            radii: shape.radii, waveNumbers: shape.waveNumbers, dimension: lattice.dimension, range: range)
        ensemble = Coarsening.Ensemble(
            size: size, quenches: records.count, times: times,
            growth: Coarsening.LengthName.allCases.map { Self.growth($0, growth[$0]!, settings, window) }, radii: shape.radii,
            waveNumbers: shape.waveNumbers, moments: moments.entries, collapses: moments.collapses)
    }

    private static func growth(
        _ name: Coarsening.LengthName, _ profile: EnsembleProfile, _ settings: CoarseningSettings, _ window: ClosedRange<Double>
    ) -> Coarsening.Growth {
        let positive = profile.abscissae.filter { $0 > 0 }
        let local =
            positive.count < 2
            ? []
            : GrowthExponent.windows(of: positive[0]...positive[positive.count - 1], count: settings.exponentWindows)
                .compactMap { exponent(profile, $0) }
        let estimates = profile.estimates
        return Coarsening.Growth(
            length: name, values: estimates.map(\.mean), errors: estimates.map(\.standardError),
            exponents: local,
            fit: exponent(profile, window))
    }

    /// The exponent in a window, or in the longest part of it where the length is defined at every time: one that comes and goes
    /// would be a choice of times by their lengths. Nil with too few times.
    private static func exponent(_ profile: EnsembleProfile, _ window: ClosedRange<Double>) -> Coarsening.Exponent? {
        let (times, mean) = (profile.abscissae, profile.mean())
        let parts = indices(times, in: window).split { !mean[$0].isFinite }
        guard let longest = parts.max(by: { $0.count < $1.count }), longest.count >= Coarsening.fewestTimes else { return nil }
        return GrowthExponent(profile, window: times[longest.first!]...times[longest.last!]).map(Coarsening.Exponent.init)
    }

    /// The indices of the times within a window, bounds included up to rounding.
    private static func indices(_ times: [Double], in window: ClosedRange<Double>) -> [Int] {
        times.indices.filter { k in
            times[k] > 0 && times[k] >= window.lowerBound * (1 - 1e-9) && times[k] <= window.upperBound * (1 + 1e-9)
        }
    }

    /// The indices of at most `count` of the times within a window, as evenly spaced in ln t as there are.
    static func evenlySpaced(_ times: [Double], in window: ClosedRange<Double>, count: Int) -> [Int] {
        let inside = indices(times, in: window)
        guard let first = inside.first, let last = inside.last, count > 1 else { return inside }
        let span = log(times[last] / times[first])
        let chosen = (0..<count).map { step -> Int in
            let target = log(times[first]) + span * Double(step) / Double(count - 1)
            return inside.min { abs(log(times[$0]) - target) < abs(log(times[$1]) - target) }!
        }
        return chosen.reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    }
}

extension Coarsening.Exponent {
    fileprivate init(_ exponent: GrowthExponent) {
        self.init(
            time: exponent.time, window: [exponent.window.lowerBound, exponent.window.upperBound], value: exponent.exponent.mean,
            error: exponent.exponent.standardError, length: exponent.length)
    }
}

/// The structure at the chosen times, and its scaling.
private struct Moments {
    let records: [QuenchRecord]
    let times: [Double]
    let steps: [Int]
    let radii: [Double]
    let waveNumbers: [Double]
    let dimension: Int
    let range: DomainLengthRange

    private func correlation(_ k: Int) -> EnsembleProfile {
        EnsembleProfile(abscissae: radii, samples: records.map { $0.frames[k].correlation })
    }

    private func structureFactor(_ k: Int) -> EnsembleProfile {
        EnsembleProfile(abscissae: waveNumbers, samples: records.map { $0.frames[k].structureFactor })
    }

    private func lengths(_ k: Int, _ name: Coarsening.LengthName) -> [Double] { records.map { $0.frames[k].lengths[name]! } }

    /// The mean over quenches where it is the length of domains; NaN elsewhere.
    private func length(_ k: Int, _ name: Coarsening.LengthName) -> Double {
        func mean(_ name: Coarsening.LengthName) -> Double { Estimate(independent: lengths(k, name)).mean }
        return range.stated(name.rawValue, mean(name), halfHeight: mean(.correlationLength))
    }

    var entries: [Coarsening.Moment] {
        times.indices.map { k in
            let (near, around) = (correlation(k).estimates, structureFactor(k).estimates)
            let lengths = Coarsening.LengthName.allCases.map { ($0.rawValue, length(k, $0)) }
            return Coarsening.Moment(
                step: steps[k], time: times[k], meanSquare: Estimate(independent: records.map { $0.frames[k].meanSquare }).mean,
                lengths: Dictionary(uniqueKeysWithValues: lengths), correlation: near.map(\.mean),
                correlationErrors: near.map(\.standardError), structureFactor: around.map(\.mean),
                structureFactorErrors: around.map(\.standardError))
        }
    }

    var collapses: [Coarsening.Collapse] {
        Coarsening.LengthName.allCases.flatMap { name -> [Coarsening.Collapse] in
            func moments(_ profile: (Int) -> EnsembleProfile) -> [ScalingCollapse.Moment] {
                times.indices.filter { length($0, name).isFinite }
                    .map { ScalingCollapse.Moment(profile: profile($0), lengths: lengths($0, name)) }
            }
            let cutoff = (waveNumbers.last ?? 0) / 2
            let found = [
                (Coarsening.functions.correlation, ScalingCollapse(correlation: moments(correlation))),
                (
                    Coarsening.functions.structureFactor,
                    ScalingCollapse(structureFactor: moments(structureFactor), dimension: dimension, cutoff: cutoff)
                ),
            ]
            return found.compactMap { function, collapse in
                collapse.map {
                    Coarsening.Collapse(
                        function: function, length: name, range: [$0.abscissae[0], $0.abscissae[$0.abscissae.count - 1]],
                        spread: $0.spread, error: $0.error, ratio: $0.ratio)
                }
            }
        }
    }
}

/// Compares the growth on two lattices, at the times at which both have domains and room for them.
enum FiniteSizeCheck {
    static func compare(
        _ small: EnsembleAnalysis, with large: EnsembleAnalysis, _ length: Coarsening.LengthName
    ) -> Coarsening.FiniteSize {
        let (own, other) = (small.growth[length]!, large.growth[length]!)
        let (values, references) = (own.mean(), other.mean())
        let shared = values.indices.filter { values[$0].isFinite && references[$0].isFinite }
        func selected(_ profile: EnsembleProfile) -> EnsembleProfile {
            EnsembleProfile(
                abscissae: shared.map { profile.abscissae[$0] }, samples: profile.samples.map { row in shared.map { row[$0] } })
        }
        let comparison = GrowthComparison(small: selected(own), large: selected(other))
        var (ratios, errors) = (values.map { _ in Double.nan }, values.map { _ in Double.nan })
        for (index, ratio) in zip(shared, comparison.ratios) {
            (ratios[index], errors[index]) = (ratio.mean, ratio.standardError)
        }
        let departure = comparison.departure.map { shared[$0] }
        return Coarsening.FiniteSize(
            size: small.ensemble.size, reference: large.ensemble.size, length: length, ratios: ratios, errors: errors,
            departure: departure.map { own.abscissae[$0] } ?? .nan,
            departureFraction: departure.map { values[$0] / small.range.side } ?? .nan,
            finalFraction: shared.last.map { values[$0] / small.range.side } ?? .nan)
    }
}
