import Electrons
import ForceFields
import Foundation
import Lattices
import Models
import Storage
import Testing

/// A configuration of Fixtures/models/cases.json, solved by NumPy (make_model_cases.py, which states the conventions).
struct ModelCase: Decodable, Sendable, CustomTestStringConvertible {
    struct Parameters: Decodable, Sendable {
        let hopping: [String: Double]
        let g, K, kappa, kT: Double
        let mu, filling: Double?
        let D: Int?
        /// The file of energies v_i: onsite.npy.
        let v: String?
    }

    let `case`: String
    let lattice: String
    let size: [Int]
    let periodic: [Bool]
    let model: Parameters
    let potential, free_energy, chemical_potential: Double

    var testDescription: String { `case` }

    static let all: [ModelCase] = {
        do {
            return try JSONDecoder().decode([ModelCase].self, from: Data(contentsOf: folder.appending(path: "cases.json")))
        } catch {
            preconditionFailure("Fixtures/models/cases.json: \(error)")
        }
    }()

    private static let folder = Bundle.module.resourceURL!.appending(path: "Fixtures/models")

    func values(_ name: String) throws -> [Double] {
        try NPYArray(contentsOf: Self.folder.appending(path: "\(`case`)/\(name).npy").path).values
    }

    func supercell() throws -> Supercell {
        try Supercell(#require(Self.lattices[lattice]), size: size, periodic: periodic)
    }

    func adiabaticModel() throws -> AdiabaticModel {
        let model = try AdiabaticModel.holstein(
            hopping: self.model.hopping["1"]!, coupling: self.model.g, stiffness: self.model.K,
            neighborStiffness: self.model.kappa,
            temperature: self.model.kT,
            particles: self.model.filling.map { .filling($0) } ?? .chemicalPotential(try #require(self.model.mu)))
        let hopping = try (1...self.model.hopping.count).map { try #require(self.model.hopping["\($0)"]) }
        let plain = try model.with("hopping", hopping).with("spin_degeneracy", Double(self.model.D ?? 1))
        guard self.model.v != nil else { return plain }
        var energies = OnsiteEnergies()
        energies.given = .init(path: "onsite.npy", digest: "", field: .values(try values("onsite"), size: size))
        return plain.with(energies)
    }

    /// LATTICES of make_model_cases.py, first shell.
    private static let lattices: [String: Lattice] = {
        let root = 3.0.squareRoot()
        let third = [1.0 / 3, 1.0 / 3]
        let listed: [(String, [[Double]], [[Double]], [(Int, Int, [Int])])] = [
            ("chain", [[1]], [[0]], [(0, 0, [1])]),
            ("square", [[1, 0], [0, 1]], [[0, 0]], [(0, 0, [1, 0]), (0, 0, [0, 1])]),
            (
                "triangular", [[1, 0], [0.5, root / 2]], [[0, 0]],
                [(0, 0, [1, 0]), (0, 0, [0, 1]), (0, 0, [-1, 1])]
            ),
            (
                "honeycomb", [[root, 0], [root / 2, 1.5]], [[0, 0], third],
                [(0, 1, [0, 0]), (0, 1, [-1, 0]), (0, 1, [0, -1])]
            ),
            (
                "kagome", [[2, 0], [1, root]], [[0, 0], [0.5, 0], [0, 0.5]],
                [
                    (0, 1, [0, 0]), (0, 2, [0, 0]), (1, 2, [0, 0]), (1, 0, [1, 0]), (2, 0, [0, 1]), (1, 2, [1, -1]),
                ]
            ),
            (
                "cubic", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 0, 0]],
                [(0, 0, [1, 0, 0]), (0, 0, [0, 1, 0]), (0, 0, [0, 0, 1])]
            ),
        ]
        return Dictionary(
            uniqueKeysWithValues: listed.map { name, vectors, basis, bonds in
                let bonds = bonds.map { Lattice.Bond(from: $0.0, to: $0.1, cell: $0.2) }
                do {
                    return (name, try Lattice(name: name, primitiveVectors: vectors, basis: basis, bonds: bonds))
                } catch { preconditionFailure("\(name): \(error)") }
            })
    }()
}

/// Agreement with independent NumPy calculations on six lattices. The second shell of cases that hop there is found by distance.
@Suite struct ModelReferenceTests {
    @Test func allCasesAreThere() {
        #expect(ModelCase.all.count == 11 && ModelCase.all.count { $0.model.v != nil } == 1)
    }

    private func expectAgreement<Solver: PotentialSolver>(_ reference: ModelCase, _ solver: Solver) throws {
        let x = SiteField(try reference.supercell(), values: try reference.values("configuration"))
        let model = try reference.adiabaticModel()
        let solution = try ElectronicForceField(model, solver).solution(at: x)
        #expect(largestDifference(solution.force.values, try reference.values("force")) < 1e-9)
        #expect(largestDifference(solution.density.values, try reference.values("density")) < 1e-9)
        #expect(abs(solution.chemicalPotential - reference.chemical_potential) < 1e-9)
        let expected = reference.model.filling == nil ? reference.potential : reference.free_energy
        #expect(abs(solution.potential! - expected) < 1e-8)
        if let eigenvalues = solution.eigenvalues {
            #expect(largestDifference(eigenvalues, try reference.values("eigenvalues")) < 1e-9)
        }
    }

    @Test(arguments: ModelCase.all) func diagonalization(_ reference: ModelCase) throws {
        try expectAgreement(reference, ExactDiagonalization())
    }

    @Test(arguments: ModelCase.all) func selectedInversion(_ reference: ModelCase) throws {
        try expectAgreement(reference, SelectedInversion(tolerance: 1e-11))
    }
}
