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
public struct FullyConnectedNetwork: Sendable {
    /// What the network is made of.
    public let architecture: NetworkArchitecture
    /// The lattice whose symmetry it has.
    public let lattice: Lattice
    /// How the site variable, and so the force, transforms.
    public let components: SiteComponents
    /// The sites that enter the force on a site.
    public let neighborhood: Neighborhood
    /// Names, shapes and places of the parameters.
    public let layout: ParameterLayout
    /// Names of the irreps in order: A1, A2, B1, B2, E for the square lattice.
    public var irrepNames: [String] { algebra.irreps.map(\.name) }
    /// The largest magnitude of each irrep's coefficients in the training data, by which inputs are divided.
    public var inputScale: [Double]
    /// The unit of the output: the root mean square of the electronic force in the training data.
    public var outputScale = 1.0

    let algebra: IrrepAlgebra
    let inputs: IrrepChannels
    let layers: [BilinearLayer]
    let gates: [Gate]
    /// Where layer l's weights and biases begin in the parameters.
    let firstWeight: [Int]
    let firstBias: [Int]
    /// Symmetry-adapted combinations, [row of `singleEncoding`][value].
    var basis: [Double]
    private let singleEncoding: IrrepChannels

    /// - Throws: ``NetworkError`` if the architecture cannot be built, `LatticeError` for an unsupported lattice.
    public init(_ architecture: NetworkArchitecture, lattice: Lattice, components: SiteComponents = .scalar) throws {
        try architecture.validate()
        let group = PointGroup(of: lattice)
        let algebra = IrrepAlgebra(group)
        let neighborhood = try Neighborhood(
            lattice, group: group, radiusSquared: architecture.radiusSquared, components: components)
        self.architecture = architecture
        self.lattice = lattice
        self.components = components
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

        guard let output = algebra.irreps.firstIndex(where: { Self.transforms($0, as: components, in: group) }) else {
            throw NetworkError(key: "network.name", problem: "the site variable of the \(lattice.name) lattice is not an irrep")
        }
        guard components == .scalar || architecture.encodingScales.isEmpty else {
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

    /// Sets ``inputScale`` to the largest coefficient of each irrep in `configurations` and ``outputScale`` to the root mean
    /// square of `targets`.
    public mutating func normalize(configurations: [SiteField], targets: [SiteField]) {
        precondition(!configurations.isEmpty, "at least one configuration")
        let gather = NeighborGather(self.neighborhood, supercell: configurations[0].supercell)
        let values = self.neighborhood.valueCount
        var largest = [Double](repeating: 0, count: inputScale.count)
        var neighborhood = [Double](repeating: 0, count: values)
        for configuration in configurations {
            let encoded: [Double] = architecture.encoded(configuration)
            for encoding in 0..<architecture.encodings {
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
        let square = targets.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1 * $1 } }
        let count = targets.reduce(0) { $0 + $1.values.count }
        outputScale = square > 0 ? (square / Double(count)).squareRoot() : 1
    }

    /// Multiply–adds of one force on one site.
    public var multiplyAdds: Int {
        let encoding = singleEncoding.rowCount * neighborhood.valueCount * architecture.encodings
        return (encoding + layers.reduce(0) { $0 + $1.multiplyAdds }) * (architecture.particleHoleOdd ? 2 : 1)
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

    private static func transforms(_ irrep: Irrep, as components: SiteComponents, in group: PointGroup) -> Bool {
        switch components {
        case .scalar: irrep.dimension == 1 && irrep.characters.allSatisfy { abs($0 - 1) < 1e-9 }
        case .vector: irrep.matrices == group.operations.map(\.matrix)
        }
    }
}

/// A network that cannot be built or used.
public struct NetworkError: Error, CustomStringConvertible, Sendable {
    /// The recipe's key.
    public let key: String
    /// What is wrong, and what is allowed.
    public let problem: String
    public var description: String { "\(key): \(problem)" }

    /// A problem with the value of `key`.
    public init(key: String, problem: String) {
        self.key = key
        self.problem = problem
    }
}

extension NetworkArchitecture {
    /// - Throws: ``NetworkError`` naming the first value that is out of range.
    public func validate() throws {
        guard name == Self.fullyConnected else {
            throw NetworkError(key: "network.name", problem: "'\(name)'; allowed: \(Self.fullyConnected)")
        }
        guard radiusSquared >= 0, radiusSquared <= 64 else {
            throw NetworkError(key: "network.radius_squared", problem: "\(radiusSquared); 0 to 64 is allowed")
        }
        guard widths.count <= 8, widths.allSatisfy({ (1...256).contains($0) }) else {
            throw NetworkError(key: "network.widths", problem: "\(widths); up to eight widths from 1 to 256 are allowed")
        }
        guard encodingScales.count <= 8, encodingScales.allSatisfy({ $0 > 0 && $0.isFinite }) else {
            throw NetworkError(
                key: "network.encoding_scales", problem: "\(encodingScales); up to eight positive numbers are allowed")
        }
    }

    /// How many times a displacement enters.
    var encodings: Int { max(1, encodingScales.count) }

    /// A displacement as it enters: itself, or tanh(Q/s). Odd in Q.
    func encode(_ displacement: Double, _ encoding: Int) -> Double {
        encodingScales.isEmpty ? displacement : tanh(displacement / encodingScales[encoding])
    }

    /// Encodes part of a field's values to their places in [encoding][value].
    @inline(__always)
    func encode<Scalar: NetworkScalar>(
        _ values: UnsafeBufferPointer<Double>, _ range: Range<Int>, into encoded: UnsafeMutablePointer<Scalar>
    ) {
        for encoding in 0..<encodings {
            for k in range { encoded[encoding * values.count + k] = Scalar(encode(values[k], encoding)) }
        }
    }

    /// All values of a field, [encoding][value].
    func encoded<Scalar: NetworkScalar>(_ field: SiteField) -> [Scalar] {
        let count = encodings * field.values.count
        return [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
            field.values.withUnsafeBufferPointer { encode($0, 0..<$0.count, into: buffer.baseAddress!) }
            initialized = count
        }
    }
}
