import Communication
import Lattices

/// A field as observables see it: its moments over all sites, found once, when first asked for.
///
/// Of a field that is spread over ranks all ranks ask, and get the same numbers.
public final class ObservedField {
    /// Numbers a site.
    public let componentCount: Int
    let field: SiteField
    private let slabs: RowSlabs
    private let fieldSums: FieldSums
    private lazy var sums: FieldSums.Values = withSlab { fieldSums.values($0) }

    init(_ field: SiteField, _ slabs: RowSlabs, _ sums: FieldSums) {
        self.field = field
        self.slabs = slabs
        fieldSums = sums
        componentCount = field.componentCount
    }

    /// f̄ = (1/N) Σ f, over sites and components.
    public var mean: Double { sums.mean }

    /// (1/N) Σ f², over sites and components.
    public var meanSquare: Double { sums.meanSquare }

    /// φ = (1/N) Σ s f, the staggered mean; nil for vectors and where there are no two sublattices.
    public var orderParameter: Double? { fieldSums.hasSigns ? sums.staggeredMean : nil }

    /// The rows of this rank.
    func withSlab<Result>(_ body: (UnsafeBufferPointer<Double>) -> Result) -> Result {
        withExtendedLifetime(field) { body(slabs.collect(field)) }
    }
}
