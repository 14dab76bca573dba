import Electrons
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Testing

/// The fast single-precision networks against the reference, and the promises they make about bits.
@Suite struct FrozenConvolutionTests {
    /// Every kind of field and every option, direct heads.
    static let members = ConvolutionSamples.members.filter { $0.architecture.head == .direct } + [wide]

    /// Channels that fill blocks of eight and of four rows and leave rows over, and layers of different widths.
    static let wide = ConvolutionMember("odd widths") {
        $0.channels = [5, 5, 9, 1]
        $0.inputRadiusSquared = 5
    }

    /// Rows longer than a box, shorter than a vector, and shorter than the kernel.
    static let squareSizes = [[260, 5], [37, 11], [7, 64], [3, 2], [1, 1], [2, 9]]

    private func field(
        _ member: ConvolutionMember, _ supercell: Supercell, singlePrecision: Bool = true, threads: Int = 2
    ) throws -> any ForceField {
        let (model, parameters) = try ConvolutionSamples.model(member, supercell.lattice)
        return try ConvolutionSamples.field(
            model, parameters, supercell, singlePrecision: singlePrecision, threads: threads)
    }

    private func expectAgreement(_ member: ConvolutionMember, _ supercell: Supercell) throws {
        let displacement = randomField(supercell, scale: 2, seed: 8)
        let fast = try field(member, supercell).forces(at: displacement).values
        let reference = try field(member, supercell, singlePrecision: false).forces(at: displacement).values
        let scale = reference.map(abs).max()!
        #expect(scale > 1e-3)
        // The local solver of the baseline is itself in single precision there.
        let tolerance = member.architecture.baseline == nil ? 1e-5 : 1e-4
        #expect(largestDifference(fast, reference) < tolerance * max(1, scale), "\(supercell.size)")
    }

    @Test(arguments: members) func agreesWithTheReferenceOnSquareLatticesOfAnySide(_ member: ConvolutionMember) throws {
        for size in Self.squareSizes {
            try expectAgreement(member, Supercell(ConvolutionSamples.square, size: size))
        }
    }

    @Test(arguments: [
        (ConvolutionSamples.chain, [[41], [2]]), (ConvolutionSamples.triangular, [[20, 9], [2, 3]]),
        (ConvolutionSamples.cubic, [[6, 26, 5], [2, 1, 3]]),
    ]) func agreesWithTheReferenceOnOtherLattices(_ lattice: Lattice, _ sizes: [[Int]]) throws {
        for member in Self.members where member.architecture.baseline == nil && member.name != Self.wide.name {
            for size in sizes { try expectAgreement(member, Supercell(lattice, size: size)) }
        }
    }

    /// The same bits whatever the number of threads, and so of boxes.
    @Test(arguments: members) func doesNotDependOnTheNumberOfThreads(_ member: ConvolutionMember) throws {
        let supercell = try Supercell(ConvolutionSamples.square, size: [50, 23])
        let displacement = randomField(supercell, scale: 2, seed: 9)
        let one = try field(member, supercell, threads: 1).forces(at: displacement)
        for threads in [2, 3, 7] {
            #expect(try field(member, supercell, threads: threads).forces(at: displacement) == one)
        }
    }

    /// A domain with a halo of the receptive field has the bits of the whole lattice.
    @Test(arguments: members) func aDomainWithAHaloHasTheBitsOfTheWhole(_ member: ConvolutionMember) throws {
        guard member.architecture.baseline == nil else { return }
        let lattice = ConvolutionSamples.square
        let whole = try Supercell(lattice, size: [53, 41])
        let displacement = randomField(whole, scale: 2, seed: 10)
        let forces = try field(member, whole).forces(at: displacement)
        let halo = try ConvolutionSamples.model(member, lattice).model.receptiveField
        let (origin, size) = ([19, 30], [21, 9])
        let domain = try Supercell(lattice, size: size.map { $0 + 2 * halo })
        func site(_ cell: [Int]) -> Int { whole.site(cell: zip(cell, origin).map { $0 + $1 - halo }) }
        let part = SiteField(
            domain, values: (0..<domain.siteCount).map { displacement[site(domain.cell(of: $0))] })
        let partial = try field(member, domain).forces(at: part)
        for y in 0..<size[1] {
            for x in 0..<size[0] {
                let cell = [x + halo, y + halo]
                #expect(partial[domain.site(cell: cell)] == forces[site(cell)])
            }
        }
    }

    /// The point group, and particle–hole to the last bit, on random and perfectly symmetric inputs.
    @Test(arguments: members) func keepsItsSymmetries(_ member: ConvolutionMember) throws {
        guard member.architecture.baseline == nil else { return }
        let supercell = try Supercell(ConvolutionSamples.square, size: [12, 12])
        let field = try field(member, supercell)
        let checkerboard = SiteField(supercell, values: (0..<144).map { ($0 + $0 / 12) % 2 == 0 ? 2.1 : -2.1 })
        let kink = SiteField(supercell, values: (0..<144).map { ($0 + $0 / 12) % 2 == ($0 % 12 < 6 ? 0 : 1) ? 1.7 : -1.7 })
        let uniform = SiteField(supercell, repeating: 0.8)
        for displacement in [randomField(supercell, scale: 2, seed: 11), checkerboard, kink, uniform] {
            let force = try field.forces(at: displacement)
            #expect(force.firstNonFiniteSite == nil)
            let scale = max(1, force.values.map(abs).max()!)
            #expect(force.values.map(abs).max()! > 1e-3)
            for operation in PointGroup(of: supercell.lattice).operations {
                let rotated = try field.forces(at: displacement.transformed(by: operation))
                #expect(largestDifference(rotated.values, force.transformed(by: operation).values) < 1e-5 * scale)
            }
            let opposite = try field.forces(at: SiteField(supercell, values: displacement.values.map { -$0 }))
            #expect(opposite.values == force.values.map { -$0 })
        }
    }

    /// A number that is not one spoils what depends on it and nothing else.
    @Test func notANumberStaysWithinTheReceptiveField() throws {
        let supercell = try Supercell(ConvolutionSamples.square, size: [40, 40])
        let member = ConvolutionMember("plain") { $0.channels = [2, 2] }
        let clean = randomField(supercell, scale: 2, seed: 12)
        var spoilt = clean
        spoilt[0] = .nan
        let field = try field(member, supercell)
        let (before, after) = (try field.forces(at: clean), try field.forces(at: spoilt))
        let reach = try ConvolutionSamples.model(member, supercell.lattice).model.receptiveField
        for site in 0..<supercell.siteCount {
            let distance = supercell.cell(of: site).map { min($0, 40 - $0) }.max()!
            if distance > reach { #expect(after[site] == before[site]) }
        }
        #expect(after[0].isNaN)
    }

    /// Calls on several threads at the same time take turns, and repeated calls leave the memory of the process as it is.
    @Test func callsAtTheSameTimeAgree() throws {
        let supercell = try Supercell(ConvolutionSamples.square, size: [64, 40])
        let displacement = randomField(supercell, scale: 2, seed: 13)
        let field = try field(Self.wide, supercell)
        let expected = try field.forces(at: displacement)
        WorkerPool(threads: 4).forEach(count: 12) { _, _ in
            #expect((try? field.forces(at: displacement)) == expected)
        }
    }

    @Test func repeatedCallsTakeNoMoreMemory() throws {
        let supercell = try Supercell(ConvolutionSamples.square, size: [64, 64])
        let displacement = randomField(supercell, scale: 2, seed: 14)
        let field = try field(ConvolutionMember("plain") { $0.channels = [4, 4] }, supercell, threads: 1)
        var forces = SiteField(supercell)
        func residentBytes() throws -> Int {
            try Int(String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")[1])! * 4096
        }
        for _ in 0..<3 { try field.computeForces(at: displacement, into: &forces) }
        let before = try residentBytes()
        for _ in 0..<200 { try field.computeForces(at: displacement, into: &forces) }
        // Other tests run meanwhile; the workspace of every call would be 100 megabytes.
        #expect(try residentBytes() - before < 50 << 20)
    }
}
