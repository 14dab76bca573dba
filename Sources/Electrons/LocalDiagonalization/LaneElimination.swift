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
    /// An off-diagonal element of −(H − z): the hopping alone, or a value.
    enum Element {
        case hopping
        case value(Int32)
    }

    /// One site eliminated.
    fileprivate struct Step {
        let site: Int
        /// What it was joined to.
        let neighbors: [Int]
        /// B_va / D_v
        let quotients: [Int32]
    }

    /// D_v, by site.
    let pivots: [Int32]
    /// 1/D_v, by site.
    fileprivate let inverses: [Int32]
    fileprivate let steps: [Step]

    /// - Parameters:
    ///   - neighbors: of each site, by index.
    ///   - order: of the elimination, of the same neighbours; by default it ends with site 0.
    ///   - builder: gets the instructions.
    ///   - diagonal: makes the diagonal element of a site; called once for each, when it is first needed.
    ///   - coupling: makes the element between two neighbours, the lower number first; called once for each.
    init(
        _ neighbors: [[Int]], order: EliminationOrder? = nil, in builder: inout LaneProgram.Builder,
        diagonal: (Int, inout LaneProgram.Builder) -> Int32,
        coupling: (Int, Int, inout LaneProgram.Builder) -> Element = { _, _, _ in .hopping }
    ) {
        var diagonals = [Int32?](repeating: nil, count: neighbors.count)
        var inverses = [Int32](repeating: 0, count: neighbors.count)
        var elements: [[Int]: Element] = [:]
        var steps: [Step] = []
        /// The element as it stands; nil if there is none.
        func element(_ a: Int, _ b: Int, _ builder: inout LaneProgram.Builder) -> Element? {
            let pair = [min(a, b), max(a, b)]
            if let known = elements[pair] { return known }
            guard neighbors[a].contains(b) else { return nil }
            let made = coupling(pair[0], pair[1], &builder)
            elements[pair] = made
            return made
        }
        for step in (order ?? EliminationOrder(neighbors, keeping: 1)).steps {
            let pivot = diagonals[step.site] ?? diagonal(step.site, &builder)
            diagonals[step.site] = pivot
            let inverse = builder.inverse(of: pivot)
            inverses[step.site] = inverse
            let row = step.neighbors.map { element($0, step.site, &builder)! }
            let quotients = row.map { element -> Int32 in
                switch element {
                case .hopping: inverse
                case .value(let b): builder.product(b, inverse)
                }
            }
            for a in step.neighbors where diagonals[a] == nil { diagonals[a] = diagonal(a, &builder) }
            // Operations of one kind follow one another, because the machine executes runs of them faster.
            for (i, a) in step.neighbors.enumerated() {
                switch row[i] {
                case .hopping: diagonals[a] = builder.difference(diagonals[a]!, quotients[i])
                case .value(let b): diagonals[a] = builder.difference(diagonals[a]!, product: b, quotients[i])
                }
            }
            for (i, a) in step.neighbors.enumerated() {
                for (j, b) in step.neighbors.enumerated().dropFirst(i + 1) {
                    elements[[a, b]] = .value(
                        Self.updated(element(a, b, &builder), row[i], quotients[i], row[j], quotients[j], in: &builder))
                }
            }
            steps.append(Step(site: step.site, neighbors: step.neighbors, quotients: quotients))
        }
        pivots = diagonals.map { $0! }
        self.inverses = inverses
        self.steps = steps
    }

    /// The diagonal of the inverse, by site.
    func diagonalOfInverse(in builder: inout LaneProgram.Builder) -> [Int32] {
        var inverse = inverse
        return inverses.indices.map { inverse.diagonal($0, in: &builder) }
    }

    /// Elements of the inverse, none computed yet.
    var inverse: LaneInverse { LaneInverse(self) }

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

/// Elements of the inverse after an elimination, each computed when it is first needed, from those of sites eliminated later:
///
///     Z_va = Σ_b (B_vb/D_v) Z_ba        Z_vv = 1/D_v + Σ_a (B_va/D_v) Z_va
///
/// K. Takahashi, J. Fagan and M.-S. Chin, *Formation of a sparse bus impedance matrix and its application to short circuit
/// study*, Proc. 8th PICA Conference, Minneapolis (1973).
struct LaneInverse {
    private let inverses: [Int32]
    /// When each site was eliminated.
    private let times: [Int]
    private let steps: [LaneElimination.Step]
    private var elements: [[Int]: Int32] = [:]

    fileprivate init(_ elimination: LaneElimination) {
        inverses = elimination.inverses
        steps = elimination.steps
        var times = [Int](repeating: 0, count: steps.count)
        for (time, step) in steps.enumerated() { times[step.site] = time }
        self.times = times
    }

    /// Z_vv
    mutating func diagonal(_ site: Int, in builder: inout LaneProgram.Builder) -> Int32 { element(site, site, in: &builder) }

    private mutating func element(_ a: Int, _ b: Int, in builder: inout LaneProgram.Builder) -> Int32 {
        let (site, other) = times[a] < times[b] ? (a, b) : (b, a)
        if let known = elements[[site, other]] { return known }
        let step = steps[times[site]]
        var sum: Int32? = site == other ? inverses[site] : nil
        for (neighbor, quotient) in zip(step.neighbors, step.quotients) {
            let next = element(neighbor, other, in: &builder)
            sum = sum.map { builder.sum($0, product: quotient, next) } ?? builder.product(quotient, next)
        }
        elements[[site, other]] = sum!
        return sum!
    }
}
