import Lattices

/// How many channels of each irrep a feature has, and where they stand in a feature matrix.
///
/// A feature matrix of S sites is [row][site], sites contiguous; row = `row(irrep, component)` + channel. The components of
/// an irrep of dimension d are d blocks one after the other, so each is a matrix [channel][site] of its own.
struct IrrepChannels: Sendable, Equatable {
    let multiplicities: [Int]
    let dimensions: [Int]
    let rowCount: Int
    private let firstRows: [Int]

    init(multiplicities: [Int], dimensions: [Int]) {
        precondition(multiplicities.count == dimensions.count, "one multiplicity for each irrep")
        self.multiplicities = multiplicities
        self.dimensions = dimensions
        var rows = 0
        firstRows = zip(multiplicities, dimensions).map { count, dimension in
            defer { rows += count * dimension }
            return rows
        }
        rowCount = rows
    }

    func row(_ irrep: Int, _ component: Int) -> Int {
        firstRows[irrep] + component * multiplicities[irrep]
    }
}

/// The irreps of a point group with all their couplings, worked out once.
struct IrrepAlgebra: Sendable {
    let irreps: [Irrep]
    /// couplings[left][right][result], left ≤ right.
    let couplings: [[[ClebschGordan]]]

    init(_ group: PointGroup) {
        let irreps = group.irreps()
        self.irreps = irreps
        couplings = irreps.indices.map { left in
            irreps.indices.map { right in
                right < left ? [] : irreps.map { ClebschGordan(irreps[left], irreps[right], to: $0) }
            }
        }
    }

    var dimensions: [Int] { irreps.map(\.dimension) }
}
