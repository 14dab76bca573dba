import Lattices

extension LaneSchedule {
    /// How far, in cells along any direction, the result of a site depends on energies: as the programs read them, so no cell
    /// less and none more.
    var receptiveField: Int {
        var written: [LaneProgram.MemberPlane: Span] = [:]
        for pass in passes {
            var slots: [Int32: Span] = [:]
            for instruction in pass.program.instructions {
                var span = instruction.operands.reduce(into: Span.none) { $0.formUnion(slots[$1]!) }
                if let location = instruction.location {
                    let shift = Coordinates(location.group, padding: 0) &* group.side
                    if case .energy = location.plane.plane {
                        span.formUnion(Span(cell: cell(location.plane.member)).moved(by: shift))
                    } else if instruction.reads, let known = written[location.plane] {
                        span.formUnion(known.moved(by: shift))
                    }
                    if instruction.result == nil { written[location.plane] = span.moved(by: 0 &- shift) }
                }
                if let result = instruction.result { slots[result] = span }
            }
        }
        return written.reduce(0) { reach, entry in
            guard case .result = entry.key.plane else { return reach }
            let cell = cell(entry.key.member)
            let farthest = pointwiseMax(entry.value.last &- cell, cell &- entry.value.first)
            return max(reach, farthest.max())
        }
    }

    /// A cell of a group, relative to its first.
    private func cell(_ member: Int) -> Coordinates {
        Coordinates(group.cell(member, of: [Int](repeating: 0, count: group.dimension)), padding: 0)
    }

    /// The smallest box of cells that something depends on, relative to the group that is worked on.
    private struct Span {
        var first: Coordinates
        var last: Coordinates

        /// Of what depends on nothing.
        static let none = Span(first: Coordinates(repeating: .max), last: Coordinates(repeating: .min))

        init(first: Coordinates, last: Coordinates) { (self.first, self.last) = (first, last) }

        init(cell: Coordinates) { self.init(first: cell, last: cell) }

        mutating func formUnion(_ other: Span) {
            first = pointwiseMin(first, other.first)
            last = pointwiseMax(last, other.last)
        }

        func moved(by shift: Coordinates) -> Span {
            first.x > last.x ? self : Span(first: first &+ shift, last: last &+ shift)
        }
    }
}

extension LaneInstruction {
    /// Whether what stands at its location enters the result.
    fileprivate var reads: Bool {
        switch self {
        case .store, .storeReal: false
        default: true
        }
    }
}
