import ForceFields
import LatticeNumerics
import Lattices
import LearnedForces
import Models
import Testing

/// Learned forces on parts of a lattice.
@Suite struct LearnedLocalForceTests {
    @Test(arguments: [true, false]) func fullyConnected(singlePrecision: Bool) throws {
        for (lattice, size, starts) in [
            (ConvolutionSamples.square, [150, 41], [[0, 70], [0, 19]]),
            (ConvolutionSamples.chain, [700], [[0, 321]]),
            (ConvolutionSamples.cubic, [12, 7, 9], [[0], [0], [0, 4]]),
        ] {
            var architecture = FullyConnectedArchitecture()
            architecture.widths = [6, 6]
            architecture.radiusSquared = 4
            let network = try FullyConnectedNetwork(architecture, lattice: lattice)
            let displacement = try randomField(Supercell(lattice, size: size), scale: 1, seed: 3)
            try expectTheBitsOfTheWhole(at: displacement, cut: DomainCuts(starts: starts)) {
                try FullyConnectedForceField(
                    network, parameters: network.initialParameters(seed: 2), supercell: $0,
                    singlePrecision: singlePrecision, pool: WorkerPool(threads: 2))
            }
        }
    }

    @Test func convolutions() throws {
        for (lattice, size, starts) in [
            (ConvolutionSamples.square, [61, 47], [[0, 30], [0, 22]]),
            (ConvolutionSamples.chain, [300], [[0, 121]]),
            (ConvolutionSamples.cubic, [14, 9, 19], [[0], [0], [0, 10]]),
        ] {
            for member in ConvolutionSamples.members {
                let architecture = member.architecture
                if architecture.head == .conservative || (architecture.baseline != nil && lattice.dimension != 2) { continue }
                if lattice.dimension == 3, architecture.fields != .regular { continue }
                let (model, parameters) = try ConvolutionSamples.model(member, lattice)
                let displacement = try randomField(Supercell(lattice, size: size), scale: 2, seed: 3)
                try expectTheBitsOfTheWhole(at: displacement, cut: DomainCuts(starts: starts)) {
                    try #require(
                        ConvolutionSamples.field(model, parameters, $0, singlePrecision: true) as? any LocalForceField)
                }
            }
        }
    }

    @Test func greensFunctions() throws {
        var architecture = GreensFunctionArchitecture()
        (architecture.core, architecture.levels) = (3, 2)
        let lattice = ConvolutionSamples.square
        let model = try architecture.model(on: lattice, kind: .scalar)
        let displacement = try randomField(Supercell(lattice, size: [40, 50]), scale: 2, seed: 3)
        let conditions = try ConvolutionSamples.conditions()
        func field(_ supercell: Supercell, _ conditions: Conditions) throws -> any ForceField {
            try model.forceField(
                parameters: model.initialParameters(seed: 1), conditions: conditions, supercell: supercell,
                singlePrecision: true, pool: WorkerPool(threads: 1))
        }
        try expectTheBitsOfTheWhole(at: displacement, cut: DomainCuts(starts: [[0, 18], [0, 24]])) {
            try #require(field($0, conditions) as? any LocalForceField)
        }
        let local = try #require(field(displacement.supercell, conditions) as? any LocalForceField)
        #expect(local.receptiveField == model.receptiveField)
        let filled = try AdiabaticModel.holstein(
            coupling: 1.5, stiffness: 1, neighborStiffness: 0.18, temperature: 0.1, particles: .filling(0.5))
        #expect(try !(field(displacement.supercell, filled) is any LocalForceField))
    }

    /// A conservative network has a potential of the whole lattice.
    @Test func conservativeNetworksAreNotLocal() throws {
        for member in ConvolutionSamples.members where member.architecture.head == .conservative {
            let (model, parameters) = try ConvolutionSamples.model(member, ConvolutionSamples.square)
            let supercell = try Supercell(ConvolutionSamples.square, size: [12, 12])
            #expect(try !(ConvolutionSamples.field(model, parameters, supercell, singlePrecision: true) is any LocalForceField))
        }
    }
}
