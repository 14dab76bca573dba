import ForceFields
import Foundation
import LatticeNumerics
import Lattices

/// The equivariant fully connected network of Fan & Chern, arXiv:2601.04104: the neighbourhood of a site in, the force on it out.
///
///     u⁰ = B·Q(neighbourhood)/scale,    uˡ⁺¹ = gate(layerˡ(uˡ)),    F = output scale · layerᴸ(uᴸ)
///
/// B sorts the neighbourhood's values by irrep, each `BilinearLayer` mixes channels and their Clebsch–Gordan products within
/// an irrep, the last layer keeps the irrep in which the force transforms. Nothing in it names a point group: irreps,
/// couplings and bases follow from the lattice.
///
/// The struct holds shapes and normalisation; parameters are passed as one flat array laid out by ``layout``, with
/// `layer{l}.{irrep}.weight` of shape [channels, columns] and `layer{l}.{irrep}.bias` of shape [channels].
public struct FullyConnectedNetwork: ForceModel {
    public var architecture: any NetworkArchitecture { options }
    /// What the network is made of.
    public let options: FullyConnectedArchitecture
    public let lattice: Lattice
    public let kind: SiteVariable.Kind
    /// The sites that enter the force on a site.
    public let neighborhood: Neighborhood
    public let layout: ParameterLayout
    /// Names of the irreps in order: A1, A2, B1, B2, E for the square lattice.
    public var irrepNames: [String] { algebra.irreps.map(\.name) }
    /// The largest magnitude of each irrep's coefficients in the training data, by which inputs are divided.
    public var inputScale: [Double]
    /// The unit of the output: the root mean square of the electronic force in the training data.
    public var outputScale = 1.0

    let algebra: IrrepAlgebra
    let inputs: IrrepChannels
    private(set) var layers: [BilinearLayer]
    private(set) var gates: [Gate]
    /// Where layer l's weights and biases begin in the parameters.
    let firstWeight: [Int]
    let firstBias: [Int]
    /// Symmetry-adapted combinations, [row of `singleEncoding`][value].
    var basis: [Double]
    private let singleEncoding: IrrepChannels

    /// - Throws: ``NetworkError`` if the architecture cannot be built, `LatticeError` for an unsupported lattice.
    public init(_ architecture: FullyConnectedArchitecture, lattice: Lattice, kind: SiteVariable.Kind = .scalar) throws {
        try architecture.validate()
        let group = PointGroup(of: lattice)
        let algebra = IrrepAlgebra(group)
        let neighborhood = try Neighborhood(
            lattice, group: group, radiusSquared: architecture.radiusSquared, kind: kind)
        options = architecture
        self.lattice = lattice
        self.kind = kind
        self.algebra = algebra
        self.neighborhood = neighborhood

        let copies = algebra.irreps.map { neighborhood.basis(of: $0) }
        let dimensions = algebra.dimensions
        let single = IrrepChannels(multiplicities: copies.map(\.count), dimensions: dimensions)
        singleEncoding = single
        inputs = IrrepChannels(multiplicities: copies.map { $0.count * architecture.encodings }, dimensions: dimensions)
        basis = [Double](repeating: 0, count: single.rowCount * neighborhood.valueCount)
        for (irrep, list) in copies.enumerated() {
            for (copy, rows) in list.enumerated() {
                for (component, row) in rows.enumerated() {
                    let start = (single.row(irrep, component) + copy) * neighborhood.valueCount
                    basis.replaceSubrange(start..<start + row.count, with: row)
                }
            }
        }
        inputScale = [Double](repeating: 1, count: dimensions.count)

        guard let output = algebra.irreps.firstIndex(where: { Self.transforms($0, as: kind, in: group) }) else {
            throw NetworkError(key: "network.name", problem: "the site variable of the \(lattice.name) lattice is not an irrep")
        }
        guard kind == .scalar || architecture.encodingScales.isEmpty else {
            throw NetworkError(
                key: "network.encoding_scales", problem: "tanh of a vector's components does not rotate as a vector")
        }
        let hidden = architecture.widths.map { [Int](repeating: $0, count: dimensions.count) }
        let last = dimensions.indices.map { $0 == output ? 1 : 0 }
        let shapes = [inputs.multiplicities] + hidden + [last]
        layers = zip(shapes, shapes.dropFirst()).map {
            BilinearLayer(algebra: algebra, inputs: $0, outputs: $1, squares: architecture.squares)
        }
        gates = layers.dropLast().map { Gate(activation: architecture.activation, channels: $0.outputs) }

        var layout = ParameterLayout()
        var firstWeight: [Int] = []
        var firstBias: [Int] = []
        for (l, layer) in layers.enumerated() {
            firstWeight.append(layout.count)
            for (r, irrep) in algebra.irreps.enumerated() where layer.outputs.multiplicities[r] > 0 {
                _ = layout.append(
                    "layer\(l).\(irrep.name).weight", shape: [layer.outputs.multiplicities[r], layer.weightColumns[r]])
            }
            firstBias.append(layout.count)
            guard l < layers.count - 1 else { continue }
            for (r, irrep) in algebra.irreps.enumerated() {
                _ = layout.append("layer\(l).\(irrep.name).bias", shape: [layer.outputs.multiplicities[r]])
            }
        }
        self.layout = layout
        self.firstWeight = firstWeight
        self.firstBias = firstBias
    }

    /// Weights by Glorot's uniform rule, U(±√(6/(rows + columns))); biases U(±1/√columns).
    public func initialParameters(seed: UInt64) -> [Double] {
        let stream = RandomStream(seed: seed, purpose: .weightInitialization)
        var parameters = [Double](repeating: 0, count: layout.count)
        for entry in layout.entries {
            let columns = entry.shape.count == 2 ? entry.shape[1] : layout[entry.name.replacing("bias", with: "weight")]!.shape[1]
            let bound =
                entry.shape.count == 2
                ? (6 / Double(entry.shape[0] + columns)).squareRoot() : 1 / Double(max(1, columns)).squareRoot()
            for k in entry.range { parameters[k] = bound * (2 * stream.uniform(step: 0, index: k) - 1) }
        }
        return parameters
    }

    /// Sets ``inputScale`` to the largest coefficient of each irrep in the samples and ``outputScale`` to the root mean square of
    /// their forces.
    public mutating func normalize(_ samples: ForceSamples) {
        precondition(samples.count > 0, "at least one configuration")
        let values = self.neighborhood.valueCount
        var largest = [Double](repeating: 0, count: inputScale.count)
        var neighborhood = [Double](repeating: 0, count: values)
        for configuration in samples.displacements {
            let gather = NeighborGather(self.neighborhood, supercell: configuration.supercell)
            let encoded: [Double] = options.encoded(configuration)
            for encoding in 0..<options.encodings {
                for site in 0..<configuration.supercell.siteCount {
                    encoded.withUnsafeBufferPointer { encoded in
                        let field = encoded.baseAddress! + encoding * configuration.values.count
                        gather.fill(&neighborhood, columns: 1, from: field, count: 1) { _ in site }
                    }
                    for irrep in largest.indices {
                        let first = singleEncoding.row(irrep, 0)
                        for row in first..<first + singleEncoding.multiplicities[irrep] * singleEncoding.dimensions[irrep] {
                            var sum = 0.0
                            for k in 0..<values { sum += basis[row * values + k] * neighborhood[k] }
                            largest[irrep] = max(largest[irrep], abs(sum))
                        }
                    }
                }
            }
        }
        // Where the lattice is so small that an irrep's inputs cancel, only rounding is left of them: it must not be magnified.
        let rounding = 1e-9 * (largest.max() ?? 0)
        inputScale = largest.map { $0 > rounding ? $0 : 1 }
        let force = samples.rootMeanSquareForce
        outputScale = force > 0 ? force : 1
    }

    public var constants: [String: [Double]] {
        get { ["input.scale": inputScale, "output.scale": [outputScale]] }
        set {
            inputScale = newValue["input.scale"] ?? inputScale
            outputScale = newValue["output.scale"]?.first ?? outputScale
        }
    }

    public var receptiveField: Int { neighborhood.reach }

    public func forceField(
        parameters: [Double], conditions: Conditions, supercell: Supercell, singlePrecision: Bool, pool: WorkerPool
    ) throws -> any ForceField {
        try FullyConnectedForceField(
            withoutZeros(of: parameters), parameters: parameters, supercell: supercell, singlePrecision: singlePrecision,
            pool: pool)
    }

    public var removable: [Range<Int>] {
        zip(firstWeight, layers).map { first, layer in first..<first + (layer.weightRanges.last?.upperBound ?? 0) }
    }

    public func removingZeros(of parameters: [Double]) -> any ForceModel { withoutZeros(of: parameters) }

    private func withoutZeros(of parameters: [Double]) -> FullyConnectedNetwork {
        let couplings = removable.joined()
        guard 2 * couplings.count(where: { parameters[$0] == 0 }) >= couplings.count else { return self }
        var isRemoved = removable.map { $0.map { parameters[$0] == 0 } }
        // Rows of channels that are not zero throughout, of every layer's inputs and of the output; then of those that are read.
        var nonzero = [Set(0..<inputs.rowCount)]
        for (l, layer) in layers.enumerated() {
            var reached = Set<Int>()
            layer.forEachCoupling { k, left, right, result in
                isRemoved[l][k] = isRemoved[l][k] || !nonzero[l].contains(left) || right.map { !nonzero[l].contains($0) } ?? false
                if !isRemoved[l][k] { reached.insert(result) }
            }
            nonzero.append(reached)
        }
        var network = self
        var read = Set(0..<layers.last!.outputs.rowCount)
        for (l, layer) in layers.enumerated().reversed() {
            if l < gates.count {
                network.gates[l] = Gate(activation: options.activation, channels: layer.outputs) { row in
                    nonzero[l + 1].contains(row) && read.contains(row)
                }
            }
            var needed = Set<Int>()
            layer.forEachCoupling { k, left, right, result in
                isRemoved[l][k] = isRemoved[l][k] || !read.contains(result)
                if !isRemoved[l][k] { needed.formUnion([left, right ?? left]) }
            }
            network.layers[l] = layer.removing(isRemoved[l])
            read = needed
        }
        return network
    }

    public var multiplyAdds: Int {
        let encoding = singleEncoding.rowCount * neighborhood.valueCount * options.encodings
        return (encoding + layers.reduce(0) { $0 + $1.multiplyAdds }) * (options.particleHoleOdd ? 2 : 1)
    }

    /// Rows of the scaled basis [row][value] for one irrep and component; where its channels of encoding e begin in the inputs.
    func inputBlock(irrep: Int, component: Int, encoding: Int) -> (basisRow: Int, channels: Int, inputRow: Int) {
        let channels = singleEncoding.multiplicities[irrep]
        return (singleEncoding.row(irrep, component), channels, inputs.row(irrep, component) + encoding * channels)
    }

    /// The basis divided by the input scales, [row][value].
    var scaledBasis: [Double] {
        var scaled = basis
        let values = neighborhood.valueCount
        for irrep in inputScale.indices {
            let first = singleEncoding.row(irrep, 0)
            let rows = singleEncoding.multiplicities[irrep] * singleEncoding.dimensions[irrep]
            for k in first * values..<(first + rows) * values { scaled[k] /= inputScale[irrep] }
        }
        return scaled
    }

    /// Replaces the symmetry-adapted basis by another one of the same spaces, [irrep][component][copy][value].
    package mutating func replaceBasis(_ rows: [[[[Double]]]]) {
        for (irrep, components) in rows.enumerated() {
            for (component, copies) in components.enumerated() {
                for (copy, row) in copies.enumerated() {
                    let start = (singleEncoding.row(irrep, component) + copy) * neighborhood.valueCount
                    basis.replaceSubrange(start..<start + row.count, with: row)
                }
            }
        }
    }

    private static func transforms(_ irrep: Irrep, as kind: SiteVariable.Kind, in group: PointGroup) -> Bool {
        let matrices = kind.matrices(in: group)
        return irrep.dimension == matrices[0].count
            && zip(irrep.matrices.joined().joined(), matrices.joined().joined()).allSatisfy { abs($0 - $1) < 1e-9 }
    }
}
