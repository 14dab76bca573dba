import Lattices

/// The mean of several force fields of the same site variables, F = (1/n) Σ_k F_k, added in their order; local or conservative if
/// they are.
public struct MeanForceField<Member: ForceField>: ForceField {
    /// The force fields, at least one.
    public let members: [Member]

    /// The mean of at least one force field.
    public init(_ members: [Member]) {
        precondition(!members.isEmpty, "a mean of at least one force field")
        self.members = members
    }

    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        _ = try average(on: [forces.values.indices], into: &forces) { member, forces in
            try member.computeForces(at: displacement, into: &forces)
            return 0
        }
    }

    public func atStep(_ step: Int, seed: UInt64) -> Self { Self(members.map { $0.atStep(step, seed: seed) }) }

    /// Writes the mean force to ranges of `forces`; returns the mean of what `compute` returns.
    private func average(
        on ranges: [Range<Int>], into forces: inout SiteField, _ compute: (Member, inout SiteField) throws -> Double
    ) throws -> Double {
        var sum = try compute(members[0], &forces)
        var part = SiteField(forces.supercell, kind: forces.kind)
        for member in members.dropFirst() {
            sum += try compute(member, &part)
            for k in ranges.joined() { forces.values[k] += part.values[k] }
        }
        let weight = 1 / Double(members.count)
        for k in ranges.joined() { forces.values[k] *= weight }
        return sum * weight
    }
}

extension MeanForceField: LocalForceField where Member: LocalForceField {
    public var receptiveField: Int { members.map(\.receptiveField).max()! }
    /// Of force fields that all begin their boxes at the same cells.
    public var alignment: Int { members[0].alignment }

    public func computeForces(
        at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField
    ) throws {
        let components = forces.componentCount
        let ranges = box.siteRanges(in: forces.supercell).map { $0.lowerBound * components..<$0.upperBound * components }
        _ = try average(on: ranges, into: &forces) { member, forces in
            try member.computeForces(at: displacement, in: box, extent: extent, into: &forces)
            return 0
        }
    }
}

extension MeanForceField: ConservativeForceField where Member: ConservativeForceField {
    public func computeForcesAndPotential(at displacement: SiteField, into forces: inout SiteField) throws -> Double {
        try average(on: [forces.values.indices], into: &forces) { try $0.computeForcesAndPotential(at: displacement, into: &$1) }
    }
}
