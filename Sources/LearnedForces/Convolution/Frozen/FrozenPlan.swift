import Lattices

/// How a frozen network streams through a part of a supercell, with the memory for that.
///
/// `@unchecked Sendable`: constant but for the workspaces, of which a thread at a time uses one.
final class FrozenPlan: @unchecked Sendable {
    let part: CellBox
    let layout: StreamLayout
    let layers: [BoundLayer]
    /// Where in a slab of the supercell the values of each place stand, box after box.
    let cells: UnsafeMutableBufferPointer<Int32>
    let lines: [[StreamLayout.Line]]
    /// Vectors of each layer's result in each box.
    let vectors: [[(first: Int, count: Int)]]
    /// One for each thread.
    let workspaces: [FrozenWorkspace]

    init(_ stages: [FrozenLayer], supercell: Supercell, part: CellBox, threads: Int) {
        self.part = part
        let layout = StreamLayout(supercell, part: part, reaches: stages.map(\.reach), threads: threads)
        self.layout = layout
        layers = stages.map { BoundLayer($0, layout: layout) }
        var margin = layout.slabHalo
        let margins = stages.map { stage in
            margin = zip(margin, stage.reach).map { $0 - $1 }
            return margin
        }
        vectors = layout.boxes.map { box in margins.map { layout.vectors(of: box, margin: $0) } }
        lines = layout.boxes.map(layout.lines)
        cells = .allocate(capacity: layout.boxes.count * layout.length)
        _ = cells.initialize(from: layout.boxes.flatMap { layout.cells(of: $0) })
        let rows = stages.map(\.inputRows) + [1]
        let depths = layers.map { 2 * $0.sweepReach + 1 } + [1]
        let (scratchRows, pointers) = (stages.map(\.scratchRows).max()!, layers.map(\.pointerCount).max()!)
        workspaces = (0..<min(threads, layout.boxes.count)).map { _ in
            FrozenWorkspace(rows: rows, depths: depths, length: layout.length, scratchRows: scratchRows, pointers: pointers)
        }
    }

    deinit { cells.deallocate() }
}
