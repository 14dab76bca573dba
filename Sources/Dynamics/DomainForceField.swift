import Communication
import ForceFields
import Lattices

/// The forces of a lattice that is spread over processes, each of which has a domain of it.
///
/// One evaluation exchanges the halos once. While the messages are under way the interior is done, the cells whose forces do not
/// depend on the halo; the frame around it follows when they have arrived. The forces have the bits of a single process.
///
/// An evaluation is collective, so that there is one at a time.
public struct DomainForceField: ForceField {
    /// The part of the lattice that this process has.
    public let domain: Domain
    private var forceField: any LocalForceField
    private let communicator: any Communicator
    private let exchange: HaloExchange
    /// The components of the domain in its fields.
    private let runs: [Range<Int>]
    /// Boxes of the domain's supercell that need no halo, and those that do.
    private let (interior, frame): (CellBox?, [CellBox])
    /// The largest displacement, the largest opposite of one, and whether one is not finite.
    private let extremes = FixedMemory(count: 3)

    /// - Parameters:
    ///   - forceField: on the local supercell of the domain of this process, the same on all.
    ///   - grid: how the lattice is cut; its halo is at least as wide as the receptive field of the forces.
    ///   - kind: of a site.
    public init(
        _ forceField: any LocalForceField, grid: DomainGrid, kind: SiteVariable.Kind = .scalar,
        communicator: any Communicator
    ) {
        domain = grid.domain(of: communicator.rank)
        precondition(
            domain.halo.allSatisfy { $0 == 0 || $0 >= forceField.receptiveField }, "a halo as wide as the receptive field")
        self.forceField = forceField
        self.communicator = communicator
        exchange = HaloExchange(grid, communicator: communicator, kind: kind)
        let count = kind.count(in: grid.whole.lattice)
        runs = domain.runs().map { $0.local * count..<($0.local + $0.count) * count }
        (interior, frame) = Self.boxes(of: domain, reach: forceField.receptiveField, alignment: forceField.alignment)
    }

    public func atStep(_ step: Int, seed: UInt64) -> Self {
        var field = self
        field.forceField = forceField.atStep(step, seed: seed)
        return field
    }

    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        var completed = displacement
        try computeForces(completing: &completed, into: &forces)
    }

    /// Fills the halo of the displacement and computes the forces on the sites of the domain.
    ///
    /// - Throws: ``DynamicsError/notFinite(quantity:)`` on every rank if a displacement of any is not finite; what the force field
    ///   throws, and `OtherRankFailed` on the ranks on which it does not.
    func computeForces(completing displacement: inout SiteField, into forces: inout SiteField) throws {
        exchange.begin(displacement)
        let extent = agreedExtent(of: displacement)
        // What fails on one rank must leave none waiting: the halo is finished all the same, and the failure becomes that of all.
        let interiorForces = Result {
            if let interior, let extent {
                try forceField.computeForces(at: displacement, in: interior, extent: extent, into: &forces)
            }
        }
        exchange.finish(&displacement)
        guard let extent else { throw DynamicsError.notFinite(quantity: "displacement") }
        try communicator.together {
            try interiorForces.get()
            for box in frame { try forceField.computeForces(at: displacement, in: box, extent: extent, into: &forces) }
        }
    }

    /// That of all ranks; nil if a value is not finite.
    private func agreedExtent(of displacement: SiteField) -> FieldExtent? {
        let extremes = extremes.values
        extremes.update(repeating: -.infinity)
        extremes[2] = 0
        displacement.values.withUnsafeBufferPointer { values in
            for run in runs {
                var (highest, lowest, wrong) = (-Double.infinity, Double.infinity, 0)
                for k in run {
                    let value = values[k]
                    highest = value > highest ? value : highest
                    lowest = value < lowest ? value : lowest
                    wrong |= value.isFinite ? 0 : 1
                }
                extremes[0] = max(extremes[0], highest)
                extremes[1] = max(extremes[1], -lowest)
                if wrong != 0 { extremes[2] = 1 }
            }
        }
        communicator.maximum(extremes)
        return extremes[2] == 0 ? FieldExtent(lowest: -extremes[1], highest: extremes[0]) : nil
    }

    /// The cells of a domain whose forces do not see its halo, and boxes that together are the rest of its cells.
    ///
    /// All boxes begin at multiples of the alignment from the first cell of the domain on.
    static func boxes(of domain: Domain, reach: Int, alignment: Int) -> (interior: CellBox?, frame: [CellBox]) {
        var (origin, size) = (domain.window.origin, domain.window.size)
        var frame: [CellBox] = []
        for direction in size.indices.reversed() where domain.halo[direction] > 0 {
            let length = size[direction]
            let begin = (reach + alignment - 1) / alignment * alignment
            let end = max(0, length - reach) / alignment * alignment
            guard begin < end else { return (nil, [domain.window]) }
            for (first, count) in [(0, begin), (end, length - end)] {
                var (corner, sides) = (origin, size)
                corner[direction] += first
                sides[direction] = count
                frame.append(CellBox(origin: corner, size: sides))
            }
            origin[direction] += begin
            size[direction] = end - begin
        }
        return (CellBox(origin: origin, size: size), frame)
    }
}
