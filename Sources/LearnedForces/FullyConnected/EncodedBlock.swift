import Electrons
import Lattices

/// A block of cells with the cells around it that its forces depend on: their displacements as the network takes them in.
///
/// One thread's memory at a time. The lattice has one site a cell and no open ends.
final class EncodedBlock<Scalar: NetworkScalar> {
    /// Sites of the block.
    private(set) var siteCount = 0
    private let architecture: FullyConnectedArchitecture
    private let components: Int
    private let rows: SupercellRows
    /// Cells around the block in each direction.
    private let halo: Coordinates
    private let offsets: [Coordinates]
    /// [encoding][padded cell][component]
    private let values: UnsafeMutablePointer<Scalar>
    private let capacity: Int
    private var origin = Coordinates.zero
    private var size = Coordinates.zero
    private var strides = Coordinates.zero

    init(_ network: FullyConnectedNetwork, supercell: Supercell) {
        architecture = network.options
        components = network.kind.count(in: supercell.lattice)
        rows = SupercellRows(supercell)
        halo = Coordinates(supercell.size.map { _ in network.neighborhood.reach }, padding: 0)
        offsets = network.neighborhood.offsets.map { Coordinates($0, padding: 0) }
        let padded = BlockCutting.side(supercell.size.count) &+ 2 &* halo
        capacity = padded.x * padded.y * padded.z * components
        values = .allocate(capacity: architecture.encodings * capacity)
        values.initialize(repeating: 0, count: architecture.encodings * capacity)
    }

    deinit { values.deallocate() }

    /// Reads and encodes the displacements of a block.
    @inline(__always)
    func fill(_ displacement: UnsafePointer<Double>, origin: Coordinates, size: Coordinates) {
        self.origin = origin
        self.size = size
        siteCount = size.x * size.y * size.z
        let padded = size &+ 2 &* halo
        strides = Coordinates(1, padded.x, padded.x * padded.y)
        var place = 0
        for z in origin.z - halo.z..<origin.z + size.z + halo.z {
            for y in origin.y - halo.y..<origin.y + size.y + halo.y {
                let row = rows.firstCell(y: y, z: z)!
                rows.forEachRun(x: origin.x - halo.x, count: padded.x, step: 1) { part, x in
                    let source = displacement + (row + x!) * components
                    for encoding in 0..<architecture.encodings {
                        let target = values + encoding * capacity + place + part.lowerBound * components
                        for k in 0..<part.count * components {
                            target[k] = Scalar(architecture.encode(source[k], encoding))
                        }
                    }
                }
                place += padded.x * components
            }
        }
    }

    /// Writes the neighbourhoods of some sites of the block to columns: tile[encoding][value][column].
    @inline(__always)
    func gather(_ sites: Range<Int>, into tile: UnsafeMutablePointer<Scalar>, columns: Int) {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: sites.count) { places in
            for (column, index) in sites.enumerated() {
                places[column] = ((cell(index) &+ halo) &* strides).wrappedSum() * components
            }
            var row = tile
            for encoding in 0..<architecture.encodings {
                for offset in offsets {
                    let shift = (offset &* strides).wrappedSum() * components
                    for component in 0..<components {
                        let source = values + (encoding * capacity + shift + component)
                        for column in 0..<sites.count { row[column] = source[places[column]] }
                        row += columns
                    }
                }
            }
        }
    }

    /// The site of the supercell that a site of the block is.
    @inline(__always)
    func site(_ index: Int) -> Int {
        let cell = origin &+ cell(index)
        return (cell.z * rows.size.y + cell.y) * rows.size.x + cell.x
    }

    /// The cell of a site, relative to the first of the block.
    @inline(__always)
    private func cell(_ index: Int) -> Coordinates {
        let rest = index / size.x
        return Coordinates(index % size.x, rest % size.y, rest / size.y)
    }
}
