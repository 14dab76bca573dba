import Electrons
import ForceFields
import Foundation
import LatticeNumerics
import Lattices

/// A convolutional network on a lattice: the ``ForceModel`` of ``ConvolutionArchitecture``.
public struct ConvolutionModel: ForceModel {
    /// Shapes of all layers.
    private(set) var network: ConvolutionNetwork
    /// Units found from data.
    var scales: ConvolutionScales

    /// - Throws: ``NetworkError`` if the architecture cannot be built, `LatticeError` for an unsupported lattice.
    public init(_ architecture: ConvolutionArchitecture, lattice: Lattice, kind: SiteVariable.Kind = .scalar) throws {
        guard kind == .scalar else {
            throw NetworkError(
                key: "network.name", problem: "\(ConvolutionArchitecture.name) networks are for scalar site variables")
        }
        network = try ConvolutionNetwork(architecture, lattice: lattice)
        scales = ConvolutionScales(network)
    }

    public var architecture: any NetworkArchitecture { network.architecture }
    public var lattice: Lattice { network.lattice }
    public var kind: SiteVariable.Kind { .scalar }
    public var layout: ParameterLayout { network.layout }
    public var receptiveField: Int { network.reach + (network.architecture.baseline?.receptiveField(on: lattice) ?? 0) }

    public var constants: [String: [Double]] {
        get { scales.constants }
        set { scales.constants = newValue }
    }

    /// Multiply–adds of combinations, matrix products, Fourier transforms and head; a conservative head goes through all of them
    /// twice, and a mean once for every image.
    public var multiplyAdds: Int {
        let layers = network.layers.reduce(0) { sum, layer in
            let transforms: Int =
                switch layer.activation {
                case .regular(let channels): 2 * channels * network.regular!.order * network.regular!.order
                case .norm, .pointwise: 0
                }
            return sum + layer.shape.multiplyAdds + transforms
        }
        let head = network.head.reduce(0) { $0 + $1.count }
        return (layers + head) * (network.architecture.head == .conservative ? 2 : 1) * network.averaged.count
    }

    /// Normal numbers that keep the variance of features near 1; conditions without effect; scales as the architecture says.
    public func initialParameters(seed: UInt64) -> [Double] {
        let stream = RandomStream(seed: seed, purpose: .weightInitialization)
        var parameters = [Double](repeating: 0, count: layout.count)
        for matrix in network.matrices {
            for k in matrix.range { parameters[k] = matrix.deviation * stream.normal(step: 0, index: k) }
        }
        for (k, scale) in zip(network.siteScales, network.architecture.encodingScales) { parameters[k] = log(scale) }
        for (k, scale) in zip(network.pairScales, network.architecture.pairScales) { parameters[k] = log(scale) }
        return parameters
    }

    public mutating func normalize(_ samples: ForceSamples) throws {
        precondition(samples.count > 0, "at least one configuration")
        for conditions in samples.conditions { try validate(conditions) }
        scales = ConvolutionScales(network)
        for (index, condition) in network.architecture.scalingConditions.enumerated() {
            let values = samples.conditions.map { condition.value($0) }
            let mean = values.reduce(0, +) / Double(values.count)
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
            scales.conditionMeans[index] = mean
            // Where a condition is the same throughout, its scaling stays without effect.
            scales.conditionDeviations[index] = variance > 1e-20 ? variance.squareRoot() : 1
        }
        let baselines = try baselineSamples(samples, pool: WorkerPool(threads: 1))
        scales.output = outputScale(samples, baselines)
        scales.inputs = inputScales(samples, baselines)
    }

    public func forceField(
        parameters: [Double], conditions: Conditions, supercell: Supercell, singlePrecision: Bool, pool: WorkerPool
    ) throws -> any ForceField {
        try validate(supercell)
        try validate(conditions)
        if singlePrecision, network.architecture.head == .direct {
            return frozen(parameters: parameters, conditions: conditions, supercell: supercell, pool: pool)
        }
        func field<Scalar: ConvolutionScalar>(_: Scalar.Type) -> any ForceField {
            func evaluator(_ model: ConvolutionModel) -> ConvolutionEvaluator<Scalar> {
                ConvolutionEvaluator(model, parameters: parameters, conditions: conditions, supercell: supercell, pool: pool)
            }
            return network.architecture.head == .conservative
                ? mean { ConservativeConvolutionForceField(evaluator($0)) } : mean { ConvolutionForceField(evaluator($0)) }
        }
        return singlePrecision ? field(Float.self) : field(Double.self)
    }

    /// A frozen network; local unless its baseline depends on the whole lattice.
    private func frozen(
        parameters: [Double], conditions: Conditions, supercell: Supercell, pool: WorkerPool
    ) -> any ForceField {
        @Sendable func frozen(_ model: ConvolutionModel, on supercell: Supercell) -> FrozenConvolution {
            FrozenConvolution(model, parameters: parameters, conditions: conditions, supercell: supercell, pool: pool)
        }
        guard let baseline = network.architecture.baseline else {
            return mean { LocalConvolutionForceField(frozen($0, on: supercell), receptiveField: $0.receptiveField) }
        }
        // A lattice that a block of the baseline reaches around is solved exactly, and so as a whole.
        guard conditions.reservoir.fixedChemicalPotential != nil,
            supercell.size.allSatisfy({ $0 > baseline.core + 2 * baseline.radius })
        else { return mean { frozen($0, on: supercell) } }
        return mean { model in
            CutOutForceField(
                on: supercell, receptiveField: model.receptiveField, alignment: baseline.core, whole: frozen(model, on: supercell)
            ) { piece in
                let network = frozen(model, on: piece)
                return { try network.computeForces(at: $0, in: CellBox(piece), extent: $1, into: &$2) }
            }
        }
    }

    /// The force field of the network, or the mean of those of its images.
    private func mean<Field: ForceField>(_ field: (ConvolutionModel) -> Field) -> any ForceField {
        let fields = network.averaged.map { operation in
            var image = self
            image.network = network.moved(by: operation)
            return field(image)
        }
        return fields.count == 1 ? fields[0] : MeanForceField(fields)
    }

    public func lossGradient(_ samples: ForceSamples, singlePrecision: Bool, pool: WorkerPool) throws -> any LossGradient {
        for (displacement, conditions) in zip(samples.displacements, samples.conditions) {
            try validate(displacement.supercell)
            try validate(conditions)
        }
        return singlePrecision
            ? try ConvolutionGradient<Float>(self, samples, pool: pool)
            : try ConvolutionGradient<Double>(self, samples, pool: pool)
    }

    /// - Throws: ``NetworkError`` for electrons that the network has no inputs for.
    func validate(_ conditions: Conditions) throws {
        guard network.architecture.pairScales.isEmpty || conditions["hopping"] != 0 else {
            throw NetworkError(key: "model.hopping", problem: "0; pair encodings are in units of the hopping")
        }
        guard !network.architecture.hasChemicalPotential || conditions.reservoir.fixedChemicalPotential != nil else {
            throw NetworkError(
                key: "model.filling", problem: "a network that is told the chemical potential needs it fixed, not the filling")
        }
        for condition in network.architecture.scalingConditions where conditions[condition.rawValue] == nil {
            throw NetworkError(
                key: "network.conditions", problem: "\(condition.rawValue); the \(conditions.title) has no such parameter")
        }
    }

    /// The force of the local solver and its channels on every configuration; empty without a baseline.
    func baselineSamples(_ samples: ForceSamples, pool: WorkerPool) throws -> [BaselineSample] {
        guard let baseline = network.architecture.baseline else { return [] }
        return try zip(samples.displacements, samples.conditions).map { displacement, conditions in
            try baseline.evaluator(conditions, singlePrecision: false, pool: pool).evaluate(displacement)
        }
    }

    /// The root mean square of what the network has to give: the forces less those of the baseline.
    private func outputScale(_ samples: ForceSamples, _ baselines: [BaselineSample]) -> Double {
        var square = 0.0
        for (configuration, force) in samples.forces.enumerated() {
            for (site, value) in force.values.enumerated() {
                let rest = value - (baselines.isEmpty ? 0 : baselines[configuration].force[site])
                square += rest * rest
            }
        }
        return square > 0 ? (square / Double(samples.siteCount)).squareRoot() : 1
    }

    /// The root mean square of each input channel over sites and components.
    private func inputScales(_ samples: ForceSamples, _ baselines: [BaselineSample]) -> [Double] {
        let channels = network.inputs.channels
        var squares = [Double](repeating: 0, count: scales.inputs.count)
        let parameters = initialParameters(seed: 0)
        var grids: [(grid: PaddedGrid, rows: FeatureRows<Double>, pairs: FeatureRows<Double>, q: FeatureRows<Double>)] = []
        for (configuration, field) in samples.displacements.enumerated() {
            if !grids.contains(where: { $0.grid.supercell == field.supercell }) {
                let grid = PaddedGrid(field.supercell, halo: network.inputs.reach)
                let pairs = network.inputs.pairScales * network.inputs.bonds.count
                grids.append(
                    (grid, FeatureRows(channels.rowCount, on: grid), FeatureRows(pairs, on: grid), FeatureRows(1, on: grid)))
            }
            let (grid, rows, pairs, q) = grids.first { $0.grid.supercell == field.supercell }!
            grid.scatter(field.values, to: q[0])
            let weights = ConvolutionWeights<Double>(
                network, parameters: parameters, scales: scales, conditions: samples.conditions[configuration])
            InputEncoder<Double>(network.inputs, on: grid).encode(
                q[0], weights, baseline: baselines.isEmpty ? [] : baselines[configuration].channels, into: rows, pairs: pairs)
            var first = 0
            for (irrep, count) in channels.multiplicities.enumerated() {
                for component in 0..<channels.dimensions[irrep] {
                    for c in 0..<count {
                        let row = rows[channels.row(irrep, component) + c]
                        for place in grid.places {
                            squares[first + c] += row[place] * row[place] / Double(channels.dimensions[irrep])
                        }
                    }
                }
                first += count
            }
        }
        // Where an input vanishes throughout, only rounding is left of it: it must not be magnified.
        let rounding = 1e-18 * (squares.max() ?? 0)
        return squares.map { $0 > rounding ? ($0 / Double(samples.siteCount)).squareRoot() : 1 }
    }
}
