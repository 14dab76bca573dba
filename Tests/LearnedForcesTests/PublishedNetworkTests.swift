import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Storage
import Testing
import Training

/// The published network against PyTorch in Float64 (`Fixtures/make_efnn_reference.py`).
@Suite struct PublishedNetworkTests {
    let reference: Safetensors
    let network: FullyConnectedNetwork
    let displacement: SiteField
    let target: SiteField

    init() throws {
        let path = Bundle.module.path(forResource: "reference", ofType: "safetensors", inDirectory: "Fixtures")!
        let reference = try Safetensors(contentsOf: path)
        self.reference = reference
        let square = try squareLattice()
        var network = try FullyConnectedNetwork(FullyConnectedArchitecture(activation: .published), lattice: square)
        let scale = try reference.doubles("input.scale")
        network.inputScale = Array(scale[..<5])
        network.replaceBasis(
            try [["basis.A1"], ["basis.A2"], ["basis.B1"], ["basis.B2"], ["basis.E_x", "basis.E_y"]].map { names in
                try names.map { name in
                    let rows = try reference.doubles(name)
                    return stride(from: 0, to: rows.count, by: 45).map { Array(rows[$0..<$0 + 45]) }
                }
            })
        self.network = network
        let supercell = try Supercell(square, size: [10, 10])
        displacement = SiteField(supercell, values: try reference.doubles("input.displacement"))
        target = SiteField(supercell, values: try reference.doubles("input.target"))
    }

    /// Parameters, or gradients with their prefix, of the reference in our order. The reference lists the products B1·A2 of the
    /// B2 channels with B1 outside; ours has A2 outside.
    func parameters(prefix: String = "") throws -> [Double] {
        var result = [Double](repeating: 0, count: network.layout.count)
        let widths = [[9, 3, 6, 5, 11], [32, 32, 32, 32, 32], [8, 8, 8, 8, 8], [4, 4, 4, 4, 4]]
        for entry in network.layout.entries {
            var values = try reference.doubles(prefix + entry.name, shape: entry.shape)
            if entry.name.hasSuffix("B2.weight") {
                let layer = Int(String(entry.name.dropFirst(5).prefix(1)))!
                let (a1, a2, b1, b2) = (widths[layer][0], widths[layer][1], widths[layer][2], widths[layer][3])
                let start = b2 + a1 * b2
                let columns = entry.shape[1]
                let original = values
                for o in 0..<entry.shape[0] {
                    for p in 0..<a2 {
                        for q in 0..<b1 { values[o * columns + start + p * b1 + q] = original[o * columns + start + q * a2 + p] }
                    }
                }
            }
            result.replaceSubrange(entry.range, with: values)
        }
        return result
    }

    @Test func hasThePublishedShape() {
        #expect(network.neighborhood.offsets.count == 45)
        #expect(network.irrepNames == ["A1", "A2", "B1", "B2", "E"])
        // The published count, 143 135, includes a bias after the last layer that is never used.
        #expect(network.layout.count == 143_134)
    }

    @Test func reproducesTheOutput() throws {
        let field = try FullyConnectedForceField(
            network, parameters: parameters(), supercell: displacement.supercell, singlePrecision: false,
            pool: WorkerPool(threads: 1))
        let output = try field.forces(at: displacement).values
        let expected = try reference.doubles("output")
        #expect(expected.map(abs).max()! > 0.1)
        #expect(largestDifference(output, expected) < 1e-9)
    }

    @Test func reproducesEveryGradient() throws {
        let loss = network.lossGradient(
            forceSamples([displacement], [target]), singlePrecision: false, pool: WorkerPool(threads: 2))
        let result = loss.evaluate(parameters: try parameters(), sites: allSites(of: [displacement]), huberThreshold: 0)
        let expected = try parameters(prefix: "grad.")
        #expect(abs(result.loss - (try reference.doubles("adam.losses")[0])) < 1e-9)
        for entry in network.layout.entries {
            let difference = largestDifference(Array(result.gradient[entry.range]), Array(expected[entry.range]))
            #expect(difference < 1e-9, "\(entry.name): \(difference)")
            #expect(expected[entry.range].contains { abs($0) > 1e-12 }, "\(entry.name)")
        }
    }

    @Test func reproducesTenAdamSteps() throws {
        let loss = network.lossGradient(
            forceSamples([displacement], [target]), singlePrecision: false, pool: WorkerPool(threads: 2))
        var parameters = try parameters()
        var adam = Adam(count: parameters.count)
        var losses: [Double] = []
        for _ in 0..<10 {
            let result = loss.evaluate(parameters: parameters, sites: allSites(of: [displacement]), huberThreshold: 0)
            losses.append(result.loss)
            adam.update(&parameters, gradient: result.gradient, learningRate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8)
        }
        #expect(largestDifference(losses, try reference.doubles("adam.losses")) < 1e-9)
        for name in ["layer0.A1.weight", "layer1.E.weight", "layer2.B2.bias", "layer3.A1.weight"] {
            let range = network.layout[name]!.range
            let expected = try reference.doubles("adam.after10." + name)
            // Columns of E and A1 are in the reference's own order.
            #expect(largestDifference(Array(parameters[range]), expected) < 1e-9, "\(name)")
        }
    }
}
