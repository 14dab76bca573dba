import Foundation
import Lattices
import Models
import Storage
import Testing

/// One configuration of Fixtures/cases.json, solved by NumPy (make_holstein_cases.py).
struct ReferenceCase: Decodable, Sendable, CustomTestStringConvertible {
    let name: String
    let height, width: Int
    let hopping, coupling, stiffness, neighborStiffness, temperature: Double
    /// Given in the recipe of the case: one of the two.
    let fixedChemicalPotential, filling: Double?
    let chemicalPotential, potential, electrons: Double

    private enum CodingKeys: String, CodingKey {
        case name, filling, potential, electrons
        case height = "Ly"
        case width = "Lx"
        case hopping = "t"
        case coupling = "g"
        case stiffness = "K"
        case neighborStiffness = "kappa"
        case temperature = "kT"
        case fixedChemicalPotential = "mu"
        case chemicalPotential = "chemical_potential"
    }

    var testDescription: String { name }

    static let all: [ReferenceCase] = {
        do {
            return try JSONDecoder().decode([ReferenceCase].self, from: Data(contentsOf: folder.appending(path: "cases.json")))
        } catch {
            preconditionFailure("Fixtures/cases.json: \(error)")
        }
    }()

    func model() throws -> AdiabaticModel {
        try AdiabaticModel.holstein(
            hopping: hopping, coupling: coupling, stiffness: stiffness, neighborStiffness: neighborStiffness,
            temperature: temperature, particles: filling.map { .filling($0) } ?? .chemicalPotential(fixedChemicalPotential!))
    }

    /// `displacement`, `density` or `force`.
    func field(_ quantity: String) throws -> SiteField {
        let array = try array(quantity)
        #expect(array.shape == [height, width])
        return try SiteField(Supercell(Samples.square, size: [width, height]), values: array.values)
    }

    func eigenvalues() throws -> [Double] { try array("eigenvalues").values }

    private static let folder = Bundle.module.resourceURL!.appending(path: "Fixtures")

    private func array(_ quantity: String) throws -> NPYArray {
        try NPYArray(contentsOf: Self.folder.appending(path: "\(name)/\(quantity).npy").path)
    }
}
