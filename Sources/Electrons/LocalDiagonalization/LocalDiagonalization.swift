import ForceFields
import LatticeNumerics
import Lattices
import Models

/// The electrons around each site from a patch of its surroundings: approximate, of cost proportional to the number of sites.
///
/// Electronic matter is nearsighted, so the density of a site depends little on what is far away. The sites of a patch
/// (``Options/radius``) are taken as they are, and each neighbour j of the patch as the end of a tree, that is by the Green's
/// function it has where the patch is cut off,
///
///     g_{j→i}(z) = 1 / (z − ε_j − t² Σ_{k≠i} g_{k→j}(z)),
///
/// iterated a few levels outwards (``Options/levels``) and shared by all patches. The diagonal of the Green's function at the
/// centre follows by elimination of the rest of the patch; no eigenvectors are needed, because the occupations are a sum over
/// the poles of a ``PoleExpansion``:
///
///     n_i = ½ − k_BT Σ_k w_k Re[(H_patch + Σ − μ − i a_k k_BT)⁻¹]_ii,      Σ_i = Σ_j t² g_{j→i}
///
/// Instead of the patch of each site, blocks of several cells may be solved, with a buffer as wide as the radius around each
/// (``Options/core``): cheaper for its error, because the patches of neighbouring sites have most of their sites in common and
/// the sites inside a block are farther from its ends. ``EndCorrections`` learns what the trees leave out.
///
/// With patches, every symmetry of the lattice is one of the result; blocks break those that do not map blocks onto blocks, by as
/// much as the error. The average over all offsets of the blocks (``Options/tiling``) has the translations again. At μ = 0 on a
/// bipartite lattice n(−Q) = 1 − n(Q). The result is exact where the patch holds the whole lattice, or the lattice is a tree and the
/// levels reach its ends. On lattices shorter than a patch the patch is that of the infinite periodic repetition.
///
/// The forces are not exactly those of a potential. Between neighbours, the antisymmetric part of their Jacobian relative to the
/// symmetric one is in the median of a 24×24 quench 3·10⁻⁴ (R = 1, 2 levels) and 7·10⁻⁶ (R = 2, 2 levels) at g = 3.5, but 0.15
/// and 0.03 at g = 1.5; ``ConservativeLocalDiagonalization`` has none.
///
/// W. Yang, *Direct calculation of electron density in density-functional theory*, Phys. Rev. Lett. 66, 1438 (1991),
/// doi:10.1103/PhysRevLett.66.1438, for divide and conquer; E. Prodan and W. Kohn, *Nearsightedness of electronic matter*,
/// PNAS 102, 11635 (2005), doi:10.1073/pnas.0505436102; R. Abou-Chacra, P. W. Anderson and D. J. Thouless, *A selfconsistent
/// theory of localization*, J. Phys. C 6, 1734 (1973), doi:10.1088/0022-3719/6/10/009, for the recursion on the tree.
public struct LocalDiagonalization: ElectronicSolver {
    public static let name = "local-diagonalization"

    /// Size of the patches, their ends, and the poles.
    public let options: Options
    /// Learned coefficients of the ends; nil for trees.
    public let corrections: EndCorrections?
    let pool: WorkerPool
    let workspaces: WorkspaceStore<LocalWorkspace>
    let schedules: ScheduleCache
    /// The step of dynamics whose offset is taken in place of the average over all of them; nil outside of dynamics.
    private var step: (number: Int, seed: UInt64)?

    /// A solver without memory; that is allotted by the first solution on a supercell and kept.
    ///
    /// - Parameters:
    ///   - options: size of the patches, their ends, and the poles.
    ///   - corrections: learned coefficients, made for the same core, radii and levels; nil for trees.
    ///   - pool: the threads of one solution; the result does not depend on their number.
    public init(
        options: Options, corrections: EndCorrections? = nil, pool: WorkerPool = WorkerPool(threads: 1)
    ) {
        precondition(options.core >= 1 && options.radius >= 0 && options.levels >= 0, "a core, and no negative numbers")
        let terms = corrections?.terms
        let schedules = ScheduleCache {
            .patches($0, core: options.core, radii: options.radii, levels: options.levels, terms: terms)
        }
        self.init(
            options: options, corrections: corrections, pool: pool, schedules: schedules,
            workspaces: WorkspaceStore { supercell, box, cover in
                if options.usesBlocks(on: supercell, corrected: terms != nil) {
                    return options.blockWorkspace(for: supercell, box: box, cover: cover, threads: pool.threads)
                }
                return options.tileWorkspace(
                    for: supercell, box: box, cover: cover, schedule: schedules.schedule(for: supercell.lattice),
                    threads: pool.threads)
            })
    }

    private init(
        options: Options, corrections: EndCorrections?, pool: WorkerPool, schedules: ScheduleCache,
        workspaces: WorkspaceStore<LocalWorkspace>
    ) {
        if let corrections {
            precondition(
                (corrections.core, corrections.radii, corrections.levels) == (options.core, options.radii, options.levels),
                "corrections for these patches")
        }
        self.options = options
        self.corrections = corrections
        self.pool = pool
        self.schedules = schedules
        self.workspaces = workspaces
    }

    /// The same patches with other values of the coefficients. Memory and programs are shared, so that it costs nothing.
    ///
    /// - Parameter corrections: of the same terms as before.
    public func with(corrections: EndCorrections?) -> LocalDiagonalization {
        precondition(corrections?.terms == self.corrections?.terms, "corrections of the same terms")
        return LocalDiagonalization(
            options: options, corrections: corrections, pool: pool, schedules: schedules, workspaces: workspaces)
    }

    /// The same blocks, laid in another way. Memory and programs are shared.
    public func tiled(_ tiling: BlockTiling) -> LocalDiagonalization {
        var options = options
        options.tiling = tiling
        return LocalDiagonalization(
            options: options, corrections: corrections, pool: pool, schedules: schedules, workspaces: workspaces)
    }

    public func atStep(_ step: Int, seed: UInt64) -> LocalDiagonalization {
        var solver = self
        solver.step = (step, seed)
        return solver
    }

    /// Writes the density of a box, or the average over the offsets of the blocks.
    ///
    /// - Parameter box: begins at a multiple of ``Options/core`` in the whole lattice.
    func evaluate(
        _ h: UniformTightBinding, in box: CellBox, temperature: Double, chemicalPotential: Double, expansion: PoleExpansion?,
        output: DensityOutput
    ) {
        let supercell = h.supercell
        let group = CellGroup(side: options.core, dimension: supercell.lattice.dimension)
        let offsets = options.tiling.offsets(of: group, atStep: step)
        for (index, offset) in offsets.enumerated() {
            let cover = options.cover(box, of: supercell, corrected: corrections != nil, offset: offset)
            workspaces.withWorkspace(for: supercell, box: box, cover: cover) { workspace in
                workspace.evaluate(
                    h, temperature: temperature, chemicalPotential: chemicalPotential, expansion: expansion,
                    corrections: corrections, cover: cover, output: output.term(index, ofAverageOf: offsets.count), pool: pool)
            }
        }
    }

    /// The density at fixed μ; at fixed filling the one at the μ where the densities, as found by this method, add up to the
    /// number of electrons within 10⁻¹⁰ of it, or within 2·10⁻⁶ in single precision if that is more.
    ///
    /// - Throws: ``ElectronicStructureError`` for an energy that is not finite, for k_BT = 0, for elements of H that are not uniform, for
    ///   wanted elements on bonds, and for an impossible filling; ``PoleExpansionError`` if no expansion meets ``Options/poleTolerance``, or the error of a given number of
    ///   poles is above 10⁻².
    public func solve(_ h: TightBinding, _ reservoir: Reservoir, wanted: WantedElements) throws -> ElectronicState {
        guard wanted == .sites else { throw ElectronicStructureError.elementsNotTaken(solver: Self.name) }
        return try solve(h, reservoir, bounds: SpectrumBounds(try uniform(h)))
    }

    /// The density of a part of a lattice, as if it were periodic by itself.
    ///
    /// - Parameter bounds: of the spectrum of the whole lattice, by which the poles are chosen.
    /// - Throws: what ``solve(_:_:wanted:)`` throws.
    package func solve(_ h: TightBinding, _ reservoir: Reservoir, bounds: SpectrumBounds) throws -> ElectronicState {
        let h = try uniform(h)
        try h.validate()
        try validate(h.supercell.lattice, temperature: reservoir.temperature)
        let equilibrium = try LocalEquilibrium(
            h, bounds: bounds, reservoir, poles: options.poleChoice, isSinglePrecision: options.precision == .single
        ) { chemicalPotential, expansion, output in
            evaluate(
                h, in: CellBox(h.supercell), temperature: reservoir.temperature, chemicalPotential: chemicalPotential,
                expansion: expansion, output: output)
        }
        return try validated(
            ElectronicState(
                density: equilibrium.density, chemicalPotential: equilibrium.chemicalPotential,
                electrons: equilibrium.electrons),
            reservoir, density: corrections == nil ? Self.largestExcess : .infinity,
            filling: equilibrium.fillingTolerance)
    }

    /// How far a density may be outside 0…1, where electrons cannot be: the error of the site is larger then.
    static let largestExcess = 0.05

    /// Checks the temperature, and that the coefficients belong to this lattice.
    func validate(_ lattice: Lattice, temperature: Double) throws {
        guard temperature > 0 else { throw ElectronicStructureError.zeroTemperature(solver: Self.name) }
        if let corrections, corrections.lattice != lattice {
            throw LocalDiagonalizationError.correctionsOfAnotherLattice(corrections.lattice.name, used: lattice.name)
        }
    }
}

extension LocalDiagonalization {
    /// The density by blocks that are solved by frontal matrices, whatever the core, at fixed μ.
    package static func blockDensity(_ h: TightBinding, _ reservoir: Reservoir, options: Options) throws -> [Double] {
        guard let h = h.uniform, h.isSameOnAllBonds else { throw ElectronicStructureError.elementsNotTaken(solver: name) }
        let (supercell, pool) = (h.supercell, WorkerPool(threads: 1))
        let workspace = BlockWorkspace<SIMD8<Double>>(
            supercell, box: CellBox(supercell), core: options.core, radius: options.radius, levels: options.levels, threads: 1)
        return try LocalEquilibrium(
            h, bounds: SpectrumBounds(h), reservoir, poles: options.poleChoice, isSinglePrecision: false
        ) { chemicalPotential, expansion, output in
            workspace.evaluate(
                h, temperature: reservoir.temperature, chemicalPotential: chemicalPotential, expansion: expansion, output: output,
                pool: pool)
        }.density.values
    }
}

extension LocalDiagonalization.Options {
    /// Memory for patches and cores that are solved by programs.
    fileprivate func tileWorkspace(
        for supercell: Supercell, box: CellBox, cover: BlockCover?, schedule: LaneSchedule, threads: Int
    ) -> LocalWorkspace {
        precision == .single
            ? TileWorkspace<SIMD16<Float>>(supercell, box: box, cover: cover, schedule: schedule, threads: threads)
            : TileWorkspace<SIMD8<Double>>(supercell, box: box, cover: cover, schedule: schedule, threads: threads)
    }

    /// Memory for blocks that are solved by frontal matrices.
    fileprivate func blockWorkspace(
        for supercell: Supercell, box: CellBox, cover: BlockCover?, threads: Int
    ) -> LocalWorkspace {
        func workspace<Vector: LaneVector>(_ vector: Vector.Type) -> LocalWorkspace {
            BlockWorkspace<Vector>(
                supercell, box: box, cover: cover, core: core, radius: radius, levels: levels, threads: threads)
        }
        return precision == .single ? workspace(SIMD16<Float>.self) : workspace(SIMD8<Double>.self)
    }

    /// Whether a core is solved by frontal matrices and not by a program: where that is faster, and where the block would reach
    /// around the lattice, which then is solved exactly in that direction.
    func usesBlocks(on supercell: Supercell, corrected: Bool) -> Bool {
        if core == 1 || corrected { return false }
        return core > Self.largestProgramCore || supercell.size.contains { core + 2 * radius >= $0 }
    }

    /// How blocks that are moved by an offset cover a box.
    func cover(_ box: CellBox, of supercell: Supercell, corrected: Bool, offset: Coordinates) -> BlockCover {
        BlockCover(
            box, of: supercell, side: core, offset: offset,
            isWhole: usesBlocks(on: supercell, corrected: corrected)
                ? BlockShape.isWhole(supercell, core: core, radius: radius) : nil)
    }

    /// Side of the largest core that is done by a program: up to there it took half the time of frontal matrices.
    static let largestProgramCore = 8
}
