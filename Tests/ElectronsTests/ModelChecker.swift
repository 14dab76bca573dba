import Electrons
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import Models
import Testing

/// Holds a model to its contract on a supercell, by the naive way and by every solver that takes its elements:
///
/// - H is Hermitian, and −D Tr ρ ∂H/∂x − ∂B/∂x with ρ from its dense form is the force, in whatever boxes it is written;
/// - forces of every conservative solver are minus the gradient of that solver's potential;
/// - exact solvers agree with the dense form, local ones approach it with their radius;
/// - translations and the point group, and the exchange of particles and holes where there is one, take forces to forces, energies of
///   sites being moved with the configuration;
/// - threads and boxes change no bit;
/// - the force is not zero: zero agrees with everything.
///
/// - Parameter scale: of the random configuration.
func checkModel(
    _ model: AdiabaticModel, on supercell: Supercell, scale: Double = 1, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    for failure in try modelFailures(model, on: supercell, scale: scale) {
        Issue.record(Comment(rawValue: failure), sourceLocation: sourceLocation)
    }
}

/// What ``checkModel(_:on:scale:sourceLocation:)`` finds wrong.
func modelFailures(_ model: AdiabaticModel, on supercell: Supercell, scale: Double = 1) throws -> [String] {
    var checker = ModelChecker(model, on: supercell, scale: scale)
    try checker.checkElements()
    try checker.checkSymmetries(of: Dense())
    // A solver would only say the same of a model whose elements are wrong.
    guard checker.failures.isEmpty else { return checker.failures }
    let conservative = ConservativeLocalDiagonalization(options: .init(side: 2, levels: 1, poleTolerance: 1e-10))
        .withAnyDensity
    var solvers = 0
    for solver in [Dense(), ExactDiagonalization(), SelectedInversion(tolerance: 1e-12), conservative] as [any PotentialSolver] {
        guard try checker.takes(solver) else { continue }
        solvers += 1
        try checker.checkGradient(of: solver)
        if !(solver is ConservativeLocalDiagonalization) { try checker.checkAgreement(of: solver) }
        if !(solver is Dense) { try checker.checkSymmetries(of: solver) }
    }
    checker.expect(solvers > 1, "no solver takes the elements")
    try checker.checkRadius()
    try checker.checkBits()
    return checker.failures
}

private struct ModelChecker {
    let model: AdiabaticModel
    let x: SiteField
    private(set) var failures: [String] = []
    /// From the dense form.
    private var force: SiteField
    private var size = 1.0

    private var supercell: Supercell { x.supercell }

    init(_ model: AdiabaticModel, on supercell: Supercell, scale: Double) {
        self.model = model
        x = Self.configuration(model, supercell, scale)
        force = x
    }

    private static func configuration(_ model: AdiabaticModel, _ supercell: Supercell, _ scale: Double) -> SiteField {
        var x = SiteField(supercell, kind: model.variable.kind)
        x.values = RandomStream(seed: 7, purpose: .testing).normals(count: x.values.count, step: 0).map { $0 * scale }
        return x
    }

    mutating func expect(_ isRight: Bool, _ failure: String) {
        if !isRight { failures.append(failure) }
    }

    /// Numbers of x that are moved.
    private var moved: [Int] {
        Array(Set([0, 1, x.values.count / 2, x.values.count - 1])).filter { $0 < x.values.count }.sorted()
    }

    /// ∂y/∂x_k by four points: the error is of order step⁴.
    private func derivative(_ k: Int, step: Double, of y: (SiteField) throws -> [Double]) rethrows -> [Double] {
        let weights = [(-2.0, 1.0), (-1, -8), (1, 8), (2, -1)]
        var sum: [Double] = []
        for (multiple, weight) in weights {
            var other = x
            other.values[k] += multiple * step
            let terms = try y(other).map { weight / (12 * step) * $0 }
            sum = sum.isEmpty ? terms : zip(sum, terms).map { $0 + $1 }
        }
        return sum
    }

    // MARK: H, and the force from it

    mutating func checkElements() throws {
        let dense = DenseMatrix(try model.tightBinding(at: x))
        expect(dense.asymmetry < 1e-12, "H is not Hermitian: it differs from H† by \(dense.asymmetry)")
        let rho = try dense.equilibrium(model.reservoir)
        let matrix = rho.elements(like: try model.tightBinding(at: x))
        force = model.electronicForce(from: matrix, at: x)
        size = force.values.map(abs).max()!
        expect(size > 1e-2, "the force is zero, which agrees with everything")
        for k in moved {
            let change = try derivative(k, step: 1e-3) { x in
                let h = DenseMatrix(try model.tightBinding(at: x))
                return h.real + h.imaginary + [model.hamiltonian.background(at: x)]
            }
            let count = dense.real.count
            // Tr ρ ∂h, of which ρ is as Hermitian as h.
            let trace = (0..<count).reduce(0) { $0 + rho.real[$1] * change[$1] + rho.imaginary[$1] * change[count + $1] }
            let expected = -Double(model.spinDegeneracy) * trace - change[2 * count]
            expect(
                abs(expected - force.values[k]) < 1e-8 * max(1, size),
                "the force on number \(k) is \(force.values[k]), and −D Tr ρ ∂H/∂x − ∂B/∂x is \(expected)")
        }
        // One box after the other, along the first direction; nothing else is touched.
        let cut = supercell.size[0] / 2
        let boxes = [(0, cut), (cut, supercell.size[0] - cut)].map { first, count in
            CellBox(origin: [first] + supercell.size.dropFirst().map { _ in 0 }, size: [count] + supercell.size.dropFirst())
        }
        var written = x
        for k in written.values.indices { written.values[k] = 12345 }
        for (index, box) in boxes.enumerated() {
            model.hamiltonian.writeForce(from: matrix, at: x, in: box, to: &written)
            let inside = Set(boxes[...index].flatMap { $0.siteRanges(in: supercell).joined() })
            let wrong = written.values.indices.contains { k in
                written.values[k].bitPattern != (inside.contains(k / x.componentCount) ? force.values[k] : 12345).bitPattern
            }
            expect(!wrong, "the force in a box is not that of the whole, or reaches beyond the box")
        }
    }

    // MARK: Solvers

    func takes(_ solver: some ElectronicSolver) throws -> Bool {
        do {
            _ = try ElectronicForceField(model, solver).solve(x)
            return true
        } catch ElectronicStructureError.elementsNotTaken { return false }
    }

    mutating func checkGradient<Solver: PotentialSolver>(of solver: Solver) throws {
        let electrons = ElectronicForceField(model, solver)
        let solution = try electrons.solution(at: x)
        let forces = try electrons.forces(at: x)
        let classical = model.classicalPart(on: supercell)
        expect(forces == solution.electronicForce, "\(Solver.name): another force of the force field than of the solution")
        for k in moved {
            let slopes = try derivative(k, step: 1e-3) { x in
                var unused = x
                let part = try electrons.computeForcesAndPotential(at: x, into: &unused)
                return [part, part + (try classical.computeForcesAndPotential(at: x, into: &unused))]
            }
            for (slope, force) in [(slopes[0], forces.values[k]), (slopes[1], solution.force.values[k])] {
                expect(
                    abs(slope + force) < 1e-7 * max(1, size),
                    "\(Solver.name): the force on number \(k) is \(force), and −∂Ω/∂x is \(-slope)")
            }
        }
    }

    mutating func checkAgreement<Solver: PotentialSolver>(of solver: Solver) throws {
        let exact = try Dense().solveWithPotential(model.tightBinding(at: x), model.reservoir, wanted: .bonds)
        let state = try solver.solveWithPotential(model.tightBinding(at: x), model.reservoir, wanted: .bonds)
        func compare(_ what: String, _ a: [Double], _ b: [Double], _ tolerance: Double) {
            let difference = largestDifference(a, b)
            expect(
                a.count == b.count && difference < tolerance,
                "\(Solver.name): \(what) differ from the dense form by \(difference)")
        }
        compare("densities", state.density.values, exact.density.values, 1e-9)
        compare("bond orders", state.bondOrders ?? [], exact.bondOrders!, 1e-9)
        compare("potentials", [state.potential!], [exact.potential!], 1e-8 * Double(supercell.siteCount))
        compare("chemical potentials", [state.chemicalPotential], [exact.chemicalPotential], 1e-9)
    }

    mutating func checkSymmetries<Solver: ElectronicSolver>(of solver: Solver) throws {
        let own = try ElectronicForceField(model, solver).solution(at: x).force
        func check(_ name: String, _ image: (SiteField) -> SiteField) throws {
            let electrons = ElectronicForceField(model.moved(on: supercell, by: image), solver)
            let difference = largestDifference(try electrons.solution(at: image(x)).force.values, image(own).values)
            expect(difference < 1e-8 * max(1, size), "\(Solver.name): \(name) breaks the force by \(difference)")
        }
        for axis in supercell.size.indices where supercell.periodic[axis] {
            try check("translation by a\(axis + 1)") { $0.translated(by: supercell.size.indices.map { $0 == axis ? 1 : 0 }) }
        }
        for operation in PointGroup(of: supercell.lattice).operations where operation.preserves(supercell) {
            // Its windows are boxes of cells.
            if solver is ConservativeLocalDiagonalization, !operation.takesBoxesToBoxes(supercell.lattice) { continue }
            try check(operation.name) { $0.transformed(by: operation) }
        }
        if model.hasParticleHoleSymmetry(on: supercell.lattice), supercell.sublatticeSigns() != nil {
            try check("particle–hole") { field in
                var opposite = field
                for k in opposite.values.indices { opposite.values[k] = -opposite.values[k] }
                return opposite
            }
        }
    }

    /// Patches approach the exact force with their radius, on a lattice that is larger than they are.
    mutating func checkRadius() throws {
        func solver(_ radius: Int) -> LocalDiagonalization {
            LocalDiagonalization(options: .init(radius: radius, levels: 2, poleTolerance: 1e-9, precision: .double))
        }
        guard try takes(solver(1)) else { return }
        let lattice = supercell.lattice
        let side = [60, 12, 6][lattice.dimension - 1] / (lattice.basis.count > 1 ? 2 : 1)
        let larger = try Supercell(lattice, size: lattice.primitiveVectors.map { _ in side }, periodic: supercell.periodic)
        let scale = (x.values.reduce(0) { $0 + $1 * $1 } / Double(x.values.count)).squareRoot()
        let probe = Self.configuration(model, larger, scale)
        let exact = try ElectronicForceField(model, ExactDiagonalization()).forces(at: probe)
        let errors = try (0...2).map { radius in
            let found = try ElectronicForceField(model, solver(radius)).forces(at: probe)
            return zip(found.values, exact.values).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        // Of radius 1 it is a longer tree where no bonds make triangles; the loops come with radius 2.
        expect(
            errors[2] < 0.7 * min(errors[0], errors[1]),
            "patches of radius 0, 1, 2 err by \(errors), which does not fall")
    }

    /// The same bits for any number of threads, and in boxes.
    mutating func checkBits() throws {
        let options = LocalDiagonalization.Options(radius: 1, levels: 1)
        let pool = WorkerPool(threads: 3)
        for (alone, shared) in [
            (SelectedInversion(), SelectedInversion(pool: pool)),
            (LocalDiagonalization(options: options), LocalDiagonalization(options: options, pool: pool)),
        ] as [(any ElectronicSolver, any ElectronicSolver)] {
            guard try takes(alone) else { continue }
            let h = try model.tightBinding(at: x)
            let (one, three) = try (
                alone.solve(h, model.reservoir, wanted: .sites), shared.solve(h, model.reservoir, wanted: .sites)
            )
            expect(one == three, "\(type(of: alone).name): threads change bits")
        }
        let electrons = ElectronicForceField(model, LocalDiagonalization(options: options))
        guard try takes(electrons.solver), let local = LocalElectronicForceField(electrons, on: supercell.lattice) else { return }
        let whole = try local.forces(at: x)
        var pieces = x
        for cell in 0..<supercell.cellCount {
            let box = CellBox(
                origin: supercell.cell(of: cell * supercell.lattice.basis.count), size: supercell.size.map { _ in 1 })
            try local.computeForces(at: x, in: box, extent: FieldExtent(of: x), into: &pieces)
        }
        expect(pieces == whole, "boxes change bits")
    }
}

extension ConservativeLocalDiagonalization {
    /// Small windows may find densities outside of 0…1, which are derivatives of their potential all the same.
    fileprivate var withAnyDensity: Self {
        var solver = self
        solver.densityTolerance = .infinity
        return solver
    }
}

extension PointGroup.Operation {
    /// Whether the operation maps a supercell onto itself.
    fileprivate func preserves(_ supercell: Supercell) -> Bool {
        supercell.isPeriodic
            && cellMatrix.indices.allSatisfy { row in
                cellMatrix.indices.allSatisfy { (cellMatrix[row][$0] * supercell.size[$0]) % supercell.size[row] == 0 }
            }
    }

    fileprivate func takesBoxesToBoxes(_ lattice: Lattice) -> Bool {
        lattice.basis.count == 1 && cellMatrix.allSatisfy { $0.count { $0 != 0 } == 1 }
    }
}

// MARK: The naive way

/// Electrons by the dense form of H, for orbitals of any number, real or complex: a solver to hold others against.
private struct Dense: PotentialSolver {
    static let name = "dense form"

    func solveWithPotential(_ h: TightBinding, _ reservoir: Reservoir, wanted: WantedElements) throws -> ElectronicState {
        let state = try DenseMatrix(h).equilibrium(reservoir)
        let elements = state.elements(like: h)
        return ElectronicState(
            h.supercell, elements, chemicalPotential: state.chemicalPotential, electrons: state.electrons,
            potential: state.potential)
    }
}

/// H as a matrix of complex numbers, row-major.
private struct DenseMatrix {
    let dimension: Int
    var real: [Double]
    var imaginary: [Double]

    /// Every bond c†_i h_ij c_j with its Hermitian conjugate, and every site.
    init(_ h: TightBinding) {
        let sites = h.supercell.siteCount
        let orbitals: Int
        if case .blocks(let blocks) = h.onsite { orbitals = blocks.orbitals } else { orbitals = 1 }
        let n = sites * orbitals
        (dimension, real, imaginary) = (n, [Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n))
        switch h.onsite {
        case .scaled(let slope, let field): for site in 0..<sites { real[site * n + site] += slope * field.values[site] }
        case .blocks(let blocks):
            for site in 0..<sites { add(blocks, site, from: site, to: site) }
        }
        let uniform: [Double]
        if case .uniform(let elements) = h.bonds { uniform = elements } else { uniform = [] }
        for (bond, (pair, index)) in zip(h.supercell.bondPairs(), h.supercell.bondIndices()).enumerated() {
            if case .blocks(let blocks) = h.bonds {
                add(blocks, bond, from: pair.0, to: pair.1)
                add(blocks, bond, from: pair.0, to: pair.1, conjugate: true)
            } else if h.supercell.lattice.bonds[index].shell <= uniform.count {
                for orbital in 0..<orbitals {
                    let (i, j) = (pair.0 * orbitals + orbital, pair.1 * orbitals + orbital)
                    real[i * n + j] += uniform[h.supercell.lattice.bonds[index].shell - 1]
                    real[j * n + i] += uniform[h.supercell.lattice.bonds[index].shell - 1]
                }
            }
        }
    }

    private mutating func add(_ blocks: ElementBlocks, _ block: Int, from: Int, to: Int, conjugate: Bool = false) {
        let m = blocks.orbitals
        for a in 0..<m {
            for b in 0..<m {
                let (i, j) = (from * m + a, to * m + b)
                let element = (block * m + a) * m + b
                real[conjugate ? j * dimension + i : i * dimension + j] += blocks.real[element]
                let part = blocks.imaginary?[element] ?? 0
                imaginary[conjugate ? j * dimension + i : i * dimension + j] += conjugate ? -part : part
            }
        }
    }

    /// The largest |H − H†|.
    var asymmetry: Double {
        (0..<dimension * dimension).reduce(0) { largest, k in
            let other = k % dimension * dimension + k / dimension
            return max(largest, abs(real[k] - real[other]), abs(imaginary[k] + imaginary[other]))
        }
    }

    /// f(H), by the real symmetric matrix [[Re H, −Im H], [Im H, Re H]], which has every level twice.
    func equilibrium(_ reservoir: Reservoir) throws -> DenseEquilibrium {
        let n = dimension
        let solver = SymmetricEigensolver(dimension: 2 * n)
        for i in 0..<n {
            for j in 0..<n {
                solver.matrix[i * 2 * n + j] = real[i * n + j]
                solver.matrix[(n + i) * 2 * n + n + j] = real[i * n + j]
                solver.matrix[(n + i) * 2 * n + j] = imaginary[i * n + j]
                solver.matrix[j * 2 * n + n + i] = imaginary[i * n + j]
            }
        }
        try solver.solve()
        let (levels, temperature) = (Array(solver.eigenvalues), reservoir.temperature)
        func occupation(_ level: Double, _ mu: Double) -> Double { 1 / (exp((level - mu) / temperature) + 1) }
        func electrons(_ mu: Double) -> Double { levels.reduce(0) { $0 + occupation($1, mu) } / 2 }
        var mu = 0.0
        switch reservoir.particles {
        case .chemicalPotential(let value): mu = value
        case .filling(let filling):
            var (low, high) = (levels[0] - 50 * temperature, levels[2 * n - 1] + 50 * temperature)
            for _ in 0..<200 {
                mu = (low + high) / 2
                if electrons(mu) < filling * Double(n) { low = mu } else { high = mu }
            }
        }
        var state = DenseEquilibrium(
            real: [Double](repeating: 0, count: n * n), imaginary: [Double](repeating: 0, count: n * n), dimension: n,
            chemicalPotential: mu, electrons: electrons(mu), potential: 0)
        for (m, level) in levels.enumerated() {
            let f = occupation(level, mu)
            state.potential -= temperature * log1p(exp(-(level - mu) / temperature)) / 2
            let row = m * 2 * n
            for i in 0..<n {
                for j in 0..<n {
                    state.real[i * n + j] += f * solver.matrix[row + i] * solver.matrix[row + j]
                    state.imaginary[i * n + j] += f * solver.matrix[row + n + i] * solver.matrix[row + j]
                }
            }
        }
        if reservoir.isFillingFixed { state.potential += mu * state.electrons }
        return state
    }
}

/// ρ_ij = ⟨c†_j c_i⟩ of electrons of one spin.
private struct DenseEquilibrium {
    var real: [Double]
    var imaginary: [Double]
    let dimension: Int
    let chemicalPotential: Double
    let electrons: Double
    var potential: Double

    /// The elements where H has some.
    func elements(like h: TightBinding) -> DensityMatrix {
        let m = dimension / h.supercell.siteCount
        var isComplex = false
        if case .blocks(let blocks) = h.onsite { isComplex = blocks.imaginary != nil }
        if case .blocks(let blocks) = h.bonds { isComplex = isComplex || blocks.imaginary != nil }
        func blocks(_ pairs: [(Int, Int)]) -> ElementBlocks {
            let places = pairs.flatMap { pair in
                (0..<m * m).map { (pair.0 * m + $0 / m) * dimension + pair.1 * m + $0 % m }
            }
            return ElementBlocks(
                orbitals: m, real: places.map { real[$0] }, imaginary: isComplex ? places.map { imaginary[$0] } : nil)
        }
        return DensityMatrix(
            sites: blocks((0..<h.supercell.siteCount).map { ($0, $0) }), bonds: blocks(h.supercell.bondPairs()))
    }
}
