import Foundation
import LatticeNumerics
import Lattices
import Models

/// Plans, programs and memory of local solutions in a box of a supercell.
///
/// `@unchecked Sendable`: ``WorkspaceStore`` hands an instance to one call at a time; within a call every tile writes its own
/// sites, and every worker its own memory.
final class TileWorkspace<Vector: LaneVector>: LocalWorkspace, @unchecked Sendable {
    private typealias Scalar = Vector.Scalar
    private typealias Machine = LaneMachine<Vector>

    private let group: CellGroup
    private let layout: TileLayout
    private let rows: SupercellRows
    /// The cells of a group, relative to its first.
    private let members: [Coordinates]
    /// A plan for every size of a tile, and which of them each tile has.
    private let plans: [TilePlan]
    private let planOfTile: [Int]
    private let messagePasses: Int
    private let passes: [BoundProgram]
    private let tiers: [Range<Int>]
    /// The tier of a pole by its height η.
    private let radii: PatchRadii
    private let determinantPass: BoundProgram?
    /// How many groups beyond an open end the first one is whose determinant counts.
    private let anchorReach: [Int]
    /// The planes of energies and of results, member by member and of each site of the basis, and that of determinants.
    private let energyPlanes: [Int]
    private let resultPlanes: [Int]
    private let determinantPlane: Int?
    private let clearedPlanes: Range<Int>
    private let machines: [Machine]
    /// The coefficients of the ends, pole after pole.
    private let coefficients: UnsafeMutablePointer<Scalar>
    private let coefficientCount: Int
    /// Σ_k w_k ln |det| of each tile.
    private let logarithms: UnsafeMutableBufferPointer<Double>

    init(_ supercell: Supercell, box: CellBox, cover: BlockCover? = nil, schedule: LaneSchedule, threads: Int) {
        (tiers, radii) = (schedule.tiers, schedule.radii)
        let planes = schedule.planes
        let counts = planes.map(\.plane.parts)
        let planeCount = counts.reduce(0, +)
        let group = schedule.group
        let cover = cover ?? BlockCover(box, of: supercell, side: group.side, offset: .zero)
        let layout = TileLayout(
            box.size.indices.map { cover.count[$0] }, siteCount: box.cellCount * supercell.lattice.basis.count,
            halo: schedule.halo, numbers: planeCount, lanes: Vector.scalarCount,
            mayRunOn: schedule.cleared.isEmpty && schedule.determinant == nil)
        self.group = group
        self.layout = layout
        rows = SupercellRows(supercell)
        let origin = [Int](repeating: 0, count: supercell.size.count)
        members = (0..<group.count).map { Coordinates(group.cell($0, of: origin), padding: 0) }
        let margins = schedule.passes.map(\.margin) + (schedule.determinant.map { [$0.margin] } ?? [])
        anchorReach = schedule.determinant?.margin ?? []
        var known: [Coordinates: Int] = [:]
        var plans: [TilePlan] = []
        planOfTile = layout.tiles.map { tile in
            if let plan = known[tile.size] { return plan }
            known[tile.size] = plans.count
            plans.append(
                TilePlan(tileOf: tile.size, layout: layout, margins: margins, stripLength: Machine.stripLength))
            return plans.count - 1
        }
        self.plans = plans
        logarithms = .allocate(capacity: layout.tiles.count)

        var indices: [LaneProgram.MemberPlane: Int] = [:]
        var next = 0
        for (plane, count) in zip(planes, counts) {
            indices[plane] = next
            next += count
        }
        func planesOfSites(_ plane: (Int) -> LaneProgram.Plane) -> [Int] {
            (0..<group.count).flatMap { member in
                supercell.lattice.basis.indices.map { indices[LaneProgram.MemberPlane(plane: plane($0), member: member)]! }
            }
        }
        energyPlanes = planesOfSites { .energy(basis: $0) }
        resultPlanes = planesOfSites { .result(basis: $0) }
        determinantPlane = indices[LaneProgram.MemberPlane(plane: .determinant, member: 0)]
        clearedPlanes =
            planeCount - planes.filter { schedule.cleared.contains($0.plane) }.reduce(0) { $0 + $1.plane.parts }..<planeCount

        let planeBytes = Machine.planeBytes(length: layout.planeLength)
        func bound(_ pass: LaneSchedule.Pass) -> BoundProgram {
            BoundProgram(pass.program, slotBytes: Machine.slotBytes) { location in
                Int32(
                    indices[location.plane]! * planeBytes + layout.offset(location.group) * MemoryLayout<Scalar>.stride)
            }
        }
        messagePasses = schedule.messagePasses
        passes = schedule.passes.map(bound)
        determinantPass = schedule.determinant.map(bound)
        coefficientCount = schedule.coefficientCount
        coefficients = .allocate(capacity: PoleExpansion.maximumCount * schedule.coefficientCount)
        machines = (0..<min(threads, layout.tiles.count)).map { _ in
            Machine(
                planeCount: planeCount, planeLength: layout.planeLength, slotCount: schedule.slotCount,
                coefficientCount: schedule.coefficientCount)
        }
        super.init(supercell, box: box, cover: cover, isSinglePrecision: Scalar.self == Float.self)
        for machine in machines { fillGaps(machine) }
    }

    deinit {
        logarithms.deallocate()
        coefficients.deallocate()
        for plan in plans { plan.deallocate() }
        for pass in passes { pass.deallocate() }
        determinantPass?.deallocate()
        for machine in machines { machine.deallocate() }
    }

    override func evaluateHopping(
        _ h: UniformTightBinding, temperature: Double, chemicalPotential: Double, expansion: PoleExpansion,
        corrections: EndCorrections?, cover: BlockCover, output: DensityOutput, pool: WorkerPool
    ) {
        let heights = expansion.poles.map { $0 * temperature / abs(h.hopping) }
        for (index, height) in heights.enumerated() {
            corrections?.writeCoefficients(at: height, to: coefficients + index * coefficientCount)
        }
        let passesOfPoles = heights.map { tiers[radii.tier(atHeight: $0)] }
        forEachTile(h, chemicalPotential: chemicalPotential, cover, pool: pool) { machine, piece in
            for result in resultPlanes { machine.clear(result..<result + 1) }
            for index in heights.indices {
                machine.clear(clearedPlanes)
                if corrections != nil {
                    machine.coefficients.baseAddress!.update(
                        from: coefficients + index * coefficientCount, count: coefficientCount)
                }
                run(
                    machine, passesOfPoles[index], plans[planOfTile[piece]], height: Scalar(heights[index]),
                    weight: Scalar(expansion.weights[index]))
            }
            collect(machine, layout.tiles[piece], cover, scale: temperature / h.hopping, into: output)
        }
    }

    /// Σ_k w_k ln |det(H − μ − i a_k k_BT)/t|, as the schedule's determinants have it.
    func logarithmOfDeterminants(
        _ h: UniformTightBinding, temperature: Double, chemicalPotential: Double, expansion: PoleExpansion, pool: WorkerPool
    ) -> Double {
        guard let determinantPass, let determinantPlane else { preconditionFailure("a schedule with determinants") }
        let region = passes.count
        forEachTile(h, chemicalPotential: chemicalPotential, cover, pool: pool) { machine, piece in
            let (tile, plan) = (layout.tiles[piece], plans[planOfTile[piece]])
            // The groups of the tile and, at open ends, those before them whose windows reach into it.
            let before = anchorReach.indices.map { supercell.periodic[$0] || tile.origin[$0] > 0 ? 0 : anchorReach[$0] }
            var sum = 0.0
            for (pole, weight) in zip(expansion.poles, expansion.weights) {
                let height = Scalar(pole * temperature / abs(h.hopping))
                run(machine, 0..<messagePasses, plan, height: height, weight: 0)
                machine.execute(determinantPass, starts: plan.regions[region], height: height, weight: 0)
                forEachRow(of: tile, before: Coordinates(before, padding: 0), cover) { row in
                    let plane = machine.plane(determinantPlane) + row.place
                    for k in 0..<row.count { sum += weight * log(Double(plane[k])) / 2 }
                }
            }
            logarithms[piece] = sum
        }
        return logarithms.reduce(0, +)
    }

    private func forEachTile(
        _ h: UniformTightBinding, chemicalPotential: Double, _ cover: BlockCover, pool: WorkerPool,
        _ body: (_ machine: LaneMachine<Vector>, _ piece: Int) -> Void
    ) {
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let body = body
            h.values.values.withUnsafeBufferPointer { values in
                nonisolated(unsafe) let values = values.baseAddress!
                pool.forEach(count: layout.tiles.count) { piece, worker in
                    // Far from a site that does not exist, or from the Fermi level, couplings decay to nothing.
                    SubnormalNumbers.flushed {
                        fillEnergies(
                            machines[worker], layout.tiles[piece], from: cover.start, values,
                            slope: h.slope / h.hopping, shift: -chemicalPotential / h.hopping)
                        body(machines[worker], piece)
                    }
                }
            }
        }
    }

    @_specialize(where Vector == SIMD16<Float>)
    @_specialize(where Vector == SIMD8<Double>)
    private func run(
        _ machine: LaneMachine<Vector>, _ range: Range<Int>, _ plan: TilePlan, height: Vector.Scalar, weight: Vector.Scalar
    ) {
        for index in range {
            machine.execute(passes[index], starts: plan.regions[index], height: height, weight: weight)
        }
    }

    /// No site anywhere in the planes of energies.
    private func fillGaps(_ machine: LaneMachine<Vector>) {
        for plane in energyPlanes { machine.plane(plane).update(repeating: Machine.noSite, count: layout.planeLength) }
    }

    /// ε_i − μ in units of t, in the tile and its halo.
    @_specialize(where Vector == SIMD16<Float>)
    @_specialize(where Vector == SIMD8<Double>)
    private func fillEnergies(
        _ machine: LaneMachine<Vector>, _ tile: TileLayout.Tile, from start: Coordinates, _ values: UnsafePointer<Double>,
        slope: Double, shift: Double
    ) {
        // What a larger tile has left beyond the end of this one.
        if tile.size != layout.size { fillGaps(machine) }
        let (basis, side, halo) = (rows.basis, group.side, layout.halo)
        for (member, shifted) in members.enumerated() {
            let first = start &+ tile.origin &* side &+ shifted
            for z in -halo.z..<tile.size.z + halo.z {
                for y in -halo.y..<tile.size.y + halo.y {
                    let row = rows.firstCell(y: first.y + y * side, z: first.z + z * side)
                    let place = layout.index(Coordinates(-halo.x, y, z))
                    rows.forEachRun(x: first.x - halo.x * side, count: tile.size.x + 2 * halo.x, step: side) { part, x in
                        for b in 0..<basis {
                            let energies = machine.plane(energyPlanes[member * basis + b]) + place
                            guard let row, let x else {
                                for k in part { energies[k] = Machine.noSite }
                                continue
                            }
                            let source = values + ((row + x - part.lowerBound * side) * basis + b)
                            for k in part { energies[k] = Scalar(slope * source[k &* side &* basis] + shift) }
                        }
                    }
                }
            }
        }
    }

    /// n_i = ½ − k_BT Σ_k w_k Re G_ii, for the sites of a tile.
    @_specialize(where Vector == SIMD16<Float>)
    @_specialize(where Vector == SIMD8<Double>)
    private func collect(
        _ machine: LaneMachine<Vector>, _ tile: TileLayout.Tile, _ cover: BlockCover, scale: Double, into output: DensityOutput
    ) {
        let (basis, step) = (rows.basis, rows.basis * group.side)
        forEachRow(of: tile, before: .zero, cover) { row in
            // Cells of the box exist, if perhaps around the end of the supercell.
            let base = rows.firstCell(y: row.cell.y, z: row.cell.z)!
            rows.forEachRun(x: row.cell.x, count: row.count, step: group.side) { part, x in
                let site = (base + x!) * basis - part.lowerBound * step
                for b in 0..<basis {
                    let plane = machine.plane(resultPlanes[row.member * basis + b]) + row.place
                    for k in part { output.write(0.5 - scale * Double(plane[k]), at: site &+ b &+ k &* step) }
                }
            }
        }
    }

    /// Calls `body` for the cells of a tile that have one number in the groups of one row.
    ///
    /// - Parameters:
    ///   - before: groups before the first of the tile that are taken as well.
    ///   - body: with the number of the cells, where they begin in a plane, the first of them, and how many they are.
    @inline(__always)
    private func forEachRow(
        of tile: TileLayout.Tile, before: Coordinates, _ cover: BlockCover,
        _ body: ((member: Int, place: Int, cell: Coordinates, count: Int)) -> Void
    ) {
        let side = group.side
        let (lower, upper) = (cover.first &- before &* side, cover.end)
        for (member, shifted) in members.enumerated() {
            let first = cover.start &+ (tile.origin &- before) &* side &+ shifted
            // The first and the last groups may reach beyond the box, where they find cells that belong to other groups.
            let skipped = max(0, (lower.x - first.x + side - 1) / side)
            let count = min(tile.size.x + before.x, max(0, (upper.x - first.x + side - 1) / side)) - skipped
            guard count > 0 else { continue }
            for z in -before.z..<tile.size.z {
                for y in -before.y..<tile.size.y {
                    let cell = first &+ Coordinates(skipped, y + before.y, z + before.z) &* side
                    guard lower.y <= cell.y, cell.y < upper.y, lower.z <= cell.z, cell.z < upper.z else { continue }
                    body((member, layout.index(Coordinates(skipped - before.x, y, z)), cell, count))
                }
            }
        }
    }
}
