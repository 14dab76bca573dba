import Electrons
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Models
import Testing

/// Learned ends as a family of models.
@Suite struct GreensFunctionModelTests {
    private static let square: Lattice = {
        do {
            return try Lattice(
                name: "square", primitiveVectors: [[1, 0], [0, 1]], basis: [[0, 0]],
                bonds: [.init(from: 0, to: 0, cell: [1, 0]), .init(from: 0, to: 0, cell: [0, 1])])
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    private static func conditions(coupling: Double = 1.5, temperature: Double = 0.1) throws -> Conditions {
        try AdiabaticModel.holstein(coupling: coupling, stiffness: 1, neighborStiffness: 0.18, temperature: temperature)
    }

    private static func displacement(_ size: [Int], seed: UInt64 = 1) throws -> SiteField {
        let supercell = try Supercell(square, size: size)
        let normals = RandomStream(seed: seed, purpose: .testing).normals(count: supercell.siteCount, step: 0)
        return SiteField(supercell, values: normals.map { 1.5 * $0 })
    }

    private static func architecture(core: Int = 1) -> GreensFunctionArchitecture {
        var architecture = GreensFunctionArchitecture()
        (architecture.core, architecture.radius, architecture.levels) = (core, 1, 2)
        return architecture
    }

    private static func forces(
        _ model: any ForceModel, _ parameters: [Double], at displacement: SiteField, conditions: Conditions? = nil,
        singlePrecision: Bool = false, threads: Int = 1
    ) throws -> [Double] {
        let conditions = try conditions ?? Self.conditions()
        return try model.forceField(
            parameters: parameters, conditions: conditions, supercell: displacement.supercell,
            singlePrecision: singlePrecision, pool: WorkerPool(threads: threads)
        ).forces(at: displacement).values
    }

    private static func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    /// Before training it is local diagonalization with trees.
    @Test(arguments: [1, 3])
    func startsAsLocalDiagonalization(core: Int) throws {
        let displacement = try Self.displacement([11, 10])
        let model = try Self.architecture(core: core).model(on: Self.square, kind: .scalar)
        let start = model.initialParameters(seed: 1)
        #expect(start.count == model.layout.count && start.count == model.layout.entries.reduce(0) { $0 + $1.range.count })
        for conditions in [try Self.conditions(), try Self.conditions(coupling: 3, temperature: 0.2)] {
            let options = LocalDiagonalization.Options(
                core: core, radius: 1, levels: 2, poleTolerance: GreensFunctionArchitecture().poleTolerance, precision: .double)
            let tree = try ElectronicForceField(conditions, LocalDiagonalization(options: options)).forces(at: displacement)
            let found = try Self.forces(model, start, at: displacement, conditions: conditions)
            #expect(Self.largestDifference(found, tree.values) < 1e-12)
            #expect(found.contains { abs($0) > 0.1 })
        }
    }

    @Test func symmetries() throws {
        let displacement = try Self.displacement([8, 8])
        let model = try Self.architecture().model(on: Self.square, kind: .scalar)
        let start = model.initialParameters(seed: 1)
        let normals = RandomStream(seed: 3, purpose: .testing).normals(count: start.count, step: 0)
        let parameters = zip(start, normals).map { $0 + 0.1 * $1 }
        for (single, tolerance) in [(false, 1e-12), (true, 1e-5)] {
            let forces = try Self.forces(model, parameters, at: displacement, singlePrecision: single)
            #expect(try Self.largestDifference(forces, Self.forces(model, start, at: displacement)) > 1e-3)
            let field = SiteField(displacement.supercell, values: forces)
            for operation in PointGroup(of: Self.square).operations {
                let image = try Self.forces(
                    model, parameters, at: displacement.transformed(by: operation), singlePrecision: single)
                #expect(Self.largestDifference(image, field.transformed(by: operation).values) < tolerance)
            }
            let negative = SiteField(displacement.supercell, values: displacement.values.map { -$0 })
            let mirrored = try Self.forces(model, parameters, at: negative, singlePrecision: single)
            #expect(Self.largestDifference(mirrored, forces.map { -$0 }) < 1e-15)
        }
    }

    /// Force fields of several parameters and supercells at the same time, from one model.
    @Test func forceFieldsShareOneModel() throws {
        let fields = try [[9, 9], [12, 7]].map { try Self.displacement($0) }
        let model = try Self.architecture(core: 2).model(on: Self.square, kind: .scalar)
        let start = model.initialParameters(seed: 1)
        let sets = (0..<6).map { k in start.map { $0 + 0.05 * Double(k) } }
        let alone = try sets.flatMap { set in try fields.map { try Self.forces(model, set, at: $0) } }
        var together = alone.map { _ in [Double]() }
        try together.withUnsafeMutableBufferPointer { together in
            nonisolated(unsafe) let together = together
            try WorkerPool(threads: 3).tryForEach(count: alone.count) { piece, _ in
                together[piece] = try Self.forces(model, sets[piece / 2], at: fields[piece % 2])
            }
        }
        #expect(together == alone && alone[0] != alone[2])
        #expect(try Self.forces(model, sets[1], at: fields[0], threads: 2) == alone[2])
    }

    /// A domain with a halo as wide as the receptive field has the forces of the whole.
    @Test func receptiveField() throws {
        var architecture = Self.architecture()
        architecture.messagePath = 3
        let model = try architecture.model(on: Self.square, kind: .scalar)
        let parameters = model.initialParameters(seed: 1).map { $0 + 0.05 }
        let size = 2 * model.receptiveField + 3
        var displacement = try Self.displacement([size, size])
        let center = displacement.supercell.site(cell: [size / 2, size / 2])
        // The largest of all decide the poles; they stay.
        displacement[center - 1] = 6
        displacement[center + 1] = -6
        let before = try Self.forces(model, parameters, at: displacement)[center]
        func changed(_ distance: Int) throws -> Double {
            var moved = displacement
            for offset in 0..<size {
                for cell in [[size / 2 + distance, offset], [offset, size / 2 + distance]] {
                    moved[moved.supercell.site(cell: cell)] *= -0.5
                }
            }
            return abs(try Self.forces(model, parameters, at: moved)[center] - before)
        }
        #expect(try changed(model.receptiveField + 1) == 0)
        #expect(try changed(2) > 1e-6)
    }

    @Test func architectureIsKept() throws {
        let architecture = Self.architecture(core: 2)
        let kept = try JSONDecoder().decode(
            GreensFunctionArchitecture.self, from: try JSONEncoder().encode(architecture))
        #expect(kept == architecture)
        let model = try kept.model(on: Self.square, kind: .scalar)
        #expect(model.architecture as? GreensFunctionArchitecture == architecture && model.multiplyAdds > 500)
    }

    @Test func errors() throws {
        func reject(_ change: (inout GreensFunctionArchitecture) -> Void, _ key: String) throws {
            var architecture = GreensFunctionArchitecture()
            change(&architecture)
            let error = #expect(throws: NetworkError.self) {
                try architecture.model(on: Self.square, kind: .scalar)
            }
            #expect(error?.key == "network.\(key)")
        }
        try reject({ $0.core = 0 }, "core")
        try reject({ $0.levels = 0 }, "levels")
        try reject({ $0.radius = -1 }, "radius")
        try reject({ $0.nodes = [1, 0.5] }, "nodes")
        try reject({ $0.nodes = [] }, "nodes")
        try reject({ $0.poleTolerance = 0 }, "pole_tolerance")
        try reject({ $0.poleTolerance = 0.01 }, "pole_tolerance")
        let model = try GreensFunctionArchitecture().model(on: Self.square, kind: .scalar)
        let field = try Self.displacement([4, 4])
        let samples = ForceSamples(displacements: [field], forces: [field], conditions: [try Self.conditions()])
        #expect(throws: NetworkError.self) {
            try model.lossGradient(samples, singlePrecision: false, pool: WorkerPool(threads: 1))
        }
        #expect(throws: NetworkError.self) {
            try GreensFunctionArchitecture().model(on: Self.square, kind: .polarVector)
        }
        let open = try Supercell(Self.square, size: [6, 6], periodic: [true, false])
        #expect(throws: NetworkError.self) {
            try Self.forces(model, model.initialParameters(seed: 1), at: SiteField(open))
        }
    }
}
