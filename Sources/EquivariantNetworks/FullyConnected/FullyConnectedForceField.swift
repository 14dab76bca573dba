import ForceFields
import Foundation
import LatticeNumerics
import Lattices

/// The electronic force of a trained network on any supercell of its lattice.
///
/// The elastic part is not in it: add `ElasticForceField`. Tiles of sites are spread over threads; each site's force is
/// computed alone, so the result is the same for any number of threads.
public struct FullyConnectedForceField: ForceField {
    /// The network whose force this is.
    public let network: FullyConnectedNetwork
    private let evaluator: any FieldEvaluator

    /// - Parameters:
    ///   - parameters: as laid out by the network's `layout`.
    ///   - singlePrecision: Float32 arithmetic inside; the difference to Float64 is about 1e-6 of the force.
    /// - Throws: ``NetworkError`` for another lattice than the network's, or a supercell with open ends: the network is
    ///   equivariant under translations.
    public init(
        _ network: FullyConnectedNetwork, parameters: [Double], supercell: Supercell, singlePrecision: Bool, pool: WorkerPool
    ) throws {
        try network.validate(supercell)
        self.network = network
        evaluator =
            singlePrecision
            ? TiledEvaluator<Float>(network, parameters: parameters, supercell: supercell, pool: pool)
            : TiledEvaluator<Double>(network, parameters: parameters, supercell: supercell, pool: pool)
    }

    public func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        evaluator.evaluate(displacement, into: &forces)
    }
}

/// A network ready to run in one precision.
private protocol FieldEvaluator: AnyObject, Sendable {
    func evaluate(_ displacement: SiteField, into forces: inout SiteField)
}

/// `@unchecked Sendable`: the tiles are written by one evaluation at a time, under the lock, and one worker each.
private final class TiledEvaluator<Scalar: NetworkScalar>: FieldEvaluator, @unchecked Sendable {
    private let weights: FrozenWeights<Scalar>
    private let gather: NeighborGather
    private let pool: WorkerPool
    private let tiles: [NetworkTile<Scalar>]
    /// Encoded displacements, [encoding][site][component].
    private let encoded: UnsafeMutableBufferPointer<Scalar>
    private let lock = NSLock()

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    init(_ network: FullyConnectedNetwork, parameters: [Double], supercell: Supercell, pool: WorkerPool) {
        weights = FrozenWeights(network, parameters: parameters)
        gather = NeighborGather(network.neighborhood, supercell: supercell)
        self.pool = pool
        tiles = (0..<pool.threads).map { _ in NetworkTile(network, training: false) }
        encoded = .allocate(capacity: network.options.encodings * supercell.siteCount * gather.components)
        encoded.initialize(repeating: 0)
    }

    deinit { encoded.deallocate() }

    // Called through a protocol: without these the kernels below would run unspecialised, a hundred times slower.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func evaluate(_ displacement: SiteField, into forces: inout SiteField) {
        precondition(displacement.supercell == gather.supercell, "a field on this supercell")
        lock.lock()
        defer { lock.unlock() }
        let capacity = tiles[0].capacity
        let columns = NetworkTile<Scalar>.columns
        let siteCount = displacement.supercell.siteCount
        let components = displacement.componentCount
        let architecture = tiles[0].network.options
        displacement.values.withUnsafeBufferPointer { input in
            forces.values.withUnsafeMutableBufferPointer { output in
                nonisolated(unsafe) let (input, output) = (input, output.baseAddress!)
                let ranges = WorkerPool.ranges(count: input.count, size: 4096)
                pool.forEach(count: ranges.count) { range, _ in
                    architecture.encode(input, ranges[range], into: self.encoded.baseAddress!)
                }
                pool.forEach(count: (siteCount + capacity - 1) / capacity) { piece, worker in
                    let tile = self.tiles[worker]
                    let first = piece * capacity
                    let count = min(capacity, siteCount - first)
                    tile.gather(self.gather, from: UnsafePointer(self.encoded.baseAddress!), count: count) { first + $0 }
                    tile.forward(self.weights, count: count)
                    for component in 0..<components {
                        for s in 0..<count {
                            output[(first + s) * components + component] =
                                Double(tile.output[component * columns + s]) * self.weights.outputScale
                        }
                    }
                }
            }
        }
    }
}
