import Observables

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
