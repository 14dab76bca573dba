import Electrons
import ForceFields
import Foundation
import LatticeNumerics
import Lattices

/// The electronic force of a convolutional network with a direct head.
struct ConvolutionForceField<Scalar: ConvolutionScalar>: ForceField {
    private let evaluator: ConvolutionEvaluator<Scalar>

    init(_ evaluator: ConvolutionEvaluator<Scalar>) { self.evaluator = evaluator }

    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        try evaluator.evaluate(displacement, into: &forces)
    }
}

/// The electronic force of a convolutional network with a conservative head, and its potential.
struct ConservativeConvolutionForceField<Scalar: ConvolutionScalar>: ConservativeForceField {
    private let evaluator: ConvolutionEvaluator<Scalar>

    init(_ evaluator: ConvolutionEvaluator<Scalar>) { self.evaluator = evaluator }

    func computeForcesAndPotential(at displacement: SiteField, into forces: inout SiteField) throws -> Double {
        try evaluator.evaluate(displacement, into: &forces)
    }
}

/// A network ready to run on one supercell, whole configurations at a time on one thread: the reference of the frozen network.
///
/// `@unchecked Sendable`: the pass is used by one evaluation at a time, under the lock.
final class ConvolutionEvaluator<Scalar: ConvolutionScalar>: @unchecked Sendable {
    private let weights: ConvolutionWeights<Scalar>
    private let outputScale: Double
    private let baseline: LocalBaseline.Evaluator?
    private let isConservative: Bool
    private let pass: ConvolutionPass<Scalar>
    private let lock = NSLock()

    init(_ model: ConvolutionModel, parameters: [Double], conditions: Conditions, supercell: Supercell, pool: WorkerPool) {
        weights = ConvolutionWeights(model.network, parameters: parameters, scales: model.scales, conditions: conditions)
        outputScale = model.scales.output
        baseline = model.network.architecture.baseline.map {
            $0.evaluator(conditions, singlePrecision: Scalar.self == Float.self, pool: pool)
        }
        isConservative = model.network.architecture.head == .conservative
        pass = ConvolutionPass(model.network, supercell, backward: isConservative)
    }

    /// Writes the forces; returns the potential of a conservative head, 0 for a direct one.
    // Called through a protocol: without these the kernels below would run unspecialised, a hundred times slower.
    @_specialize(where Scalar == Float) @_specialize(where Scalar == Double) @discardableResult func evaluate(
        _ displacement: SiteField, into forces: inout SiteField
    ) throws -> Double {
        precondition(displacement.supercell == pass.grid.supercell, "a field on this supercell")
        let local = try baseline?.evaluate(displacement)
        lock.lock()
        defer { lock.unlock() }
        pass.forward(weights, at: displacement.values, baseline: local?.channels ?? [])
        let values = isConservative ? pass.conservativeForces(weights) : pass.directForces(weights)
        for (site, value) in values.enumerated() { forces.values[site] = value * outputScale + (local?.force[site] ?? 0) }
        return isConservative ? pass.energy(weights) * outputScale : 0
    }
}
