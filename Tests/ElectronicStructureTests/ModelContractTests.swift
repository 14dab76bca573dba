import ElectronicStructure
import ForceFields
import LatticeNumerics
import Lattices
import Testing

/// Holds a model to its contract on a supercell, with every conservative solver that takes its elements: the force is minus the
/// gradient of the potential, covariant under translations and the point group, and not zero.
func checkModel(_ model: AdiabaticModel, on supercell: Supercell, solvers: [any PotentialSolver], scale: Double = 1) throws {
    var x = SiteField(supercell, kind: model.variable.kind)
    let noise = RandomStream(seed: 7, purpose: .testing).normals(count: x.values.count, step: 0)
    x.values = noise.map { $0 * scale }
    func check<Solver: PotentialSolver>(_ solver: Solver) throws {
        let electrons = ElectronicForceField(model, solver)
        let solution = try electrons.solution(at: x)
        let size = solution.electronicForce.values.map(abs).max()!
        #expect(size > 1e-2, "a force of zero agrees with everything")
        for k in [0, 1, x.values.count / 2, x.values.count - 1] {
            let step = 1e-3
            let values = try [-2.0, -1, 1, 2].map { multiple in
                var moved = x
                moved.values[k] += multiple * step
                return try electrons.solution(at: moved).potential!
            }
            let slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)
            #expect(abs(slope + solution.force.values[k]) < 1e-7 * max(1, size), "\(Solver.name), number \(k)")
        }
        let shift = supercell.size.map { _ in 1 }
        let moved = try electrons.solution(at: x.translated(by: shift)).force
        #expect(largestDifference(moved.values, solution.force.translated(by: shift).values) < 1e-8 * max(1, size))
        for operation in PointGroup(of: supercell.lattice).operations where supercell.size.allSatisfy({ $0 == supercell.size[0] })
        {
            let turned = try electrons.solution(at: x.transformed(by: operation)).force
            #expect(
                largestDifference(turned.values, solution.force.transformed(by: operation).values) < 1e-8 * max(1, size),
                "\(Solver.name), \(operation.name)")
        }
    }
    for solver in solvers { try check(solver) }
}

@Suite struct ModelContractTests {
    @Test(arguments: [Reservoir.Particles.chemicalPotential(0.2), .filling(0.4)], [1, 2])
    func holstein(_ particles: Reservoir.Particles, _ spins: Int) throws {
        for (lattice, size) in [(Samples.square, [4, 4]), (Samples.triangular, [4, 4]), (Samples.honeycomb, [3, 3])] {
            let model = try Samples.model(temperature: 0.2, particles: particles).with("spin_degeneracy", Double(spins))
            try checkModel(
                model, on: Supercell(lattice, size: size), solvers: [ExactDiagonalization(), SelectedInversion(tolerance: 1e-12)])
        }
    }

    /// Shells of bonds beyond those that the lattice lists.
    @Test func shellsOfHopping() throws {
        for (lattice, size) in [(Samples.square, [5, 5]), (Samples.triangular, [4, 4]), (Samples.honeycomb, [3, 3])] {
            let model = try Samples.model(temperature: 0.2).with("hopping", [1, -0.3, 0.1])
            try checkModel(
                model, on: Supercell(lattice, size: size), solvers: [ExactDiagonalization(), SelectedInversion(tolerance: 1e-12)])
            #expect(!model.hasParticleHoleSymmetry(on: lattice))
        }
        #expect(try Samples.model().hasParticleHoleSymmetry(on: Samples.square))
    }

    /// A model that this file alone knows, of a vector and with a matrix element for every bond.
    @Test func bondsThatFollowVectors() throws {
        let reservoir = Reservoir(temperature: 0.1, .filling(0.45))
        let model = try AdiabaticModel(BondModel(), reservoir)
        try checkModel(model, on: Supercell(Samples.square, size: [4, 4]), solvers: [ExactDiagonalization()], scale: 0.2)
        try checkModel(model, on: Supercell(Samples.square, size: [5, 3]), solvers: [ExactDiagonalization()], scale: 0.2)
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
        h.onsite = .blocks(ElementBlocks(orbitals: 1, real: [Double](repeating: 0, count: x.supercell.siteCount)))
        let elements = bonds(of: x.supercell).map { bond in
            bond.direction.indices.reduce(-hopping) { sum, k in
                let d = bond.direction.count
                return sum + softness * (x.values[bond.to * d + k] - x.values[bond.from * d + k]) * bond.direction[k]
            }
        }
        h.bonds = .blocks(ElementBlocks(orbitals: 1, real: elements))
    }

    func writeForce(from rho: DensityMatrix, at x: SiteField, in box: CellBox, to force: inout SiteField) {
        force.values = force.values.map { _ in 0 }
        for (bond, order) in zip(bonds(of: x.supercell), rho.bonds!.real) {
            for (k, e) in bond.direction.enumerated() {
                force.values[bond.to * bond.direction.count + k] -= 2 * softness * order * e
                force.values[bond.from * bond.direction.count + k] += 2 * softness * order * e
            }
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
