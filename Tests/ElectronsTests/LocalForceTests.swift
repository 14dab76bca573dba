import Electrons
import ForceFields
import LatticeNumerics
import Lattices
import Testing

/// Local diagonalization on parts of a lattice.
@Suite struct LocalForceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let core: Int
        let radius: Int
        let levels: Int
        let size: [Int]
        let starts: [[Int]]
        var lattice = Samples.square
        var precision = LocalDiagonalization.Options.Precision.single
        var terms: EndCorrections.Terms?

        var testDescription: String { "\(lattice.name) core \(core), \(precision)\(terms == nil ? "" : ", learned")" }

        func field(threads: Int = 1) throws -> LocalElectronicForceField {
            let corrections = terms.map {
                EndCorrections(unlearnedOn: lattice, core: core, radii: PatchRadii(radius), levels: levels, terms: $0)
            }
            let learned = corrections.map { unlearned in
                var learned = unlearned
                let noise = RandomStream(seed: 4, purpose: .testing).normals(count: unlearned.values.count, step: 0)
                learned.values = zip(unlearned.values, noise).map { $0 + 0.05 * $1 }
                return learned
            }
            let solver = ElectronicForceField(
                try Samples.model(),
                LocalDiagonalization(
                    options: .init(core: core, radius: radius, levels: levels, precision: precision),
                    corrections: learned, pool: WorkerPool(threads: threads)))
            return try #require(LocalElectronicForceField(solver, on: lattice))
        }
    }

    static let cases = [
        Case(core: 1, radius: 1, levels: 2, size: [37, 23], starts: [[0, 13], [0, 11]]),
        Case(core: 1, radius: 1, levels: 1, size: [24, 31], starts: [[0], [0, 7, 19]], precision: .double),
        Case(core: 3, radius: 2, levels: 2, size: [40, 31], starts: [[0, 21], [0, 15]]),
        Case(core: 3, radius: 2, levels: 2, size: [34, 35], starts: [[0, 18], [0, 15]], terms: .init()),
        Case(core: 4, radius: 1, levels: 2, size: [41, 38], starts: [[0, 16], [0, 20]], precision: .double),
        Case(core: 8, radius: 2, levels: 1, size: [43, 50], starts: [[0], [0, 24]]),
        Case(core: 9, radius: 2, levels: 2, size: [70, 49], starts: [[0, 36], [0, 27]]),
        Case(core: 10, radius: 1, levels: 1, size: [11, 63], starts: [[0], [0, 30]], precision: .double),
        Case(core: 1, radius: 2, levels: 3, size: [50], starts: [[0, 20]], lattice: Samples.chain),
        Case(core: 2, radius: 1, levels: 2, size: [21, 20], starts: [[0, 10], [0, 8]], lattice: Samples.honeycomb),
        Case(core: 1, radius: 1, levels: 1, size: [9, 8, 11], starts: [[0], [0], [0, 5]], lattice: Samples.cubic),
    ]

    @Test(arguments: cases) func haveTheBitsOfTheWhole(_ test: Case) throws {
        let displacement = try Samples.random(test.lattice, test.size, scale: 1.5)
        // One instance for all boxes and supercells: their memory is kept side by side.
        let field = try test.field()
        try expectTheBitsOfTheWhole(at: displacement, cut: DomainCuts(starts: test.starts)) { _ in field }
        #expect(try test.field(threads: 3).forces(at: displacement) == field.forces(at: displacement))
        let density = try field.solve(displacement).density
        #expect(try field.forces(at: displacement) == field.model.electronicForce(from: density))
    }

    static let reaches = [
        Case(core: 1, radius: 1, levels: 2, size: [15, 15], starts: [], precision: .double),
        Case(core: 1, radius: 0, levels: 0, size: [5, 5], starts: [], precision: .double),
        Case(core: 3, radius: 1, levels: 2, size: [21, 21], starts: [], precision: .double),
        Case(core: 2, radius: 1, levels: 2, size: [20, 20], starts: [], precision: .double, terms: .init()),
        Case(
            core: 1, radius: 1, levels: 2, size: [21, 21], starts: [], precision: .double,
            terms: .init(endPath: 4, messagePath: 3)),
        Case(core: 10, radius: 1, levels: 1, size: [44, 44], starts: [], precision: .double),
        Case(core: 1, radius: 1, levels: 2, size: [15, 15], starts: [], lattice: Samples.honeycomb, precision: .double),
        Case(core: 1, radius: 1, levels: 2, size: [15, 15], starts: [], lattice: Samples.triangular, precision: .double),
    ]

    @Test(arguments: reaches) func seeAsFarAsTheySay(_ test: Case) throws {
        try expectTightReceptiveField(test.field(), at: Samples.random(test.lattice, test.size))
    }

    @Test func openEnds() throws {
        let supercell = try Supercell(Samples.square, size: [20, 17], periodic: [false, true])
        let values = RandomStream(seed: 3, purpose: .testing).normals(count: supercell.siteCount, step: 0)
        let displacement = SiteField(supercell, values: values)
        let field = try Case(core: 3, radius: 1, levels: 1, size: [], starts: []).field()
        let whole = try field.forces(at: displacement)
        var parts = SiteField(supercell)
        for box in frameAndInterior(of: CellBox(supercell), width: 6) {
            try field.computeForces(at: displacement, in: box, extent: FieldExtent(of: displacement), into: &parts)
        }
        #expect(parts == whole)
    }

    @Test func atFixedFillingNothingIsLocal() throws {
        let solver = ElectronicForceField(
            try Samples.model(particles: .filling(0.5)), LocalDiagonalization(options: .init(radius: 1, levels: 1)))
        #expect(LocalElectronicForceField(solver, on: Samples.square) == nil)
    }

    @Test func aDisplacementThatIsNotFiniteIsNamed() throws {
        var displacement = try Samples.random(Samples.square, [12, 12])
        displacement[40] = .nan
        let field = try Case(core: 1, radius: 1, levels: 1, size: [], starts: []).field(threads: 2)
        var forces = SiteField(displacement.supercell)
        let extent = FieldExtent(of: displacement)
        let error = #expect(throws: ElectronicStructureError.self) {
            try field.computeForces(at: displacement, in: CellBox(displacement.supercell), extent: extent, into: &forces)
        }
        guard case .nonFiniteEnergy(site: 40, cell: [4, 3], _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        // Another domain's.
        try field.computeForces(at: displacement, in: CellBox(origin: [0, 8], size: [12, 4]), extent: extent, into: &forces)
    }
}
