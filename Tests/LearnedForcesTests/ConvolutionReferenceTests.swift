import Electrons
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Testing

/// Convolutions against naive forms of them, and a training run.
@Suite struct ConvolutionReferenceTests {
    /// A regular network on inputs tanh(Q/s), with its plain layers.
    private func network(_ lattice: Lattice) throws -> (model: ConvolutionModel, parameters: [Double], scales: [Double]) {
        let member = ConvolutionMember("plain") {
            $0.channels = [2, 2, 2]
            $0.encodingScales = [0.5, 2]
            $0.pairScales = []
        }
        let (model, parameters) = try ConvolutionSamples.model(member, lattice)
        return (model, parameters, member.architecture.encodingScales)
    }

    /// The kernel between regular fields depends on g⁻¹h and g⁻¹(offset) alone.
    @Test(arguments: [ConvolutionSamples.square, ConvolutionSamples.triangular, ConvolutionSamples.chain])
    func kernelsOfRegularFieldsAreGroupConvolutions(_ lattice: Lattice) throws {
        let (model, parameters, _) = try network(lattice)
        let group = PointGroup(of: lattice)
        let layer = try model.plainLayers(parameters, conditions: ConvolutionSamples.conditions())[1]
        #expect(layer.kernel.count == 2 * group.order && layer.kernel[0].count == 2 * group.order)
        #expect(layer.kernel.joined().joined().map(abs).max()! > 0.05)
        for k in group.operations.indices {
            let images = layer.offsets.map { layer.offsets.firstIndex(of: group.operations[k].image(ofCell: $0).cell)! }
            for (row, inputs) in layer.kernel.enumerated() {
                let movedRow = group.product[k][row / 2] * 2 + row % 2
                for (column, values) in inputs.enumerated() {
                    let movedColumn = group.product[k][column / 2] * 2 + column % 2
                    for (offset, value) in values.enumerated() {
                        #expect(abs(layer.kernel[movedRow][movedColumn][images[offset]] - value) < 1e-13)
                    }
                }
            }
        }
    }

    /// The whole network, written out as loops over sites, operations and offsets.
    @Test(arguments: [ConvolutionSamples.square, ConvolutionSamples.triangular, ConvolutionSamples.chain])
    func forcesAreThoseOfThePlainGroupConvolution(_ lattice: Lattice) throws {
        let (model, parameters, scales) = try network(lattice)
        let supercell = try Supercell(lattice, size: lattice.primitiveVectors.map { _ in 5 })
        let displacement = randomField(supercell, scale: 2, seed: 30)
        let conditions = try ConvolutionSamples.conditions()
        var x = scales.map { scale in displacement.values.map { tanh($0 / scale) } }
        for layer in model.plainLayers(parameters, conditions: conditions) {
            let y = layer.kernel.map { inputs in
                (0..<supercell.siteCount).map { site in
                    var sum = 0.0
                    for (k, offset) in layer.offsets.enumerated() {
                        let neighbor = supercell.site(cell: zip(supercell.cell(of: site), offset).map { $0 + $1 })
                        for (row, values) in inputs.enumerated() { sum += values[k] * x[row][neighbor] }
                    }
                    return sum
                }
            }
            x = y.indices.map { row in
                y[row].indices.map { tanh(y[row][$0]) + (layer.isResidual ? x[row][$0] : 0) }
            }
        }
        let head = model.plainHead(parameters, conditions: conditions)
        let expected = (0..<supercell.siteCount).map { site in head.indices.reduce(0) { $0 + head[$1] * x[$1][site] } }
        let force = try ConvolutionSamples.field(model, parameters, supercell).forces(at: displacement)
        #expect(force.values.map(abs).max()! > 1e-2)
        #expect(largestDifference(force.values, expected) < 1e-12)
    }

    /// On a chain the tree of a site after one level is the site and its two neighbours, with two levels it is five sites.
    @Test func greensFunctionsAreThoseOfTheTree() throws {
        let supercell = try Supercell(ConvolutionSamples.chain, size: [7])
        let displacement = randomField(supercell, scale: 1, seed: 31)
        let model = try ConvolutionSamples.conditions(coupling: 1.3)
        let omega = 0.4
        /// Re of the continued fraction from site `i` on.
        func expected(_ i: Int, levels: Int) -> Double {
            func inverse(_ j: Int) -> (Double, Double) { (0.2 + 1.3 * displacement[(j + 7) % 7], omega) }
            func side(_ direction: Int) -> (Double, Double) {
                var sum = (0.0, 0.0)
                for level in stride(from: levels, to: 0, by: -1) {
                    let z = inverse(i + direction * level)
                    let (a, b) = (z.0 - sum.0, z.1 - sum.1)
                    sum = (a / (a * a + b * b), -b / (a * a + b * b))
                }
                return sum
            }
            let (left, right, own) = (side(-1), side(1), inverse(i))
            let (a, b) = (own.0 - left.0 - right.0, own.1 - left.1 - right.1)
            return a / (a * a + b * b)
        }
        for levels in 0...3 {
            let functions = TreeGreensFunctions(frequencies: [omega], levels: levels, pool: WorkerPool(threads: 1))
            let values = functions.realParts(try model.tightBinding(at: displacement).uniform!, chemicalPotential: 0.2)[0]
            #expect(largestDifference(values, (0..<7).map { expected($0, levels: levels) }) < 1e-13)
        }
    }

    /// A few dozen updates on exact forces, of both heads.
    @Test(arguments: [0, 1, 2, 3, 4, 5]) func trainingLowersTheLoss(_ member: Int) throws {
        var architecture = ConvolutionSamples.members[member].architecture
        architecture.encodingScales = [0.3, 1, 3]
        let supercell = try Supercell(ConvolutionSamples.square, size: [8, 8])
        let electrons = try ConvolutionSamples.conditions(coupling: 1.5)
        let solver = ElectronicForceField(electrons, ExactDiagonalization())
        let fields = (0..<4).map { randomField(supercell, scale: 1, seed: 40 + $0) }
        let samples = ForceSamples(
            displacements: fields, forces: try fields.map { try solver.forces(at: $0) },
            conditions: fields.map { _ in electrons })
        var model = try ConvolutionModel(architecture, lattice: ConvolutionSamples.square)
        try model.normalize(samples)
        let loss = try model.lossGradient(samples, singlePrecision: true, pool: WorkerPool(threads: 2))
        var parameters = model.initialParameters(seed: 1)
        var (mean, square) = (parameters.map { _ in 0.0 }, parameters.map { _ in 0.0 })
        var losses: [Double] = []
        for step in 1...60 {
            let (value, gradient) = loss.evaluate(parameters: parameters, sites: allSites(of: fields), huberThreshold: 0)
            losses.append(value)
            for k in gradient.indices {
                mean[k] = 0.9 * mean[k] + 0.1 * gradient[k]
                square[k] = 0.99 * square[k] + 0.01 * gradient[k] * gradient[k]
                let (m, v) = (mean[k] / (1 - pow(0.9, Double(step))), square[k] / (1 - pow(0.99, Double(step))))
                parameters[k] -= 1e-2 * m / (v.squareRoot() + 1e-8)
            }
        }
        #expect(losses.last! < 0.5 * losses[0])
    }

    @Test func whatCannotBeBuiltIsRefused() throws {
        func refused(_ key: String, _ change: (inout ConvolutionArchitecture) -> Void) {
            var architecture = ConvolutionArchitecture()
            change(&architecture)
            do {
                _ = try ConvolutionModel(architecture, lattice: ConvolutionSamples.square)
                Issue.record("\(key) was accepted")
            } catch let error as NetworkError {
                #expect(error.key == "network.\(key)")
            } catch {
                Issue.record("\(error)")
            }
        }
        refused("channels") { $0.channels = [] }
        refused("radius_squared") { $0.radiusSquared = -1 }
        refused("pair_scales") { $0.pairScales = [0] }
        refused("conditions") { $0.conditions = [.temperature, .temperature] }
        refused("baseline") {
            $0.head = .conservative
            $0.baseline = LocalBaseline()
        }
        refused("baseline.radius") {
            var baseline = LocalBaseline()
            baseline.radius = 9
            $0.baseline = baseline
        }
        #expect(throws: NetworkError.self) {
            try ConvolutionModel(ConvolutionArchitecture(), lattice: ConvolutionSamples.square, kind: .polarVector)
        }
    }

    /// With residuals, the weights of ten layers begin smaller by √9 beyond the second.
    @Test func deepLayersBeginSmaller() throws {
        func initial(_ isResidual: Bool) throws -> (layout: ParameterLayout, parameters: [Double]) {
            let member = ConvolutionMember("ten layers") {
                $0.channels = [Int](repeating: 2, count: 10)
                $0.residual = isResidual
            }
            let model = try ConvolutionModel(member.architecture, lattice: ConvolutionSamples.square)
            return (model.layout, model.initialParameters(seed: 1))
        }
        let (residual, plain) = (try initial(true).parameters, try initial(false))
        for entry in plain.layout.entries {
            let isDeep = entry.name.hasPrefix("layer") && !["layer1.", "layer2."].contains { entry.name.hasPrefix($0) }
            for k in entry.range { #expect(abs(residual[k] * (isDeep ? 3 : 1) - plain.parameters[k]) < 1e-12) }
        }
    }
}
