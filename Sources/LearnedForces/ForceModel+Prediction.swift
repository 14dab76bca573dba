import ForceFields
import LatticeNumerics
import Lattices

extension ForceModel {
    /// The forces of the model on every configuration of the samples, configurations spread over threads.
    ///
    /// - Throws: what ``forceField(parameters:conditions:supercell:singlePrecision:pool:)`` and its forces throw.
    public func predictedForces(
        _ parameters: [Double], on samples: ForceSamples, singlePrecision: Bool, pool: WorkerPool
    ) throws -> [SiteField] {
        let fields = try SampleForceFields(self, samples, singlePrecision: singlePrecision, workers: pool.threads)
        let solved = try fields.with(parameters)
        var forces = samples.forces
        try forces.withUnsafeMutableBufferPointer { forces in
            // Each piece writes its own field.
            nonisolated(unsafe) let forces = forces
            try pool.tryForEach(count: samples.count) { piece, worker in
                try solved[worker][fields.kinds[piece]].computeForces(at: samples.displacements[piece], into: &forces[piece])
            }
        }
        return forces
    }
}

/// Force fields for every supercell and set of conditions that occurs in samples, one of each for every worker.
package struct SampleForceFields {
    /// Which of the kinds each configuration needs.
    package let kinds: [Int]
    private let model: any ForceModel
    private let distinct: [(supercell: Supercell, conditions: Conditions)]
    private let singlePrecision: Bool
    private let workers: Int

    package init(_ model: any ForceModel, _ samples: ForceSamples, singlePrecision: Bool, workers: Int) throws {
        var distinct: [(supercell: Supercell, conditions: Conditions)] = []
        kinds = zip(samples.displacements, samples.conditions).map { field, conditions in
            if let known = distinct.firstIndex(where: { $0.supercell == field.supercell && $0.conditions == conditions }) {
                return known
            }
            distinct.append((field.supercell, conditions))
            return distinct.count - 1
        }
        self.distinct = distinct
        self.model = model
        self.singlePrecision = singlePrecision
        self.workers = workers
    }

    /// The force fields of one set of parameters, [worker][kind].
    package func with(_ parameters: [Double]) throws -> [[any ForceField]] {
        try (0..<workers).map { _ in
            try distinct.map {
                try model.forceField(
                    parameters: parameters, conditions: $0.conditions, supercell: $0.supercell,
                    singlePrecision: singlePrecision, pool: WorkerPool(threads: 1))
            }
        }
    }
}
