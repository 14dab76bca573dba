import Observables

/// Compares the growth on two lattices.
enum FiniteSizeCheck {
    static func compare(
        _ small: EnsembleAnalysis, with large: EnsembleAnalysis, _ length: Coarsening.LengthName
    ) -> Coarsening.FiniteSize {
        let profile = small.growth[length]!
        let comparison = GrowthComparison(small: profile, large: large.growth[length]!)
        let side = Double(small.ensemble.size.min()!)
        let values = profile.mean()
        let final = (values.last(where: \.isFinite) ?? .nan) / side
        let departure = comparison.departure.map { values[$0] / side } ?? .nan
        return Coarsening.FiniteSize(
            size: small.ensemble.size, reference: large.ensemble.size, length: length,
            ratios: comparison.ratios.map(\.mean), errors: comparison.ratios.map(\.standardError),
            departure: comparison.departure.map { profile.abscissae[$0] } ?? .nan,
            departureFraction: comparison.departure == nil || departure.isFinite ? departure : final, finalFraction: final)
    }
}
