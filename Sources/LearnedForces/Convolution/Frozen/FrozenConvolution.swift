import ForceFields
import LatticeNumerics
import Lattices
import Synchronization

/// A convolutional network of a direct head with fixed parameters on one supercell, in single precision and as fast as we know
/// how.
///
/// Weights are expanded and packed once, all layers stream through the cache (``StreamLayout``), vectors lie along the first
/// direction, and threads share boxes of the lattice. A site's force does not depend on where in a box, or on which thread, it
/// is computed: any number of threads, and any domain with a halo of the receptive field, give the same bits.
///
/// `@unchecked Sendable`: the lock hands the plans to one call at a time; within a call every thread has its own workspace, and
/// every box writes the forces of its own sites.
final class FrozenConvolution: ForceField, @unchecked Sendable {
    private let supercell: Supercell
    private let pool: WorkerPool
    private let stages: [FrozenLayer]
    private let sources: [FrozenSource]
    private let siteFactors: [Double]
    private let pairFactors: [Double]
    private let chemicalPotential: Double
    private let outputScale: Double
    private let baseline: LocalBaseline.Evaluator?
    /// For the parts of the supercell that were asked for last.
    private let plans: Mutex<[FrozenPlan]>

    init(_ model: ConvolutionModel, parameters: [Double], conditions: Conditions, supercell: Supercell, pool: WorkerPool) {
        let network = model.network
        precondition(network.architecture.head == .direct, "a direct head")
        precondition(supercell.isPeriodic && supercell.lattice.basis.count == 1, "a periodic lattice of one site a cell")
        let weights = ConvolutionWeights<Double>(network, parameters: parameters, scales: model.scales, conditions: conditions)
        self.supercell = supercell
        self.pool = pool
        stages = Self.stages(network, weights.values)
        sources = FrozenSource.all(network.inputs)
        siteFactors = weights.siteFactors
        pairFactors = weights.pairFactors
        chemicalPotential = weights.chemicalPotential
        outputScale = model.scales.output
        baseline = network.architecture.baseline?.evaluator(conditions, singlePrecision: true, pool: pool)
        plans = Mutex([])
    }

    /// Inputs, hidden layers, head.
    private static func stages(_ network: ConvolutionNetwork, _ weights: [Double]) -> [FrozenLayer] {
        let hidden = network.layers.indices.map { l in
            FrozenLayer(
                network.layers[l], weights: weights, regular: network.regular,
                needed: l + 1 < network.layers.count ? Array(network.irreps.indices) : [network.trivial])
        }
        let head = FrozenLayer(
            head: Array(weights[network.head[network.trivial]]), of: network.features,
            row: network.features.row(network.trivial, 0), directions: network.lattice.dimension)
        return [FrozenLayer(network.inputs)] + hidden + [head]
    }

    func computeForces(at displacement: SiteField, into forces: inout SiteField) throws {
        try computeForces(
            at: displacement, in: CellBox(supercell), extent: baseline.map { _ in FieldExtent(of: displacement) }, into: &forces)
    }

    /// Forces on the sites of a part of the supercell; with a baseline that is all of it.
    ///
    /// - Parameter extent: of the displacement over the whole lattice, for the baseline.
    func computeForces(
        at displacement: SiteField, in part: CellBox, extent: FieldExtent?, into forces: inout SiteField
    ) throws {
        precondition(displacement.supercell == supercell && forces.supercell == supercell, "fields on this supercell")
        let local = try baseline?.evaluate(displacement, extent: extent!)
        plans.withLock { plans in
            let plan = plan(for: part, among: &plans)
            displacement.values.withUnsafeBufferPointer { displacement in
                forces.values.withUnsafeMutableBufferPointer { forces in
                    nonisolated(unsafe) let (displacement, forces) = (displacement.baseAddress!, forces.baseAddress!)
                    pool.forEach(count: plan.layout.boxes.count) { box, worker in
                        SubnormalNumbers.flushed {
                            sweep(box, plan, plan.workspaces[worker], displacement, local, forces)
                        }
                    }
                }
            }
        }
    }

    /// The plan for a part; makes it if there is none.
    private func plan(for part: CellBox, among plans: inout [FrozenPlan]) -> FrozenPlan {
        if let known = plans.first(where: { $0.part == part }) { return known }
        let plan = FrozenPlan(stages, supercell: supercell, part: part, threads: pool.threads)
        if plans.count == Self.mostPlans { plans.removeFirst() }
        plans.append(plan)
        return plan
    }

    /// A lattice of three dimensions has 27 parts at most that are not alike: the interior of a domain, and its faces, edges and
    /// corners.
    private static let mostPlans = 27

    /// All slabs of a box.
    private func sweep(
        _ index: Int, _ plan: FrozenPlan, _ workspace: FrozenWorkspace, _ displacement: UnsafePointer<Double>,
        _ local: BaselineSample?, _ forces: UnsafeMutablePointer<Double>
    ) {
        let layout = plan.layout
        let box = layout.boxes[index]
        let start = box.slabs.lowerBound - layout.sweepHalo
        for slab in start..<box.slabs.upperBound + layout.sweepHalo {
            fill(index, plan, slab: slab, workspace.rings[0].slab(slab - start), workspace.displacement, displacement, local)
            // Every layer lags behind the one before by its reach.
            var lag = 0
            for (l, layer) in plan.layers.enumerated() {
                lag += layer.sweepReach
                // The first slab for which its input is there.
                guard slab - lag >= start + lag else { break }
                compute(l, layer, slab: slab - lag - start, vectors: plan.vectors[index][l], workspace)
            }
            if slab - lag >= box.slabs.lowerBound { collect(index, plan, slab: slab - lag, workspace, local, forces) }
        }
    }

    /// Writes one slab of the sources.
    private func fill(
        _ index: Int, _ plan: FrozenPlan, slab: Int, _ rows: UnsafeMutablePointer<Float>,
        _ gathered: UnsafeMutablePointer<Double>, _ displacement: UnsafePointer<Double>, _ local: BaselineSample?
    ) {
        let first = plan.layout.firstSite(ofSlab: slab)
        let length = plan.layout.length
        let cells = plan.cells.baseAddress! + index * length
        for place in 0..<length { gathered[place] = displacement[first &+ Int(cells[place])] }
        for (r, source) in sources.enumerated() {
            let row = rows + r * length
            switch source {
            case .displacement: for place in 0..<length { row[place] = Float(gathered[place]) }
            case .site(let scale):
                let factor = siteFactors[scale]
                for place in 0..<length { row[place] = Float(gathered[place] * factor) }
            case .pair(let scale):
                let factor = pairFactors[scale]
                for place in 0..<length { row[place] = Float(gathered[place] * factor) }
            case .baseline(let channel):
                local!.channels[channel].withUnsafeBufferPointer { values in
                    for place in 0..<length { row[place] = Float(values[first &+ Int(cells[place])]) }
                }
            case .chemicalPotential: for place in 0..<length { row[place] = Float(chemicalPotential) }
            }
        }
    }

    /// One slab of a layer, strip by strip.
    private func compute(
        _ index: Int, _ layer: BoundLayer, slab: Int, vectors: (first: Int, count: Int), _ workspace: FrozenWorkspace
    ) {
        let strips = (vectors.count + 2) / 3
        let reach = layer.sweepReach
        let memories = workspace.memories
        for strip in 0..<strips {
            let begin = strip * vectors.count / strips
            let end = (strip + 1) * vectors.count / strips
            let place = vectors.first + 16 * begin
            for k in 0...2 * reach { memories[k] = workspace.rings[index].slab(slab - reach + k) + place }
            memories[2 * reach + 1] = workspace.rings[index + 1].slab(slab) + place
            memories[2 * reach + 2] = workspace.scratch
            layer.compute(vectors: end - begin, memories: memories)
        }
    }

    /// Forces of a slab, to the sites of the box.
    private func collect(
        _ index: Int, _ plan: FrozenPlan, slab: Int, _ workspace: FrozenWorkspace, _ local: BaselineSample?,
        _ forces: UnsafeMutablePointer<Double>
    ) {
        let output = workspace.rings[plan.layers.count].slab(0)
        let count = plan.layout.boxes[index].size[0]
        let first = plan.layout.firstSite(ofSlab: slab)
        for line in plan.lines[index] {
            for k in 0..<count {
                let site = first + line.cell + k
                forces[site] = outputScale * Double(output[line.place + k]) + (local?.force[site] ?? 0)
            }
        }
    }
}
