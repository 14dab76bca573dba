import Communication
import Lattices

/// A field as observables see it: its moments over all sites, found once, when first asked for.
///
/// A field of several components is seen as that many scalar ones. Of a field that is spread over ranks all ranks ask, and get the same
/// numbers.
public final class ObservedField {
    /// Numbers a site.
    public let componentCount: Int
    let field: SiteField
    private let slabs: RowSlabs
    private let fieldSums: FieldSums
    /// Of each component.
    private lazy var sums: [FieldSums.Values] = (0..<componentCount).map { k in withSlab(k) { fieldSums.values($0) } }

    init(_ field: SiteField, _ slabs: RowSlabs, _ sums: FieldSums) {
        self.field = field
        self.slabs = slabs
        fieldSums = sums
        componentCount = field.componentCount
    }

    /// f̄ = (1/N) Σ f; of several components the length of that vector.
    public var mean: Double { Self.length(means) }

    /// f̄ of each component.
    var means: [Double] { sums.map(\.mean) }

    /// (1/N) Σ |f|².
    public var meanSquare: Double { sums.dropFirst().reduce(sums[0].meanSquare) { $0 + $1.meanSquare } }

    /// φ = (1/N) Σ s f, the staggered mean, of several components its length; nil where there are no two sublattices.
    public var orderParameter: Double? { fieldSums.hasSigns ? Self.length(sums.map(\.staggeredMean)) : nil }

    private static func length(_ vector: [Double]) -> Double {
        vector.count == 1 ? vector[0] : vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    }

    /// One component of the rows of this rank.
    func withSlab<Result>(_ component: Int, _ body: (UnsafeBufferPointer<Double>) -> Result) -> Result {
        withExtendedLifetime(field) { slabs.collect(field).withComponent(component, of: componentCount, body) }
    }
}

extension UnsafeBufferPointer<Double> {
    /// One of several components that stand side by side, as an array of its own; the array itself if it is the only one.
    func withComponent<Result>(_ component: Int, of count: Int, _ body: (Self) -> Result) -> Result {
        if count == 1 { return body(self) }
        return withUnsafeTemporaryAllocation(of: Double.self, capacity: self.count / count) { values in
            for k in values.indices { values.initializeElement(at: k, to: self[k * count + component]) }
            return body(UnsafeBufferPointer(values))
        }
    }
}
