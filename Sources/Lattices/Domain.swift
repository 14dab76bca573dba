/// The part of a supercell that one process has: a box of cells of its own, and a halo of cells that belong to its neighbours.
///
/// Fields of a domain are fields on ``local``, which is the box padded with the halo in the directions that are cut, and
/// reaches around itself in those that are not. In cut directions `local` is formally periodic as well; what is found by
/// reaching around there is wrong, and a halo as wide as the receptive field of a force keeps that out of the box.
public struct Domain: Sendable, Equatable {
    /// The supercell that is cut into domains.
    public let whole: Supercell
    /// The cells of this domain, in coordinates of ``whole``.
    public let box: CellBox
    /// Cells on either side of the box, in each direction; 0 where the lattice is not cut.
    public let halo: [Int]
    /// The box with its halo, as a supercell of its own.
    public let local: Supercell
    /// The cells of this domain, in coordinates of ``local``.
    public let window: CellBox

    /// - Parameters:
    ///   - box: inside `whole`.
    ///   - halo: 0 in directions in which the box is as long as `whole`, at least 1 in the others.
    public init(_ whole: Supercell, box: CellBox, halo: [Int]) {
        precondition(
            whole.size.indices.allSatisfy {
                box.size[$0] == whole.size[$0] ? halo[$0] == 0 : halo[$0] >= 1 && whole.periodic[$0]
            }, "a halo in the directions that are cut, which are periodic")
        self.whole = whole
        self.box = box
        self.halo = halo
        let size = zip(box.size, halo).map { $0 + 2 * $1 }
        // Sides of a part of a supercell are sides of a supercell.
        local = try! Supercell(whole.lattice, size: size, periodic: whole.periodic)
            .piece(of: whole, at: zip(box.origin, halo).map { $0 - $1 })
        window = CellBox(origin: halo, size: box.size)
    }

    /// The whole supercell as one domain.
    public init(_ whole: Supercell) {
        self.init(whole, box: CellBox(whole), halo: whole.size.map { _ in 0 })
    }

    /// Whether it is all of ``whole``, without a halo. (A box with its halo may be as large as the lattice and yet be a part.)
    public var isWhole: Bool { box.size == whole.size }

    /// Neighbouring sites of the domain in both numberings.
    public struct Run: Sendable, Equatable {
        /// The first site in ``Domain/local``.
        public let local: Int
        /// The same site in ``Domain/whole``.
        public let whole: Int
        /// Sites from there on.
        public let count: Int
    }

    /// All sites of the domain in ascending order of both numberings, at most `length` in a run.
    public func runs(of length: Int = .max) -> [Run] {
        let own = zip(window.siteRanges(in: local), box.siteRanges(in: whole))
        return own.flatMap { local, whole in
            stride(from: 0, to: local.count, by: length).map {
                Run(local: local.lowerBound + $0, whole: whole.lowerBound + $0, count: min(length, local.count - $0))
            }
        }
    }
}
