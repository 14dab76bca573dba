import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces
import Models
import Testing

/// Lattices, members of the family and data of the tests of convolutional networks.
enum ConvolutionSamples {
    static let square = make("square", [[1, 0], [0, 1]], bonds: [[1, 0], [0, 1]])
    static let triangular = make("triangular", [[1, 0], [0.5, 3.0.squareRoot() / 2]], bonds: [[1, 0], [0, 1], [-1, 1]])
    static let chain = make("chain", [[1]], bonds: [[1]])
    static let cubic = make("cubic", [[1, 0, 0], [0, 1, 0], [0, 0, 1]], bonds: [[1, 0, 0], [0, 1, 0], [0, 0, 1]])

    private static func make(_ name: String, _ vectors: [[Double]], bonds: [[Int]]) -> Lattice {
        let origin = [Double](repeating: 0, count: vectors.count)
        do {
            return try Lattice(
                name: name, primitiveVectors: vectors, basis: [origin], bonds: bonds.map { .init(from: 0, to: 0, cell: $0) })
        } catch {
            preconditionFailure("\(name): \(error)")
        }
    }

    /// Every kind of field with both heads, and every option at least once.
    static let members: [ConvolutionMember] =
        ConvolutionArchitecture.Fields.allCases.flatMap { fields in
            ConvolutionArchitecture.Head.allCases.map { head in
                ConvolutionMember("\(fields) \(head)") {
                    $0.fields = fields
                    $0.head = head
                    $0.channels = fields == .regular ? [2, 2, 3] : [4, 4, 3]
                    $0.encodingScales = [0.7, 3]
                    $0.pairScales = [2]
                }
            }
        } + [
            ConvolutionMember("learned scales") {
                $0.channels = [2, 2]
                $0.encodingScales = [0.7, 3]
                $0.pairScales = [1, 4]
                $0.learnedScales = true
            },
            ConvolutionMember("learned scales, conservative") {
                $0.fields = .irreps
                $0.head = .conservative
                $0.channels = [3, 3]
                $0.encodingScales = [0.7, 3]
                $0.pairScales = [1, 4]
                $0.learnedScales = true
            },
            ConvolutionMember("displacement itself, wide first kernel") {
                $0.channels = [2, 2]
                $0.inputRadiusSquared = 4
                $0.encodingScales = []
                $0.pairScales = []
                $0.residual = false
            },
            ConvolutionMember("conditions") {
                $0.channels = [2, 2]
                $0.encodingScales = [1]
                $0.pairScales = [2]
                $0.conditions = [.temperature, .init(rawValue: "coupling"), .chemicalPotential]
            },
            ConvolutionMember("conditions, conservative") {
                $0.fields = .irreps
                $0.head = .conservative
                $0.channels = [3, 3]
                $0.encodingScales = []
                $0.pairScales = [2]
                $0.conditions = [.temperature, .chemicalPotential]
            },
            ConvolutionMember("baseline") {
                $0.channels = [2, 2]
                $0.encodingScales = [1]
                $0.pairScales = [2]
                var baseline = LocalBaseline()
                baseline.greensFunctions = 3
                $0.baseline = baseline
            },
        ]

    static func conditions(temperature: Double = 0.1, coupling: Double = 1.5, chemicalPotential: Double = 0) throws -> Conditions
    {
        try AdiabaticModel.holstein(
            coupling: coupling, stiffness: 1, neighborStiffness: 0.18, temperature: temperature,
            particles: .chemicalPotential(chemicalPotential))
    }

    /// Random displacements and forces on two supercells, each with its own electrons where the architecture asks for them.
    static func samples(_ lattice: Lattice, _ architecture: ConvolutionArchitecture, seed: UInt64 = 1) throws -> ForceSamples {
        let sizes =
            lattice.dimension == 1 ? [[9], [7]] : lattice.dimension == 2 ? [[6, 5], [4, 4]] : [[3, 4, 3], [3, 3, 3]]
        let supercells = try sizes.map { try Supercell(lattice, size: $0) }
        let varies = !architecture.conditions.isEmpty
        return try ForceSamples(
            displacements: supercells.enumerated().map { randomField($1, scale: 1.5, seed: seed + UInt64($0)) },
            forces: supercells.enumerated().map { randomField($1, scale: 0.6, seed: seed + 10 + UInt64($0)) },
            conditions: [
                conditions(), varies ? conditions(temperature: 0.2, coupling: 2, chemicalPotential: 0.4) : conditions(),
            ])
    }

    /// A model with its units, and parameters that are all different from their initial values.
    static func model(
        _ member: ConvolutionMember, _ lattice: Lattice, samples: ForceSamples? = nil
    ) throws -> (model: ConvolutionModel, parameters: [Double]) {
        var model = try ConvolutionModel(member.architecture, lattice: lattice)
        try model.normalize(samples ?? Self.samples(lattice, member.architecture))
        let noise = RandomStream(seed: 5, purpose: .testing).normals(count: model.layout.count, step: 1)
        return (model, zip(model.initialParameters(seed: 3), noise).map { $0 + 0.1 * $1 })
    }

    static func field(
        _ model: ConvolutionModel, _ parameters: [Double], _ supercell: Supercell, singlePrecision: Bool = false,
        conditions: Conditions? = nil, threads: Int = 1
    ) throws -> any ForceField {
        try model.forceField(
            parameters: parameters, conditions: conditions ?? Self.conditions(), supercell: supercell,
            singlePrecision: singlePrecision, pool: WorkerPool(threads: threads))
    }
}

/// An architecture with a name for reports.
struct ConvolutionMember: Sendable, CustomTestStringConvertible {
    let name: String
    let architecture: ConvolutionArchitecture

    init(_ name: String, _ change: (inout ConvolutionArchitecture) -> Void) {
        self.name = name
        var architecture = ConvolutionArchitecture()
        change(&architecture)
        self.architecture = architecture
    }

    var testDescription: String { name }
}
