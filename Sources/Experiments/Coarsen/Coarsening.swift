import Foundation
import Recipes
import Runs

/// What `coarsen` finds in an ensemble of quenches, as written to `coarsening.json`. NaN (null in the file) where a number is not
/// defined.
///
/// Every error is one standard error over independent quenches. Q₀ is the ordering wave vector, (π, π) on the square lattice.
///
/// A length is given where there are domains and they do not feel their own images: where its mean over the quenches is between two
/// lattice constants and a quarter of the shortest side (`DomainLengthRange`). Exponents, collapses and comparisons of lattices are made
/// of such lengths alone.
public struct Coarsening: Sendable, Codable {
    /// How a length is taken from a configuration.
    public enum LengthName: String, Sendable, Codable, CaseIterable {
        /// The radius at which the staggered C(r)/C(0) falls to a half.
        case correlationLength = "correlation_length"
        /// 2π by the first moment of S(q) about Q₀ within a quarter of the zone.
        ///
        /// Sharp walls give S ∝ |q − Q₀|^−(d+1), whose first moment grows as the logarithm of the cutoff, so that this
        /// length grows more slowly than the domains by a logarithm of L.
        case domainLength = "domain_length"
    }

    /// The effective exponent d ln L/d ln t in a window of time.
    public struct Exponent: Sendable, Codable {
        /// The middle of the window in ln t, in units of τ.
        public var time: Double
        /// The first and the last time that were used.
        public var window: [Double]
        /// The exponent.
        public var value: Double
        /// Its standard error, by the jackknife over quenches.
        public var error: Double
        /// L of the fitted power law at `time`, in lattice constants.
        public var length: Double
    }

    /// One of the lengths over time.
    public struct Growth: Sendable, Codable {
        /// How the length is defined.
        public var length: LengthName
        /// L at every one of the lattice's `times`, the mean over quenches, in lattice constants; NaN where it is not that of
        /// domains.
        public var values: [Double]
        /// Standard errors of `values`.
        public var errors: [Double]
        /// The effective exponent in windows of equal width in ln t.
        public var exponents: [Exponent]
        /// The effective exponent in that part of `fitWindow` where the length is defined; missing if that holds fewer than
        /// ``Coarsening/fewestTimes`` samples.
        public var fit: Exponent?
    }

    /// The structure of the domains at one time.
    public struct Moment: Sendable, Codable {
        /// Time steps since the start.
        public var step: Int
        /// Time since the start, in units of τ.
        public var time: Double
        /// ⟨Q²⟩ = C(0).
        public var meanSquare: Double
        /// Mean of each length of ``LengthName`` in this frame, by name.
        public var lengths: [String: Double]
        /// Staggered C(r)/C(0), [radius] on `radii`.
        public var correlation: [Double]
        /// Standard errors of `correlation`.
        public var correlationErrors: [Double]
        /// S(q)/C(0) averaged over shells of |q − Q₀|, [wave number] on `waveNumbers`.
        public var structureFactor: [Double]
        /// Standard errors of `structureFactor`.
        public var structureFactorErrors: [Double]
    }

    /// How well the curves of all moments fall onto one: a `ScalingCollapse`.
    public struct Collapse: Sendable, Codable {
        /// `correlation`: C(r)/C(0) against r/L; `structure_factor`: ln[S(q)/(C(0) L^d)] against qL.
        public var function: String
        /// The length that scales.
        public var length: LengthName
        /// First and last value of r/L or qL that were compared.
        public var range: [Double]
        /// Root mean square difference of a time from the mean over times.
        public var spread: Double
        /// Root mean square standard error of that difference, by the jackknife over quenches.
        public var error: Double
        /// `spread` by `error`: about 1 where nothing but chance keeps the curves apart.
        public var ratio: Double
    }

    /// All quenches on lattices of one size.
    public struct Ensemble: Sendable, Codable {
        /// Cells along each primitive vector, [Lx, Ly].
        public var size: [Int]
        /// Independent quenches.
        public var quenches: Int
        /// Times of the values in `growth`, in units of τ.
        public var times: [Double]
        /// Every length over time.
        public var growth: [Growth]
        /// Mean |r| of the shells of C(r), in lattice constants.
        public var radii: [Double]
        /// Mean |q − Q₀| of the shells of S(q), per lattice constant.
        public var waveNumbers: [Double]
        /// Structure at times evenly spaced in ln t within the fit window.
        public var moments: [Moment]
        /// How well they scale.
        public var collapses: [Collapse]
    }

    /// The growth on a smaller lattice beside that on the largest.
    public struct FiniteSize: Sendable, Codable {
        /// The smaller lattice.
        public var size: [Int]
        /// The largest lattice.
        public var reference: [Int]
        /// The length compared.
        public var length: LengthName
        /// L of the smaller by L of the largest at every time at which both are defined; NaN elsewhere.
        public var ratios: [Double]
        /// Joint standard errors of `ratios`.
        public var errors: [Double]
        /// The time from which on the ratio differs from 1 by more than two standard errors; null if it does not at the last time
        /// at which there is one.
        public var departure: Double
        /// L of the smaller lattice at that time by its shortest side; null as well.
        public var departureFraction: Double
        /// L of the smaller lattice by its shortest side, at the last time at which both lengths are defined.
        public var finalFraction: Double
    }

    /// The title of the recipe.
    public var title: String
    /// `model` or a solver's name.
    public var forceField: String
    /// First and last time of the fit that was asked for, in units of τ.
    public var fitWindow: [Double]
    /// The exponent ½ of curvature-driven growth, to compare with; NaN in one dimension, where walls are points without curvature.
    public var allenCahnExponent: Double
    /// The ensembles, the largest lattice first.
    public var ensembles: [Ensemble]
    /// Every smaller lattice beside the largest.
    public var finiteSize: [FiniteSize]
}

extension Coarsening.Ensemble {
    /// The growth of a length.
    package func growth(_ length: Coarsening.LengthName) -> Coarsening.Growth? { growth.first { $0.length == length } }

    /// The collapse of a function with a length.
    package func collapse(_ function: String, _ length: Coarsening.LengthName) -> Coarsening.Collapse? {
        collapses.first { $0.function == function && $0.length == length }
    }
}

extension Coarsening {
    /// The fewest times that an exponent is found from.
    static let fewestTimes = 5
    /// The fewest quenches whose scatter tells in standard errors how far an exponent is from another number.
    package static let fewestQuenches = 5

    /// How far the exponent is from ½, in standard errors; nil where that comparison, or the error, means nothing.
    package func deviation(of fit: Exponent, quenches: Int) -> Double? {
        let deviation = (fit.value - allenCahnExponent) / fit.error
        return quenches >= Self.fewestQuenches && deviation.isFinite ? deviation : nil
    }

    /// The names of what collapses.
    package static let functions = (correlation: "correlation", structureFactor: "structure_factor")
}

/// `coarsening.csv`: the lengths of the domains on every lattice, one line per time; a length that is not given is an empty field.
package enum CoarseningTable {
    static let columns =
        "lattice,cells,time,correlation_length,correlation_length_error,domain_length,domain_length_error"

    static func write(_ coarsening: Coarsening, to path: String) throws {
        let rows = coarsening.ensembles.enumerated().flatMap { index, ensemble in
            ensemble.times.indices.map { k in
                let lengths = Coarsening.LengthName.allCases.flatMap { name in
                    ensemble.growth(name).map { [$0.values[k], $0.errors[k]] } ?? [.nan, .nan]
                }
                return
                    (["\(index + 1)", "\(ensemble.size.reduce(1, *))"] + ([ensemble.times[k]] + lengths).map(NumberTable.field))
                    .joined(separator: ",")
            }
        }
        try NumberTable.write(rows, columns: columns, to: path)
    }

    /// The numbers of every line, in the order of the columns.
    ///
    /// - Throws: `StorageError` `.unreadable`, or `.malformed` naming the line.
    package static func read(_ path: String) throws -> [[Double]] {
        try NumberTable.read(path, columns: columns) { $1 }
    }
}

/// The numbers of an ensemble that are worth telling.
struct CoarseningFacts {
    let coarsening: Coarsening

    init(_ coarsening: Coarsening) {
        self.coarsening = coarsening
    }

    var facts: [StageSummary.Fact] { exponents + collapses + finiteSize }

    private var exponents: [StageSummary.Fact] {
        coarsening.ensembles.flatMap { ensemble in
            ensemble.growth.compactMap { growth in
                growth.fit.map { fit in
                    let window = fit.window.map { TerminalNumber.text($0) }.joined(separator: " to ")
                    return StageSummary.Fact(
                        "d ln L/d ln t, \(growth.length.symbol), \(sizeText(ensemble.size))",
                        TerminalNumber.fixed(fit.value, decimals: 3) + " ± " + TerminalNumber.fixed(fit.error, decimals: 3)
                            + " from t = \(window), \(ensemble.quenches) quenches"
                            + (coarsening.allenCahnExponent.isFinite ? "; Allen–Cahn ½" : ""))
                }
            }
        }
    }

    private var collapses: [StageSummary.Fact] {
        guard let ensemble = coarsening.ensembles.first else { return [] }
        return ensemble.collapses.filter { $0.length == .correlationLength }.map { collapse in
            let name =
                collapse.function == Coarsening.functions.correlation
                ? "C(r/L)" : "S(qL)/L\(["", "²", "³"][ensemble.size.count - 1])"
            return StageSummary.Fact(
                "collapse of \(name), \(sizeText(ensemble.size))",
                "spread \(TerminalNumber.text(collapse.spread, digits: 2)), "
                    + "\(TerminalNumber.text(collapse.ratio, digits: 2)) times its standard error")
        }
    }

    private var finiteSize: [StageSummary.Fact] {
        coarsening.finiteSize.filter { $0.length == .correlationLength && $0.finalFraction.isFinite }.map { check in
            func text(_ value: Double) -> String { TerminalNumber.text(value, digits: 3) }
            let text =
                check.departure.isFinite
                ? "from t = \(TerminalNumber.text(check.departure)), when L is \(text(check.departureFraction)) of the side"
                : "not by more than two standard errors, up to L = \(text(check.finalFraction)) of the side"
            return StageSummary.Fact("\(sizeText(check.size)) differs from \(sizeText(check.reference))", text)
        }
    }
}

extension Coarsening.LengthName {
    /// As tables name it.
    package var symbol: String {
        switch self {
        case .correlationLength: "half height of C(r)"
        case .domainLength: "moment of S(q)"
        }
    }
}
