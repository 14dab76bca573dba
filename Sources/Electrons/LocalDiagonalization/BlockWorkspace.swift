import LatticeNumerics
import Lattices
import Models

/// Blocks of a box of the lattice, each solved with a buffer around it, several at once in the lanes of a vector.
///
/// All blocks have one shape, so that the symbolic analysis of one serves all, and the inverse on the sites of a core costs less
/// than one on the centre of a patch for each of them. The sites inside a core are farther from the ends than the buffer is wide.
///
/// `@unchecked Sendable`: ``WorkspaceStore`` hands an instance to one call at a time; within a call every vector of blocks writes
/// its own sites, and every thread uses its own memory.
final class BlockWorkspace<Vector: LaneVector>: LocalWorkspace, @unchecked Sendable {
    private typealias Scalar = Vector.Scalar
    private typealias Lanes = ComplexLanes<Vector>

    private let shape: BlockShape
    private let structure: FrontalMatrices
    /// h_ij in units of t: −1 for every bond.
    private let bondElements: UnsafeMutableBufferPointer<Scalar>
    private let threads: [ThreadMemory]

    /// What one thread works in.
    private struct ThreadMemory {
        let inversion: FrontalInversion<Vector>
        let fronts: UnsafeMutablePointer<Lanes>
        /// ε − μ in units of t of every padded site.
        let energies: UnsafeMutableBufferPointer<Vector>
        /// t g_{j→i}
        let messages: UnsafeMutableBufferPointer<Lanes>
        /// k_BT Σ_k w_k Re G_ii of every site of the block.
        let sums: UnsafeMutableBufferPointer<Vector>
    }

    init(
        _ supercell: Supercell, box: CellBox, cover: BlockCover? = nil, core: Int, radius: Int, levels: Int, threads: Int
    ) {
        let shape = BlockShape(supercell, core: core, radius: radius, levels: levels)
        let structure = Self.structure(of: shape)
        self.shape = shape
        self.structure = structure
        let bondElements = UnsafeMutableBufferPointer<Scalar>.allocate(capacity: structure.graph.bondCount)
        bondElements.initialize(repeating: -1)
        self.bondElements = bondElements
        self.threads = (0..<threads).map { _ in
            ThreadMemory(
                inversion: FrontalInversion(structure, bondElements: Table(bondElements), wantsDeterminant: false),
                fronts: .allocate(capacity: structure.subtrees.map(\.memory).max() ?? 0),
                energies: .allocate(capacity: shape.paddedCount), messages: .allocate(capacity: shape.messages.count),
                sums: .allocate(capacity: shape.block.siteCount))
        }
        super.init(
            supercell, box: box, cover: cover ?? Self.cover(supercell, box: box, core: core, radius: radius),
            isSinglePrecision: Scalar.self == Float.self)
    }

    deinit {
        bondElements.deallocate()
        for memory in threads {
            memory.fronts.deallocate()
            memory.energies.deallocate()
            memory.messages.deallocate()
            memory.sums.deallocate()
        }
    }

    /// Only the sites of the core are asked for.
    private static func structure(of shape: BlockShape) -> FrontalMatrices {
        let core = Set(shape.coreSites.indices.map { shape.coreSites[$0] })
        return FrontalMatrices(shape.block, wanted: (0..<shape.block.siteCount).map(core.contains))
    }

    /// Real operations per site and pole, but for the ends.
    static func operations(_ supercell: Supercell, core: Int, radius: Int) -> Double {
        let shape = BlockShape(supercell, core: core, radius: radius, levels: 0)
        let count = cover(supercell, box: CellBox(supercell), core: core, radius: radius).blockCount
        return 8 * structure(of: shape).multiplications * Double(count) / Double(supercell.siteCount)
    }

    private static func cover(_ supercell: Supercell, box: CellBox, core: Int, radius: Int) -> BlockCover {
        BlockCover(
            box, of: supercell, side: core, offset: .zero,
            isWhole: BlockShape.isWhole(supercell, core: core, radius: radius))
    }

    override func evaluateHopping(
        _ h: UniformTightBinding, temperature: Double, chemicalPotential: Double, expansion: PoleExpansion,
        corrections: EndCorrections?, cover: BlockCover, output: DensityOutput, pool: WorkerPool
    ) {
        precondition(corrections == nil, "blocks end in trees")
        let (lanes, count) = (Vector.scalarCount, cover.blockCount)
        h.values.values.withUnsafeBufferPointer { values in
            nonisolated(unsafe) let values = values
            pool.forEach(count: (count + lanes - 1) / lanes) { piece, worker in
                let memory = threads[worker]
                let blocks = piece * lanes..<min((piece + 1) * lanes, count)
                // Elements of the inverse decay with the distance of their sites, beyond the range of numbers.
                SubnormalNumbers.flushed {
                    fill(
                        memory, blocks, cover, values, slope: h.slope / h.hopping,
                        shift: -chemicalPotential / h.hopping)
                    for (pole, weight) in zip(expansion.poles, expansion.weights) {
                        solve(
                            memory, height: Scalar(pole * temperature / abs(h.hopping)),
                            weight: Scalar(weight * temperature / h.hopping))
                    }
                    collect(memory, blocks, cover, into: output)
                }
            }
        }
    }

    /// ε_i − μ in units of t, in the blocks and where messages come from; clears the sums.
    @_specialize(where Vector == SIMD16<Float>)
    @_specialize(where Vector == SIMD8<Double>)
    private func fill(
        _ memory: ThreadMemory, _ blocks: Range<Int>, _ cover: BlockCover, _ values: UnsafeBufferPointer<Double>, slope: Double,
        shift: Double
    ) {
        for lane in 0..<Vector.scalarCount {
            // Lanes left over repeat the last block.
            shape.forEachSource(of: min(blocks.lowerBound + lane, blocks.upperBound - 1), cover) { place, source in
                memory.energies[place][lane] = source.map { Scalar(slope * values[$0] + shift) } ?? 1e15
            }
        }
        memory.sums.update(repeating: .zero)
    }

    /// Adds up one pole.
    @_specialize(where Vector == SIMD16<Float>)
    @_specialize(where Vector == SIMD8<Double>)
    private func solve(_ memory: ThreadMemory, height: Scalar, weight: Scalar) {
        let imaginary = Vector(repeating: -height)
        for (index, message) in shape.messages.enumerated() {
            var diagonal = Lanes(memory.energies[message.place], imaginary)
            for received in message.received { diagonal = diagonal - memory.messages[received] }
            memory.messages[index] = diagonal.reciprocal
        }
        let inversion = memory.inversion
        for (site, place) in shape.places.enumerated() {
            inversion.diagonal[site] = Lanes(memory.energies[place], imaginary)
        }
        for end in shape.ends { inversion.diagonal[end.site] = inversion.diagonal[end.site] - memory.messages[end.message] }
        for index in structure.subtrees.indices { inversion.eliminateSubtree(index, memory: memory.fronts) }
        inversion.solveTop()
        for index in structure.subtrees.indices { inversion.invertSubtree(index, memory: memory.fronts) }
        let weights = Vector(repeating: weight)
        for site in shape.places.indices { memory.sums[site].addProduct(weights, inversion.inverseDiagonal[site]) }
    }

    @_specialize(where Vector == SIMD16<Float>)
    @_specialize(where Vector == SIMD8<Double>)
    private func collect(_ memory: ThreadMemory, _ blocks: Range<Int>, _ cover: BlockCover, into output: DensityOutput) {
        for (lane, block) in blocks.enumerated() {
            shape.forEachTarget(of: block, cover) { output.write(0.5 - Double(memory.sums[$0][lane]), at: $1) }
        }
    }
}
