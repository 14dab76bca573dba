import ForceFields
import Foundation
import LatticeNumerics
import Lattices

/// The electronic force of a trained network on any supercell of its lattice.
///
/// The elastic part is not in it: add `ElasticForceField`. Blocks of sites are spread over threads; each site's force is
/// computed alone, so the result is the same for any number of threads, and for any box.
public struct FullyConnectedForceField: LocalForceField {
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

    /// How far the neighbourhood of a site reaches.
    public var receptiveField: Int { network.receptiveField }
    public var alignment: Int { 1 }

    public func computeForces(
        at displacement: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField
    ) throws {
        evaluator.evaluate(displacement, in: box, into: &forces)
    }
}

/// A network ready to run in one precision.
private protocol FieldEvaluator: AnyObject, Sendable {
    func evaluate(_ displacement: SiteField, in box: CellBox, into forces: inout SiteField)
}

/// `@unchecked Sendable`: the memory is written by one evaluation at a time, under the lock, and one worker each.
private final class TiledEvaluator<Scalar: NetworkScalar>: FieldEvaluator, @unchecked Sendable {
    private let supercell: Supercell
    private let weights: FrozenWeights<Scalar>
    private let pool: WorkerPool
    /// One for each thread.
    private let tiles: [NetworkTile<Scalar>]
    private let blocks: [EncodedBlock<Scalar>]
    private let lock = NSLock()

    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    init(_ network: FullyConnectedNetwork, parameters: [Double], supercell: Supercell, pool: WorkerPool) {
        self.supercell = supercell
        weights = FrozenWeights(network, parameters: parameters)
        self.pool = pool
        tiles = (0..<pool.threads).map { _ in NetworkTile(network, training: false) }
        blocks = (0..<pool.threads).map { _ in EncodedBlock(network, supercell: supercell) }
    }

    // Called through a protocol: without these the kernels below would run unspecialised, a hundred times slower.
    @_specialize(where Scalar == Float)
    @_specialize(where Scalar == Double)
    func evaluate(_ displacement: SiteField, in box: CellBox, into forces: inout SiteField) {
        precondition(displacement.supercell == supercell && forces.supercell == supercell, "fields on this supercell")
        lock.lock()
        defer { lock.unlock() }
        let (capacity, columns) = (tiles[0].capacity, NetworkTile<Scalar>.columns)
        let components = displacement.componentCount
        let cutting = BlockCutting(box)
        displacement.values.withUnsafeBufferPointer { input in
            forces.values.withUnsafeMutableBufferPointer { output in
                nonisolated(unsafe) let (input, output) = (input.baseAddress!, output.baseAddress!)
                pool.forEach(count: cutting.count) { piece, worker in
                    let (tile, block) = (self.tiles[worker], self.blocks[worker])
                    block.fill(input, origin: cutting.origin(of: piece), size: cutting.size(of: piece))
                    for first in stride(from: 0, to: block.siteCount, by: capacity) {
                        let count = min(capacity, block.siteCount - first)
                        block.gather(first..<first + count, into: tile.neighborhoods, columns: columns)
                        tile.forward(self.weights, count: count)
                        for s in 0..<count {
                            let site = block.site(first + s)
                            for component in 0..<components {
                                output[site * components + component] =
                                    Double(tile.output[component * columns + s]) * self.weights.outputScale
                            }
                        }
                    }
                }
            }
        }
    }
}
