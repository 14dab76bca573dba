import Electrons
import ForceFields
import LatticeNumerics
import Lattices
import Models
import Testing

@Suite struct ModelContractTests {
    /// Sides of one and two cells, where bonds reach around, among them.
    private static let shapes: [(Lattice, [Int])] = [
        (Samples.chain, [13]), (Samples.square, [4, 4]), (Samples.square, [6, 5]), (Samples.square, [2, 6]),
        (Samples.square, [1, 5]),
        (Samples.triangular, [5, 4]), (Samples.triangular, [4, 4]), (Samples.honeycomb, [3, 4]), (Samples.honeycomb, [3, 3]),
        (Samples.cubic, [2, 3, 2]),
    ]

    @Test(arguments: [Reservoir.Particles.chemicalPotential(-0.4), .filling(0.37)], shapes)
    func holstein(_ particles: Reservoir.Particles, _ shape: (Lattice, [Int])) throws {
        try checkModel(Samples.model(temperature: 0.2, particles: particles), on: Supercell(shape.0, size: shape.1))
    }

    /// As many electrons as holes, and the spins that there may be.
    @Test(arguments: [Reservoir.Particles.chemicalPotential(0), .filling(0.5)], [1, 2])
    func halfFilling(_ particles: Reservoir.Particles, _ spins: Int) throws {
        let model = try Samples.model(temperature: 0.2, particles: particles).with("spin_degeneracy", Double(spins))
        for (lattice, size) in [(Samples.square, [4, 4]), (Samples.honeycomb, [3, 3])] {
            try checkModel(model, on: Supercell(lattice, size: size))
        }
    }

    @Test(arguments: [Reservoir.Particles.chemicalPotential(0), .filling(0.37)])
    func openEnds(_ particles: Reservoir.Particles) throws {
        let model = try Samples.model(temperature: 0.2, particles: particles)
        for (lattice, size, periodic) in [
            (Samples.square, [5, 4], [false, false]), (Samples.square, [5, 3], [true, false]), (Samples.chain, [9], [false]),
            (Samples.honeycomb, [3, 2], [false, true]), (Samples.triangular, [4, 3], [false, false]),
        ] { try checkModel(model, on: Supercell(lattice, size: size, periodic: periodic)) }
    }

    /// Shells of bonds beyond those that the lattice lists.
    @Test func shellsOfHopping() throws {
        for (lattice, size) in [(Samples.square, [5, 5]), (Samples.triangular, [4, 4]), (Samples.honeycomb, [3, 3])] {
            let model = try Samples.model(temperature: 0.2).with("hopping", [1, -0.3, 0.1])
            try checkModel(model, on: Supercell(lattice, size: size))
            #expect(!model.hasParticleHoleSymmetry(on: lattice))
        }
        #expect(try Samples.model().hasParticleHoleSymmetry(on: Samples.square))
    }

    /// Energies of sites, which symmetries move with the configuration.
    @Test func disorder() throws {
        for (lattice, size) in [
            (Samples.chain, [9]), (Samples.square, [4, 4]), (Samples.honeycomb, [3, 3]), (Samples.cubic, [3, 2, 2]),
        ] {
            let model = try Samples.model(temperature: 0.2, particles: .chemicalPotential(0.1)).with("onsite_disorder", 3)
            try checkModel(model, on: Supercell(lattice, size: size))
            try checkModel(model.with("hopping", [1, 0.2]), on: Supercell(lattice, size: size))
        }
    }

    /// A model that this file alone knows, of a vector and with a matrix element for every bond.
    @Test func bondsThatFollowVectors() throws {
        let reservoir = Reservoir(temperature: 0.1, .filling(0.45))
        let model = try AdiabaticModel(BondModel(), reservoir)
        try checkModel(model, on: Supercell(Samples.square, size: [4, 4]), scale: 0.2)
        try checkModel(model, on: Supercell(Samples.square, size: [5, 3]), scale: 0.2)
        #expect(model.listedParameters.map(\.listKey) == ["temperatures", "hoppings", "softnesses", "chemical_potentials"])
        #expect(model["chemical_potential"] == nil && model["filling"] == 0.45)
        let other = try model.with("softness", 0.5)
        #expect(other["softness"] == 0.5 && other != model)

        let x = SiteField(try Supercell(Samples.square, size: [4, 4]), kind: .polarVector)
        for solver in [SelectedInversion(), LocalDiagonalization(options: .init(radius: 1, levels: 1))] as [any ElectronicSolver]
        {
            let error = #expect(throws: ElectronicStructureError.self) {
                try solver.solve(model.tightBinding(at: x), model.reservoir, wanted: model.wantedElements)
            }
            #expect(error?.description.contains("takes one orbital a site") == true)
        }
    }

    /// What a wrong model says of itself does not pass.
    @Test(arguments: BondModel.Flaw.allCases) fileprivate func wrongModelsAreFoundOut(_ flaw: BondModel.Flaw) throws {
        var wrong = BondModel()
        wrong.flaw = flaw
        let supercell = try Supercell(Samples.square, size: [4, 4])
        let failures = try modelFailures(
            AdiabaticModel(wrong, Reservoir(temperature: 0.1, .filling(0.45))), on: supercell, scale: 0.2)
        #expect(failures.contains { $0.contains(flaw.rawValue) }, "\(failures)")
    }

    @Test func aForceOfZeroDoesNotPass() throws {
        let supercell = try Supercell(Samples.square, size: [4, 4])
        #expect(
            try modelFailures(Samples.model(coupling: 0, temperature: 0.2), on: supercell).contains { $0.contains("is zero") })
        withKnownIssue { try checkModel(Samples.model(coupling: 0, temperature: 0.2), on: supercell) }
    }

    @Test func modelsAreRegistered() throws {
        func message(_ model: any LatticeModel.Type) -> String? {
            #expect(throws: ModelError.self) { try AdiabaticModel.register(model) }?.description
        }
        // Twice the same is no mistake.
        for _ in 0..<2 { try AdiabaticModel.register(BondModel.self) }
        #expect(AdiabaticModel.catalogue.filter { $0 == BondModel.self }.count == 1)
        #expect(message(Misnamed<TakenName>.self) == "name: 'bond' is the bond model; another name is allowed")
        #expect(message(Misnamed<TakenKey>.self)?.contains("temperature: is taken") == true)
        #expect(!AdiabaticModel.catalogue.contains { $0.name == TakenKey.name })
    }

    @Test func wrongValuesAreNamed() throws {
        func message(_ key: String, _ value: Double) -> String? {
            let error = #expect(throws: ModelError.self) { try Samples.model().with(key, value) }
            return error?.description
        }
        #expect(message("spin_degeneracy", 3) == "spin_degeneracy: 3.0; a whole number from 1 to 2 is needed")
        #expect(message("spin_degeneracy", 1.5) == "spin_degeneracy: 1.5; a whole number from 1 to 2 is needed")
        #expect(message("coupling", .nan) == "coupling: nan; a finite number is needed")
        let pair = #expect(throws: ModelError.self) { try Samples.model().with("coupling", [1, 2]) }
        #expect(pair?.description == "coupling: [1.0, 2.0]; one number is needed")
        let many = try Samples.model().with("neighbor_stiffness", [0.1, 0.2])
        let shells = #expect(throws: ModelError.self) { try many.hamiltonian.validateBonds(of: Samples.square) }
        #expect(shells?.description.contains("has more numbers than the square lattice lists shells of bonds; 1 at most") == true)
    }
}

/// Displacements u that stretch bonds: H = −Σ_⟨ij⟩ [t − g (u_j − u_i)·e_ij] (c†_i c_j + h.c.), C = (K/2) Σ u².
private struct BondModel: LatticeModel {
    static let name = "bond"
    static let title = "bond model"
    static let variable = SiteVariable("displacement", .polarVector)
    static let wantedElements = WantedElements.bonds
    static var parameters: [ModelParameter<Self>] {
        [
            .init("hopping", "t", .energy, "the energy of a bond", isElectronic: true, \.hopping),
            .init("softness", "g", .energyPerDisplacement, "its change with length", isElectronic: true, \.softness),
            .init("stiffness", "K", .energyPerSquaredDisplacement, "of every site", isElectronic: false, \.stiffness),
        ]
    }

    var hopping = 1.0
    var softness = 0.8
    var stiffness = 2.0
    var flaw: Flaw?

    /// What may be wrong, and what the checker says of it.
    enum Flaw: String, CaseIterable {
        case force = "−D Tr ρ ∂H/∂x"
        case background = "∂B/∂x"
        case symmetry = "breaks the force"
        case box = "beyond the box"
        case hermiticity = "not Hermitian"
    }

    func background(at x: SiteField) -> Double { flaw == .background ? 0.1 * x.values.reduce(0, +) : 0 }

    var energyUnit: Double { abs(hopping) }

    /// The ends of every bond, in the order of `bondPairs()`, with the unit vector from the first to the second.
    private func bonds(of supercell: Supercell) -> [(from: Int, to: Int, direction: [Double])] {
        let lattice = supercell.lattice
        let directions = lattice.bonds.map { bond in
            let (here, there) = (
                lattice.position(cell: bond.cell.map { _ in 0 }, site: bond.from),
                lattice.position(cell: bond.cell, site: bond.to)
            )
            let difference = zip(there, here).map { $0 - $1 }
            let length = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return difference.map { $0 / length }
        }
        precondition(supercell.isPeriodic, "as many bonds in every cell")
        return supercell.bondPairs().enumerated().map { ($1.0, $1.1, directions[$0 % directions.count]) }
    }

    func writeElements(at x: SiteField, in box: CellBox, to h: inout TightBinding) {
        let zeros = [Double](repeating: 0, count: x.supercell.siteCount)
        h.onsite = .blocks(
            ElementBlocks(orbitals: 1, real: zeros, imaginary: flaw == .hermiticity ? zeros.map { _ in 0.1 } : nil))
        let elements = bonds(of: x.supercell).map { bond in
            bond.direction.indices.reduce(flaw == .symmetry ? -hopping * (1 + 0.2 * bond.direction[0]) : -hopping) { sum, k in
                let d = bond.direction.count
                return sum + softness * (x.values[bond.to * d + k] - x.values[bond.from * d + k]) * bond.direction[k]
            }
        }
        h.bonds = .blocks(ElementBlocks(orbitals: 1, real: elements))
    }

    func writeForce(from rho: DensityMatrix, at x: SiteField, in box: CellBox, to force: inout SiteField) {
        var all = SiteField(x.supercell, kind: x.kind)
        let factor = flaw == .force ? -2 * softness : 2 * softness
        for (bond, order) in zip(bonds(of: x.supercell), rho.bonds!.real) {
            for (k, e) in bond.direction.enumerated() {
                all.values[bond.to * bond.direction.count + k] -= factor * order * e
                all.values[bond.from * bond.direction.count + k] += factor * order * e
            }
        }
        let written = flaw == .box ? CellBox(x.supercell) : box
        for site in written.siteRanges(in: x.supercell).joined() {
            for k in 0..<x.componentCount { force.values[site * x.componentCount + k] = all.values[site * x.componentCount + k] }
        }
    }

    func classicalPart(on supercell: Supercell, pool: WorkerPool) -> any ClassicalForceField { Springs(stiffness: stiffness) }

    func harmonicPart(on lattice: Lattice) -> HarmonicLattice? {
        let matrix = (0..<lattice.dimension).map { row in (0..<lattice.dimension).map { $0 == row ? stiffness : 0 } }
        return HarmonicLattice(lattice, onsite: matrix, couplings: [])
    }

    func spectrumBounds(_ extent: FieldExtent, on lattice: Lattice) -> SpectrumBounds {
        let change = abs(softness) * (extent.highest - extent.lowest) * Double(lattice.dimension).squareRoot()
        return SpectrumBounds(energiesBetween: 0, and: 0, radius: 4 * (abs(hopping) + change))
    }

    /// C = (K/2) Σ u².
    private struct Springs: ClassicalForceField {
        let stiffness: Double
        var receptiveField: Int { 0 }
        var alignment: Int { 1 }

        func computeForcesAndPotential(at x: SiteField, into forces: inout SiteField) throws -> Double {
            forces.values = x.values.map { -stiffness * $0 }
            return x.values.reduce(0) { $0 + stiffness / 2 * $1 * $1 }
        }

        func computeForces(at x: SiteField, into forces: inout SiteField) throws {
            _ = try computeForcesAndPotential(at: x, into: &forces)
        }

        func computeForces(at x: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField) throws {
            for k in indices(of: x, in: box) { forces.values[k] = -stiffness * x.values[k] }
        }

        func addForces(at x: SiteField, in box: CellBox, to forces: inout SiteField) {
            for k in indices(of: x, in: box) { forces.values[k] -= stiffness * x.values[k] }
        }

        func subtractForces(at x: SiteField, in box: CellBox, from forces: inout SiteField) {
            for k in indices(of: x, in: box) { forces.values[k] += stiffness * x.values[k] }
        }

        private func indices(of x: SiteField, in box: CellBox) -> [Int] {
            box.siteRanges(in: x.supercell).joined().flatMap { site in (0..<x.componentCount).map { site * x.componentCount + $0 }
            }
        }
    }
}

/// The bond model with other names.
private struct Misnamed<Names: OtherNames>: LatticeModel {
    static var name: String { Names.name }
    static var title: String { "misnamed model" }
    static var variable: SiteVariable { BondModel.variable }
    static var parameters: [ModelParameter<Self>] {
        [.init(Names.key, "t", .energy, "misnamed", isElectronic: true, \.model.hopping)]
    }

    var model = BondModel()
    var energyUnit: Double { model.energyUnit }

    func writeElements(at x: SiteField, in box: CellBox, to h: inout TightBinding) { model.writeElements(at: x, in: box, to: &h) }
    func writeForce(from rho: DensityMatrix, at x: SiteField, in box: CellBox, to force: inout SiteField) {
        model.writeForce(from: rho, at: x, in: box, to: &force)
    }
    func classicalPart(on supercell: Supercell, pool: WorkerPool) -> any ClassicalForceField {
        model.classicalPart(on: supercell, pool: pool)
    }
    func harmonicPart(on lattice: Lattice) -> HarmonicLattice? { model.harmonicPart(on: lattice) }
    func spectrumBounds(_ extent: FieldExtent, on lattice: Lattice) -> SpectrumBounds {
        model.spectrumBounds(extent, on: lattice)
    }
}

private protocol OtherNames: Hashable, Sendable {
    static var name: String { get }
    static var key: String { get }
}

private struct TakenName: OtherNames {
    static let (name, key) = ("bond", "hopping")
}

private struct TakenKey: OtherNames {
    static let (name, key) = ("heated-bond", "temperature")
}
