import Foundation
import LatticeNumerics
import Lattices

/// Plans, programs and memory of local solutions on one supercell.
///
/// `@unchecked Sendable`: ``WorkspaceStore`` hands an instance to one call at a time; within a call every tile writes its own
/// sites, and every worker its own memory.
final class TileWorkspace<Vector: LaneVector>: LocalWorkspace, @unchecked Sendable {
    private typealias Scalar = Vector.Scalar
    private typealias Machine = LaneMachine<Vector>
    private typealias Instructions = UnsafeMutableBufferPointer<LaneInstruction<Int32>>

    private let group: CellGroup
    private let layout: TileLayout
    private let plans: [TilePlan]
    private let messagePasses: Int
    private let passes: [Instructions]
    private let determinantPass: Instructions?
    /// Where the planes of each kind are.
    private let planeIndices: [LaneProgram.MemberPlane: Int]
    private let clearedPlanes: Range<Int>
    private let machines: [Machine]
    /// Σ_k w_k ln |det| of each tile.
    private let logarithms: UnsafeMutableBufferPointer<Double>

    init(_ supercell: Supercell, schedule: LaneSchedule, threads: Int) {
        let planes = schedule.planes
        let counts = planes.map(\.plane.parts)
        let planeCount = counts.reduce(0, +)
        let group = schedule.group
        let layout = TileLayout(
            group.groups(covering: supercell.size), siteCount: supercell.siteCount, halo: schedule.halo, numbers: planeCount,
            lanes: Vector.scalarCount, mayRunOn: schedule.cleared.isEmpty && schedule.determinant == nil)
        self.group = group
        self.layout = layout
        let margins = schedule.passes.map(\.margin) + (schedule.determinant.map { [$0.margin] } ?? [])
        plans = layout.tiles.map {
            TilePlan(
                $0, of: supercell, group: group, layout: layout, margins: margins,
                anchorReach: schedule.determinant?.margin ?? layout.halo.map { _ in 0 },
                stripLength: Machine.stripLength)
        }
        logarithms = .allocate(capacity: plans.count)

        var indices: [LaneProgram.MemberPlane: Int] = [:]
        var next = 0
        for (plane, count) in zip(planes, counts) {
            indices[plane] = next
            next += count
        }
        planeIndices = indices
        clearedPlanes =
            planeCount - planes.filter { schedule.cleared.contains($0.plane) }.reduce(0) { $0 + $1.plane.parts }..<planeCount

        let planeBytes = Machine.planeBytes(length: layout.planeLength)
        func bound(_ pass: LaneSchedule.Pass) -> Instructions {
            let instructions = pass.program.instructions.map { instruction in
                instruction.map(slot: { $0 }) { location in
                    Int32(
                        indices[location.plane]! * planeBytes
                            + layout.offset(location.group) * MemoryLayout<Scalar>.stride)
                }
            }
            let buffer = Instructions.allocate(capacity: instructions.count)
            _ = buffer.initialize(from: instructions)
            return buffer
        }
        messagePasses = schedule.messagePasses
        passes = schedule.passes.map(bound)
        determinantPass = schedule.determinant.map(bound)
        machines = (0..<min(threads, plans.count)).map { _ in
            Machine(
                planeCount: planeCount, planeLength: layout.planeLength, slotCount: schedule.slotCount,
                coefficientCount: schedule.coefficientCount)
        }
        super.init(supercell, isSinglePrecision: Scalar.self == Float.self)
    }

    deinit {
        logarithms.deallocate()
        for plan in plans { plan.deallocate() }
        for pass in passes { pass.deallocate() }
        determinantPass?.deallocate()
        for machine in machines { machine.deallocate() }
    }

    override func evaluate(
        _ displacement: SiteField, model: HolsteinModel, chemicalPotential: Double, expansion: PoleExpansion,
        corrections: EndCorrections?, pool: WorkerPool
    ) {
        let coefficients = expansion.poles.map { pole in
            corrections?.coefficients(at: pole * model.temperature / abs(model.hopping)) ?? []
        }
        forEachTile(displacement, model: model, chemicalPotential: chemicalPotential, pool: pool) { machine, piece in
            let results = planes { .result(basis: $0) }
            for result in results { machine.clear(result..<result + 1) }
            for (index, (pole, weight)) in zip(expansion.poles, expansion.weights).enumerated() {
                machine.clear(clearedPlanes)
                for (place, value) in coefficients[index].enumerated() { machine.coefficients[place] = Scalar(value) }
                let height = Scalar(pole * model.temperature / abs(model.hopping))
                run(machine, passes[...], plans[piece], height: height, weight: Scalar(weight))
            }
            collect(machine, plans[piece], results: results, scale: model.temperature / model.hopping)
        }
    }

    /// Σ_k w_k ln |det(H − μ − i a_k k_BT)/t|, as the schedule's determinants have it.
    func logarithmOfDeterminants(
        _ displacement: SiteField, model: HolsteinModel, chemicalPotential: Double, expansion: PoleExpansion, pool: WorkerPool
    ) -> Double {
        guard let determinantPass else { preconditionFailure("a schedule with determinants") }
        let region = passes.count
        let plane = planeIndices[LaneProgram.MemberPlane(plane: .determinant, member: 0)]!
        forEachTile(displacement, model: model, chemicalPotential: chemicalPotential, pool: pool) { machine, piece in
            let plan = plans[piece]
            var sum = 0.0
            for (pole, weight) in zip(expansion.poles, expansion.weights) {
                let height = Scalar(pole * model.temperature / abs(model.hopping))
                run(machine, passes[..<messagePasses], plan, height: height, weight: 0)
                machine.execute(determinantPass, starts: plan.regions[region], height: height, weight: 0)
                for row in plan.anchorRows {
                    for k in 0..<row.count { sum += weight * log(Double(machine.plane(plane)[row.place + k])) / 2 }
                }
            }
            logarithms[piece] = sum
        }
        return logarithms.reduce(0, +)
    }

    private func forEachTile(
        _ displacement: SiteField, model: HolsteinModel, chemicalPotential: Double, pool: WorkerPool,
        _ body: (_ machine: LaneMachine<Vector>, _ piece: Int) -> Void
    ) {
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            displacement.values.withUnsafeBufferPointer { values in
                nonisolated(unsafe) let values = values
                pool.forEach(count: plans.count) { piece, worker in
                    // Far from a site that does not exist, or from the Fermi level, couplings decay to nothing.
                    SubnormalNumbers.flushed {
                        fillEnergies(
                            machines[worker], plans[piece], values, slope: -model.coupling / model.hopping,
                            shift: -chemicalPotential / model.hopping)
                        body(machines[worker], piece)
                    }
                }
            }
        }
    }

    @_specialize(where Vector == SIMD16<Float>)
    @_specialize(where Vector == SIMD8<Double>)
    private func run(
        _ machine: LaneMachine<Vector>, _ passes: ArraySlice<UnsafeMutableBufferPointer<LaneInstruction<Int32>>>,
        _ plan: TilePlan, height: Vector.Scalar, weight: Vector.Scalar
    ) {
        for (index, pass) in passes.enumerated() {
            machine.execute(pass, starts: plan.regions[index], height: height, weight: weight)
        }
    }

    /// ε_i − μ in units of t, in the tile and its halo.
    @_specialize(where Vector == SIMD16<Float>)
    @_specialize(where Vector == SIMD8<Double>)
    private func fillEnergies(
        _ machine: LaneMachine<Vector>, _ plan: TilePlan, _ displacement: UnsafeBufferPointer<Double>, slope: Double,
        shift: Double
    ) {
        for (index, plane) in planes({ .energy(basis: $0) }).enumerated() {
            let energies = machine.plane(plane)
            let sources = plan.sources.baseAddress! + index * layout.planeLength
            for place in 0..<layout.planeLength {
                let source = Int(sources[place])
                energies[place] = source < 0 ? Machine.noSite : Scalar(slope * displacement[source] + shift)
            }
        }
    }

    /// n_i = ½ − k_BT Σ_k w_k Re G_ii, for the sites of a tile.
    @_specialize(where Vector == SIMD16<Float>)
    @_specialize(where Vector == SIMD8<Double>)
    private func collect(_ machine: LaneMachine<Vector>, _ plan: TilePlan, results: [Int], scale: Double) {
        let basis = supercell.lattice.basis.count
        for row in plan.rows {
            for b in 0..<basis {
                let plane = machine.plane(results[row.member * basis + b]) + row.place
                for k in 0..<row.count {
                    density[(row.cell + k * group.side) * basis + b] = 0.5 - scale * Double(plane[k])
                }
            }
        }
    }

    /// Where the planes of a kind are, for every cell of a group and every site of the basis.
    private func planes(_ plane: (Int) -> LaneProgram.Plane) -> [Int] {
        (0..<group.count).flatMap { member in
            supercell.lattice.basis.indices.map { planeIndices[LaneProgram.MemberPlane(plane: plane($0), member: member)]! }
        }
    }
}
