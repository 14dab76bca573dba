/// The elimination of a few sites joined by hoppings, as instructions.
///
/// With H − z in units of t, whose off-diagonal elements are −1, LDLᵀ of the complex symmetric matrix eliminates site v with
/// pivot D_v and off-diagonal elements −B_va by
///
///     B_ab ← B_ab + B_va B_vb / D_v        D_a ← D_a − B_va² / D_v
///
/// for all a ≠ b it is joined to. Only signs change with Q → −Q on a bipartite lattice at μ = 0, so that n(−Q) = 1 − n(Q) holds
/// to the last bit.
struct LaneElimination {
    /// An off-diagonal element: still the hopping alone, or a value.
    private enum Element {
        case hopping
        case value(Int32)
    }

    /// One site eliminated.
    private struct Step {
        let site: Int
        /// What it was joined to.
        let neighbors: [Int]
        /// B_va / D_v
        let quotients: [Int32]
    }

    /// D_v, by site.
    let pivots: [Int32]
    /// 1/D_v, by site; the last one eliminated, site 0, has its diagonal element of the inverse there.
    let inverses: [Int32]
    private let steps: [Step]

    /// - Parameters:
    ///   - neighbors: of each site, by index.
    ///   - builder: gets the instructions.
    ///   - diagonal: makes the diagonal element of a site; called once for each, when it is first needed.
    init(
        _ neighbors: [[Int]], in builder: inout LaneProgram.Builder,
        diagonal: (Int, inout LaneProgram.Builder) -> Int32
    ) {
        var diagonals = [Int32?](repeating: nil, count: neighbors.count)
        var inverses = [Int32](repeating: 0, count: neighbors.count)
        var elements: [[Int]: Element] = [:]
        var steps: [Step] = []
        for (site, joined) in neighbors.enumerated() {
            for neighbor in joined where neighbor > site { elements[[site, neighbor]] = .hopping }
        }
        for step in EliminationOrder(neighbors).steps {
            let pivot = diagonals[step.site] ?? diagonal(step.site, &builder)
            diagonals[step.site] = pivot
            let inverse = builder.inverse(of: pivot)
            inverses[step.site] = inverse
            let row = step.neighbors.map { elements[[$0, step.site].sorted()]! }
            let quotients = row.map { element -> Int32 in
                switch element {
                case .hopping: inverse
                case .value(let b): builder.product(b, inverse)
                }
            }
            for (i, a) in step.neighbors.enumerated() {
                let old = diagonals[a] ?? diagonal(a, &builder)
                switch row[i] {
                case .hopping: diagonals[a] = builder.difference(old, quotients[i])
                case .value(let b): diagonals[a] = builder.difference(old, product: b, quotients[i])
                }
                for (j, b) in step.neighbors.enumerated().dropFirst(i + 1) {
                    elements[[a, b]] = .value(
                        Self.updated(elements[[a, b]], row[i], quotients[i], row[j], quotients[j], in: &builder))
                }
            }
            steps.append(Step(site: step.site, neighbors: step.neighbors, quotients: quotients))
        }
        let last = diagonals[0] ?? diagonal(0, &builder)
        diagonals[0] = last
        inverses[0] = builder.inverse(of: last)
        pivots = diagonals.map { $0! }
        self.inverses = inverses
        self.steps = steps
    }

    /// The diagonal of the inverse, by site, from the last site eliminated back to the first:
    ///
    ///     Z_va = Σ_b (B_vb/D_v) Z_ba        Z_vv = 1/D_v + Σ_a (B_va/D_v) Z_va
    ///
    /// K. Takahashi, J. Fagan and M.-S. Chin, *Formation of a sparse bus impedance matrix and its application to short circuit
    /// study*, Proc. 8th PICA Conference, Minneapolis (1973).
    func diagonalOfInverse(in builder: inout LaneProgram.Builder) -> [Int32] {
        var diagonal = inverses
        var elements: [[Int]: Int32] = [:]
        for step in steps.reversed() {
            var own = inverses[step.site]
            for (a, quotient) in zip(step.neighbors, step.quotients) {
                var sum: Int32?
                for (b, factor) in zip(step.neighbors, step.quotients) {
                    let element = a == b ? diagonal[a] : elements[[a, b].sorted()]!
                    sum = sum.map { builder.sum($0, product: factor, element) } ?? builder.product(factor, element)
                }
                elements[[a, step.site].sorted()] = sum!
                own = builder.sum(own, product: quotient, sum!)
            }
            diagonal[step.site] = own
        }
        return diagonal
    }

    /// B_ab + B_va B_vb / D_v
    private static func updated(
        _ old: Element?, _ left: Element, _ leftQuotient: Int32, _ right: Element, _ rightQuotient: Int32,
        in builder: inout LaneProgram.Builder
    ) -> Int32 {
        // A hopping is 1, so its product with a quotient is that quotient.
        let factors: (Int32, Int32)? =
            switch (left, right) {
            case (.value(let b), .value): (b, rightQuotient)
            default: nil
            }
        let whole = if case .hopping = left { rightQuotient } else { leftQuotient }
        if case .value(let c) = old { return factors.map { builder.sum(c, product: $0.0, $0.1) } ?? builder.sum(c, whole) }
        let fill = factors.map { builder.product($0.0, $0.1) } ?? whole
        return old == nil ? fill : builder.onePlus(fill)
    }
}
