import Lattices

/// Products of the Green's functions along paths outside a region, each computed once in a program.
struct PathProducts {
    /// A Green's function: the message of a site to another, or 1/(ε − z) of a site.
    private struct Factor: Hashable {
        let site: PatchSite
        let receiver: PatchSite?
    }

    private let messages: CavityMessages
    private let level: Int
    private var known: [[Factor]: Int32] = [:]

    /// Products of messages of a level.
    init(_ messages: CavityMessages, level: Int) {
        self.messages = messages
        self.level = level
    }

    /// `value` − Σ coefficient × product.
    mutating func subtract(
        _ terms: [EndClasses.Term], from value: Int32, region: Set<PatchSite>, in builder: inout LaneProgram.Builder
    ) -> Int32 {
        // Those of several sites first: they leave the messages that others need in slots.
        let products = terms.map { $0.path.outside.count > 1 ? product($0.path, region: region, in: &builder) : nil }
        return zip(terms, products).reduce(value) { difference, next in
            let (term, product) = next
            if let product = product ?? known[factors(term.path, region: region)] {
                return builder.difference(difference, coefficient: term.coefficient, times: product)
            }
            let factor = factors(term.path, region: region)[0]
            return builder.difference(difference, coefficient: term.coefficient, times: plane(factor), of: factor.site.cell)
        }
    }

    /// Σ coefficient × product.
    mutating func sum(
        _ terms: [EndClasses.Term], region: Set<PatchSite>, in builder: inout LaneProgram.Builder
    ) -> Int32 {
        let first = builder.scaled(product(terms[0].path, region: region, in: &builder), by: terms[0].coefficient)
        return terms.dropFirst().reduce(first) {
            builder.sum($0, coefficient: $1.coefficient, times: product($1.path, region: region, in: &builder))
        }
    }

    /// The product along a path.
    private mutating func product(_ path: EndPath, region: Set<PatchSite>, in builder: inout LaneProgram.Builder) -> Int32 {
        product(factors(path, region: region), in: &builder)
    }

    private mutating func product(_ factors: [Factor], in builder: inout LaneProgram.Builder) -> Int32 {
        if let value = known[factors] ?? known[factors.reversed()] { return value }
        let value: Int32
        if factors.count == 1 {
            value = builder.load(plane(factors[0]), of: factors[0].site.cell)
        } else {
            let backwards = Array(factors.reversed())
            let usesEnd = known[Array(factors.dropFirst())] != nil || known[Array(backwards.dropLast())] != nil
            let ordered = usesEnd ? backwards : factors
            value = builder.product(
                product(Array(ordered.dropLast()), in: &builder), product([ordered.last!], in: &builder))
        }
        known[factors] = value
        return value
    }

    /// The first and the last site with their messages to the ends of the path, one between with that to the region if there is
    /// just one.
    private func factors(_ path: EndPath, region: Set<PatchSite>) -> [Factor] {
        path.outside.enumerated().map { index, site in
            if index == 0 { return Factor(site: site, receiver: path.first) }
            if index == path.outside.count - 1 { return Factor(site: site, receiver: path.last) }
            let receivers = messages.lattice.neighbors(of: site).filter(region.contains)
            return Factor(site: site, receiver: receivers.count == 1 ? receivers[0] : nil)
        }
    }

    private func plane(_ factor: Factor) -> LaneProgram.Plane {
        factor.receiver.map { messages.plane(from: factor.site, to: $0, level: level) } ?? messages.firstPlane(of: factor.site)
    }
}
