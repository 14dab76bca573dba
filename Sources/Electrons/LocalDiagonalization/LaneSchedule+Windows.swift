import Lattices

extension LaneSchedule {
    /// The logarithm of the determinant as a sum over overlapping windows ended by trees, and its derivative.
    ///
    /// Forwards the messages, level by level. Then the inverse of every window, whose diagonal is the derivative with respect to
    /// the energies of its sites and, with the opposite sign, to the messages it receives: the response of the messages. Then
    /// the responses backwards, level by level, by the chain rule: for message m = 1/D with D = ε − z − Σ m′
    ///
    ///     ∂/∂D = −m² ∂/∂m        ∂/∂ε = ∂/∂D        ∂/∂m′ = −∂/∂D.
    static func windows(_ lattice: Lattice, side: Int, levels: Int) -> LaneSchedule {
        let messages = CavityMessages(lattice, levels: levels, keepsLevels: true)
        let windows = Window.all(lattice, side: side)
        let bond = reach(lattice.bonds.map(\.cell), in: lattice)
        let window = bond.map { levels * $0 + side - 1 }
        let responses = (1..<levels + 1).reversed().map { level in
            Pass(program: response(lattice, messages: messages, level: level), margin: bond.map { (level - 1) * $0 })
        }
        let passes =
            messagePasses(messages, lattice: lattice, margin: zip(window, bond).map { $0 + side - 1 + $1 })
            + [Pass(program: inversion(windows, messages: messages), margin: window)] + responses
        return LaneSchedule(
            group: messages.group, passes: passes, tiers: [passes.indices], radii: PatchRadii(0),
            determinant: Pass(
                program: determinant(windows, messages: messages), margin: bond.map { _ in side - 1 }),
            messagePasses: levels, cleared: Set((0..<messages.kinds).map { .response(set: levels % 2, kind: $0) }))
    }

    private struct DirectedBond: Hashable {
        let from: PatchSite
        let to: PatchSite
    }

    /// Inverts all windows of an anchor; adds to the results of their sites and to the responses of their messages.
    private static func inversion(_ windows: [Window], messages: CavityMessages) -> LaneProgram {
        var builder = LaneProgram.Builder(messages.group)
        var totals: [PatchSite: Int32] = [:]
        var added: [DirectedBond: Int32] = [:]
        var subtracted: [DirectedBond: Int32] = [:]
        var bonds: [DirectedBond] = []
        for window in windows {
            let diagonal = eliminated(window, messages: messages, in: &builder).diagonalOfInverse(in: &builder)
            for (k, site) in window.sites.enumerated() {
                // The first window is the whole box and counts +1.
                totals[site] =
                    totals[site].map {
                        window.isAdded ? builder.sum($0, diagonal[k]) : builder.difference($0, diagonal[k])
                    } ?? diagonal[k]
                if messages.levels == 0 { continue }
                for sender in window.outside[k] {
                    let bond = DirectedBond(from: sender, to: site)
                    if added[bond] == nil, subtracted[bond] == nil { bonds.append(bond) }
                    if window.isAdded {
                        added[bond] = added[bond].map { builder.sum($0, diagonal[k]) } ?? diagonal[k]
                    } else {
                        subtracted[bond] = subtracted[bond].map { builder.sum($0, diagonal[k]) } ?? diagonal[k]
                    }
                }
            }
        }
        for site in windows[0].sites { builder.accumulateResult(totals[site]!, of: site) }
        for bond in bonds {
            let plane = LaneProgram.Plane.response(
                set: messages.levels % 2, kind: messages.kind(from: bond.from, to: bond.to))
            var value = builder.load(plane, of: bond.from.cell)
            if let positive = added[bond] { value = builder.sum(value, positive) }
            if let negative = subtracted[bond] { value = builder.difference(value, negative) }
            builder.store(value, in: plane, of: bond.from.cell)
        }
        return builder.program
    }

    /// Takes the responses of one level to the energies and to the messages of the level before. What stands in the planes is
    /// −∂/∂m.
    private static func response(_ lattice: Lattice, messages: CavityMessages, level: Int) -> LaneProgram {
        var builder = LaneProgram.Builder(messages.group)
        for basis in lattice.basis.indices {
            let site = PatchSite(basis: basis, dimension: lattice.dimension)
            let neighbors = lattice.neighbors(of: site)
            // ∂/∂D of the message to each neighbour
            let derivatives = neighbors.map { receiver -> Int32 in
                let message = builder.load(messages.plane(from: site, to: receiver, level: level), of: site.cell)
                let response = builder.load(
                    .response(set: level % 2, kind: messages.kind(from: site, to: receiver)), of: site.cell)
                return builder.product(builder.product(message, message), response)
            }
            if let first = derivatives.first {
                builder.accumulateResult(derivatives.dropFirst().reduce(first) { builder.sum($0, $1) }, of: site)
            }
            if level == 1 { continue }
            for (k, sender) in neighbors.enumerated() {
                let others = derivatives.indices.filter { $0 != k }.map { derivatives[$0] }
                guard let first = others.first else { continue }
                builder.store(
                    others.dropFirst().reduce(first) { builder.sum($0, $1) },
                    in: .response(set: (level - 1) % 2, kind: messages.kind(from: sender, to: site)), of: sender.cell)
            }
        }
        return builder.program
    }

    /// |det|² of all windows of an anchor, to the power of how often they count.
    private static func determinant(_ windows: [Window], messages: CavityMessages) -> LaneProgram {
        var builder = LaneProgram.Builder(messages.group)
        var added: [Int32] = []
        var subtracted: [Int32] = []
        for window in windows {
            let pivots = eliminated(window, messages: messages, in: &builder).pivots.map { builder.magnitude(of: $0) }
            if window.isAdded { added += pivots } else { subtracted += pivots.map { builder.inverse(of: $0) } }
        }
        // Large and small factors by turns, so that the product stays in range.
        var product = added[0]
        for k in 1..<added.count {
            if k <= subtracted.count { product = builder.product(product, subtracted[k - 1]) }
            product = builder.product(product, added[k])
        }
        for factor in subtracted.dropFirst(added.count - 1) { product = builder.product(product, factor) }
        builder.storeReal(product, in: .determinant, of: windows[0].sites[0].cell)
        return builder.program
    }

    private static func eliminated(
        _ window: Window, messages: CavityMessages, in builder: inout LaneProgram.Builder
    ) -> LaneElimination {
        LaneElimination(window.neighbors, in: &builder) { site, builder in
            messages.diagonal(of: window.sites[site], without: window.outside[site], in: &builder)
        }
    }
}
