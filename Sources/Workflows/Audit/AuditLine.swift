import Foundation

/// What an audit finds in one configuration: errors F̂ − F of an electronic force F̂ against a solver's F, in units of the
/// hopping per displacement. Of a force of several components the errors are those of the components.
public struct AuditLine: Sendable, Equatable, Codable {
    /// Time steps since the start.
    public var step: Int
    /// Time since the start, in units of τ.
    public var time: Double
    /// How many sites were compared.
    public var sites: Int
    /// √⟨(F̂ − F)²⟩.
    public var rootMeanSquare: Double
    /// The standard error of `rootMeanSquare` from the choice of the sites; 0 if all were compared.
    public var samplingError: Double
    /// ⟨|F̂ − F|⟩.
    public var meanAbsolute: Double
    /// |F̂ − F| that 50, 90, 99 and 99.9 % of the sites stay below.
    public var percentiles: [Double]
    /// The largest |F̂ − F|.
    public var maximum: Double
    /// The site where it is, counted as in the trajectory.
    public var worstSite: Int
    /// ⟨F̂ − F⟩: the net force that is wrong, a site; its length where there are several components.
    public var netForce: Double
    /// Root mean square of F itself: the error of predicting zero.
    public var trivial: Double
    /// How far F may be off, as the solver and the size of the patches tell; NaN if nothing is known.
    public var solverError: Double
    /// Sampled sites whose patch could not be made large enough for the accuracy asked for.
    public var inaccurateSites: Int
}

extension AuditLine {
    package init(_ forces: AuditedForces, step: Int, time: Double) {
        let errors = ForceErrorStatistics.errors("", exact: forces.exact, learned: forces.audited, components: forces.components)
        let deviations = forces.errors
        let worst = deviations.indices.max { abs(deviations[$0]) < abs(deviations[$1]) } ?? 0
        self.init(
            step: step, time: time, sites: errors.sites, rootMeanSquare: errors.rootMeanSquare,
            samplingError: Self.samplingError(errors.rootMeanSquare, meanSquareError: forces.meanSquareError),
            meanAbsolute: errors.meanAbsolute, percentiles: errors.percentiles, maximum: errors.maximum,
            worstSite: forces.sites[worst / forces.components],
            netForce: Self.netForce(deviations, components: forces.components),
            trivial: errors.trivial, solverError: forces.solverError, inaccurateSites: forces.inaccurateSites)
    }

    private static func netForce(_ errors: [Double], components: Int) -> Double {
        let count = Double(errors.count / components)
        if components == 1 { return errors.reduce(0, +) / count }
        let sums = (0..<components).map { c in stride(from: c, to: errors.count, by: components).reduce(0) { $0 + errors[$1] } }
        return sums.reduce(0) { $0 + $1 * $1 }.squareRoot() / count
    }

    /// The standard error of a root mean square from that of the mean square.
    static func samplingError(_ rootMeanSquare: Double, meanSquareError: Double) -> Double {
        meanSquareError == 0 ? 0 : meanSquareError / (2 * rootMeanSquare)
    }

    /// The percentile of this rank, in percent, one of 50, 90, 99 and 99.9.
    func percentile(_ rank: Double) -> Double {
        Comparison.ForceErrors.standardRanks.firstIndex(of: rank).map { percentiles[$0] } ?? .nan
    }
}
