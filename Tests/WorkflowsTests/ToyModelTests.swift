import Electrons
import Experiments
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import Models
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Displacements u that stretch bonds, of as many components as the lattice has dimensions:
///
///     H = −Σ_⟨ij⟩ [t − g (u_j − u_i)·e_ij] (c†_i c_j + h.c.),      C = (K/2) Σ u²
///
/// It is all that the program is told of this model.
private struct ToyModel: LatticeModel {
    static let name = "toy"
    static let title = "toy model"
    static let variable = SiteVariable("displacement", .polarVector)
    static let wantedElements = WantedElements.bonds
    static var parameters: [ModelParameter<Self>] {
        [
            .init("hopping", "t", .energy, "the energy of a bond", isElectronic: true, \.hopping),
            .init("coupling", "g", .energyPerDisplacement, "its change with length", isElectronic: true, \.coupling),
            .init("stiffness", "K", .energyPerSquaredDisplacement, "of every site", isElectronic: false, \.stiffness),
        ]
    }

    var hopping = 1.0
    var coupling = 0.6
    var stiffness = 3.0

    var energyUnit: Double { abs(hopping) }

    /// Every bond with the unit vector from its first site to its second.
    private func bonds(of supercell: Supercell) -> [(from: Int, to: Int, direction: [Double])] {
        let lattice = supercell.lattice
        let directions = lattice.bonds.map { bond -> [Double] in
            let start = lattice.position(cell: bond.cell.map { _ in 0 }, site: bond.from)
            let difference = zip(lattice.position(cell: bond.cell, site: bond.to), start).map { $0 - $1 }
            let length = difference.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return difference.map { $0 / length }
        }
        return zip(supercell.bondPairs(), supercell.bondIndices()).map { ($0.0, $0.1, directions[$1]) }
    }

    func writeElements(at x: SiteField, in box: CellBox, to h: inout TightBinding) {
        let d = x.componentCount
        h.onsite = .blocks(ElementBlocks(orbitals: 1, real: [Double](repeating: 0, count: x.supercell.siteCount)))
        let elements = bonds(of: x.supercell).map { bond in
            (0..<d).reduce(-hopping) { sum, k in
                sum + coupling * (x.values[bond.to * d + k] - x.values[bond.from * d + k]) * bond.direction[k]
            }
        }
        h.bonds = .blocks(ElementBlocks(orbitals: 1, real: elements))
    }

    func writeForce(from rho: DensityMatrix, at x: SiteField, in box: CellBox, to force: inout SiteField) {
        let d = x.componentCount
        force.values = force.values.map { _ in 0 }
        for (bond, order) in zip(bonds(of: x.supercell), rho.bonds!.real) {
            for (k, e) in bond.direction.enumerated() {
                force.values[bond.to * d + k] -= 2 * coupling * order * e
                force.values[bond.from * d + k] += 2 * coupling * order * e
            }
        }
    }

    func classicalPart(on supercell: Supercell, pool: WorkerPool) -> any ClassicalForceField { Springs(stiffness: stiffness) }

    func harmonicPart(on lattice: Lattice) -> HarmonicLattice? {
        let matrix = (0..<lattice.dimension).map { row in (0..<lattice.dimension).map { $0 == row ? stiffness : 0 } }
        return HarmonicLattice(lattice, onsite: matrix, couplings: [])
    }

    func spectrumBounds(_ extent: FieldExtent, on lattice: Lattice) -> SpectrumBounds {
        let change = abs(coupling) * (extent.highest - extent.lowest) * Double(lattice.dimension).squareRoot()
        return SpectrumBounds(energiesBetween: 0, and: 0, radius: Double(lattice.mostNeighbors) * (abs(hopping) + change))
    }

    /// C = (K/2) Σ u².
    struct Springs: ClassicalForceField {
        let stiffness: Double
        var receptiveField: Int { 0 }
        var alignment: Int { 1 }

        func computeForcesAndPotential(at x: SiteField, into forces: inout SiteField) throws -> Double {
            forces.values = x.values.map { -stiffness * $0 }
            return x.values.reduce(0) { $0 + stiffness / 2 * $1 * $1 }
        }

        func computeForces(at x: SiteField, into forces: inout SiteField) throws {
            _ = try computeForcesAndPotential(at: x, into: &forces)
        }

        func computeForces(at x: SiteField, in box: CellBox, extent: FieldExtent, into forces: inout SiteField) throws {
            for k in indices(of: x, in: box) { forces.values[k] = -stiffness * x.values[k] }
        }

        func addForces(at x: SiteField, in box: CellBox, to forces: inout SiteField) {
            for k in indices(of: x, in: box) { forces.values[k] -= stiffness * x.values[k] }
        }

        func subtractForces(at x: SiteField, in box: CellBox, from forces: inout SiteField) {
            for k in indices(of: x, in: box) { forces.values[k] += stiffness * x.values[k] }
        }

        private func indices(of x: SiteField, in box: CellBox) -> [Int] {
            let d = x.componentCount
            return box.siteRanges(in: x.supercell).flatMap { $0.lowerBound * d..<$0.upperBound * d }
        }
    }
}

/// Free electrons beside a variable of any kind.
private protocol Spectator: LatticeModel {}
extension Spectator {
    static var title: String { name }
    static var parameters: [ModelParameter<Self>] { [] }
    var energyUnit: Double { 1 }
    func writeElements(at x: SiteField, in box: CellBox, to h: inout TightBinding) { h.bonds = .uniform([-1]) }
    func writeForce(from rho: DensityMatrix, at x: SiteField, in box: CellBox, to force: inout SiteField) {}
    func classicalPart(on supercell: Supercell, pool: WorkerPool) -> any ClassicalForceField { ToyModel.Springs(stiffness: 1) }
    func harmonicPart(on lattice: Lattice) -> HarmonicLattice? { nil }
    func spectrumBounds(_ extent: FieldExtent, on lattice: Lattice) -> SpectrumBounds {
        SpectrumBounds(energiesBetween: 0, and: 0, radius: 6)
    }
}
private struct SpinSpectator: Spectator {
    static let name = "toy-spin"
    static let variable = SiteVariable("spin", .spin, on: .sphere)
}
private struct IrrepSpectator: Spectator {
    static let name = "toy-irreps"
    static let variable = SiteVariable("distortion", .irreps(["B1", "A1"]))
}

/// A model that the tests alone know goes from its recipe to the report, with a variable of two components.
@Suite struct ToyModelTests {
    private static let text = """
        title = "Toy"
        seed = 5
        [lattice]
        file = "square"
        size = [4, 6]
        [model]
        name = "toy"
        stiffness = 4
        temperature = 0.2
        [dynamics]
        integrator = "velocity-verlet"
        time_step = 0.02
        mass = 1
        initial_displacement_variance = 0.05
        initial_velocity_variance = 0.2
        [generate]
        solver = "exact-diagonalization"
        random_configurations = 2
        trajectories = 3
        steps = 6
        time_step = 0.02
        snapshot_interval = 3
        [simulate]
        size = [6, 4]
        steps = 40
        force_field = "exact-diagonalization"
        observable_interval = 2
        frame_interval = 8
        checkpoint_interval = 5
        frame_fields = ["displacement", "velocity", "force", "density"]

        """

    init() throws {
        for model in [ToyModel.self, SpinSpectator.self, IrrepSpectator.self] as [any LatticeModel.Type] {
            try AdiabaticModel.register(model)
        }
    }

    private func recipe(_ changes: KeyValuePairs<String, String> = [:]) throws -> Recipe {
        var text = Self.text
        for (old, new) in changes {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        return try Recipe(text, file: suppliedRecipe("small"))
    }

    /// A run with data, a trajectory and its analysis.
    private func run(_ recipe: Recipe) throws -> StageRun {
        let run = StageRun()
        for stage in [Stages.generate, Stages.simulate, Stages.analyze] { _ = try stage(run.context(recipe, threads: 2)) }
        return run
    }

    /// Forces of the data are minus the gradient of their potential, and the dynamics keeps the energy.
    @Test func fromARecipeToItsReport() throws {
        let recipe = try recipe()
        let run = try run(recipe)
        let dataset = try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell)
        let solver = ElectronicForceField(recipe.model, ExactDiagonalization())
        #expect(dataset.snapshotCount == 2 + 3 * 2)
        for snapshot in dataset.trajectories.flatMap(\.snapshots) {
            #expect(snapshot.displacement.shape == [6, 4, 2] && snapshot.density.shape == [6, 4])
            #expect(snapshot.electronicForce.values.map(abs).max()! > 0.05)
            for k in [0, 1, 22, 47] {
                let values = try [-2.0, -1, 1, 2].map { multiple in
                    var moved = snapshot.displacement
                    moved.values[k] += multiple * 1e-3
                    return try solver.solution(at: moved).potential!
                }
                let slope = (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / 12e-3
                #expect(abs(slope + snapshot.force.values[k]) < 1e-7)
            }
        }

        let file = try TrajectoryFile.open(run.directory.trajectory, lattice: recipe.lattice.geometry)
        #expect(file.isMerged && file.kind == .polarVector && file.frameCount == 6)
        let energy = try file.observable("total_energy")
        let kinetic = try file.observable("kinetic_energy")
        let spread = energy.max()! - energy.min()!
        #expect(spread < 1e-3 && kinetic.max()! - kinetic.min()! > 50 * spread, "\(spread)")
        let last = try file.displacement(frame: 5)
        #expect(last.shape == [4, 6, 2])
        #expect(try file.field(.force, frame: 5).values == solver.solution(at: last).force.values)
        #expect(try file.field(.density, frame: 5).values == solver.solution(at: last).density.values)

        let analysis = try JSONFile.read(Analysis.self, from: run.directory.analysis)
        #expect(analysis.frames?.count == 6)
        // S(q) of all q is what the displacements vary, both components together.
        let power = try #require(analysis.finalStructureFactor).reduce(0, +) / 24
        let means = (0..<2).map { k in last.component(k).reduce(0, +) / 24 }
        let variance = last.values.reduce(0) { $0 + $1 * $1 } / 24 - means.reduce(0) { $0 + $1 * $1 }
        #expect(abs(power - variance) < 1e-12 && variance > 1e-3)
        let sample = try file.observable("displacement_mean_square").last!
        #expect(abs(sample - last.values.reduce(0) { $0 + $1 * $1 } / 24) < 1e-12)

        let summary = try Stages.report(run.context(recipe))
        #expect(summary.ran && run.directory.exists(run.directory.figures + "/domains.png"))
        let page = String(decoding: try run.bytes(run.directory.report), as: UTF8.self)
        #expect(page.contains("Length |x| of the site variable"))
        #expect(try FileInspection(contentsOf: run.directory.trajectory).kind == "trajectory")
    }

    @Test func goesOnWithTheSameBits() throws {
        let recipe = try recipe(["integrator = \"velocity-verlet\"": "integrator = \"baoab\""])
        let (whole, parts) = (try run(recipe), StageRun())
        for stage in [Stages.generate, Stages.simulate] {
            #expect(try parts.runInPieces(stage, recipe, looks: 9, threads: 1) > 1)
        }
        _ = try Stages.analyze(parts.context(recipe))
        try parts.expectSameFiles(as: whole)
    }

    /// Every file has the axes of `SiteField.shape`: cells, sites of a cell, components.
    @Test func filesOfALatticeWithABasis() throws {
        let recipe = try recipe([
            "file = \"square\"": "file = \"honeycomb\"", "size = [4, 6]": "size = [3, 2]", "size = [6, 4]": "size = [4, 3]",
        ])
        let (run, parts) = (StageRun(), StageRun())
        for stage in [Stages.generate, Stages.simulate, Stages.analyze] { _ = try stage(run.context(recipe)) }
        #expect(try parts.runInPieces(Stages.simulate, recipe, looks: 9) > 1)
        let lattice = recipe.lattice.geometry
        #expect(try parts.bytes(parts.directory.trajectory) == run.bytes(run.directory.trajectory))
        #expect(try parts.bytes(parts.directory.simulationCheckpoint) == run.bytes(run.directory.simulationCheckpoint))

        let data = try HDF5File.open(run.directory.dataset)
        #expect(try data.readDoubles("displacement").shape == [8, 2, 3, 2, 2])
        #expect(try data.readDoubles("electronic_force").shape == [8, 2, 3, 2, 2])
        #expect(try data.readDoubles("density").shape == [8, 2, 3, 2])
        let solver = ElectronicForceField(recipe.model, ExactDiagonalization())
        let dataset = try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell)
        for snapshot in dataset.trajectories.flatMap(\.snapshots) {
            #expect(try solver.solution(at: snapshot.displacement).force == snapshot.force)
        }

        let frames = try HDF5File.open(run.directory.trajectory)
        #expect(try frames.readDoubles("particles/sites/force/value").shape == [6, 24, 2])
        #expect(try frames.readIntegersAttribute("shape", of: "particles/sites/force") == [3, 4, 2, 2])
        #expect(try frames.readDoubles("particles/sites/density/value").shape == [6, 24])
        let file = try TrajectoryFile.open(run.directory.trajectory, lattice: lattice)
        let frame = try file.displacement(frame: 3)
        #expect(frame.shape == [3, 4, 2, 2])
        #expect(try file.field(.force, frame: 3).values == solver.solution(at: frame).force.values)
        let checkpoint = try Safetensors(contentsOf: run.directory.simulationCheckpoint)
        #expect(checkpoint["state.displacement"]?.shape == [24, 2])
        #expect(try checkpoint.doubles("state.displacement", shape: [24, 2]) == file.displacement(frame: 5).values)

        var request = AuditRequest(.solver(.exactDiagonalization), trajectory: run.directory.trajectory)
        request.solver = .exactDiagonalization
        for sites in [0, 5] {
            request.sites = sites
            request.redo = true
            _ = try Stages.audit(run.context(recipe), request)
            let audit = try HDF5File.open(run.directory.auditFrames)
            #expect(try audit.readDoubles("displacement").shape == [6, 3, 4, 2, 2])
            let (forces, shape) = try audit.readDoubles("exact_force")
            #expect(shape == (sites == 0 ? [6, 3, 4, 2, 2] : [6, 5, 2]))
            let chosen = try sites == 0 ? Array(0..<24) : Array(audit.readIntegers("site").values[15..<20])
            let electronic = try solver.solution(at: frame).electronicForce
            let each = chosen.count * 2
            let differences = zip(forces[3 * each..<4 * each], electronic.values(on: chosen)).map { abs($0 - $1) }
            #expect(differences.max()! <= (sites == 0 ? 0 : 1e-3))
            let report = try JSONFile.read(AuditReport.self, from: run.directory.audit)
            #expect(report.overall.sites == 6 * chosen.count && report.overall.trivial > 0.05)
        }
        #expect(try Stages.report(run.context(recipe)).ran)

        let evaluation = ForceEvaluation(
            ModelRecipe(lattice: lattice, model: recipe.model), source: .solver(.exactDiagonalization))
        func forces(_ shape: [Int], _ values: [Double]) throws -> ForceEvaluation.Result {
            let path = temporaryFile("x.npy", "")
            try NPYArray(shape: shape, values: values).write(to: path)
            return try evaluation.evaluate(
                NPYArray(contentsOf: path), needsDensity: true, threads: 1, progress: SilentProgress(),
                interruption: Interruption())
        }
        let two = try forces([2, 3, 4, 2, 2], frame.values + frame.values.map { -$0 })
        #expect(two.forces.shape == [2, 3, 4, 2, 2] && two.density?.shape == [2, 3, 4, 2])
        #expect(try Array(two.forces.values.prefix(48)) == solver.solution(at: frame).force.values)
        #expect(try forces([3, 4, 2, 2], frame.values).forces.shape == [3, 4, 2, 2])
        let error = #expect(throws: StorageError.self) { try forces([2, 3, 4, 2], frame.values) }
        #expect(error?.description.contains("(configurations, Ly, Lx, 2, 2) and (Ly, Lx, 2, 2) are allowed") == true)
    }

    /// What is for scalars, one orbital a site or flat variables is refused before any work.
    @Test func whatDoesNotTakeItSaysSo() throws {
        func refusal(_ stage: (StageContext) throws -> StageSummary, _ changes: KeyValuePairs<String, String>) throws -> String {
            let run = StageRun()
            let recipe = try recipe(changes)
            let error = #expect(throws: RecipeError.self) { try stage(run.context(recipe)) }
            #expect(!run.directory.exists(run.directory.path))
            return error?.description ?? ""
        }
        let learned = "is for a scalar site variable: its displacement transforms as polar vector"
        #expect(try refusal(Stages.train, [:]).contains(learned))
        #expect(try refusal(Stages.compare, [:]).contains(learned))
        #expect(
            try refusal(
                Stages.simulate, ["force_field = \"exact-diagonalization\"": "force_field = \"model\"", ", \"density\"]": "]"]
            ).contains(learned)
        )
        for solver in ["selected-inversion", "local-diagonalization"] {
            let text = try refusal(Stages.generate, ["solver = \"exact-diagonalization\"": "solver = \"\(solver)\""])
            #expect(text.contains("generate.solver") && text.contains("takes one orbital a site"), "\(text)")
        }
        let sphere = try refusal(Stages.simulate, ["name = \"toy\"\nstiffness = 4": "name = \"toy-spin\""])
        #expect(sphere.contains("its spin is a vector of length 1"), "\(sphere)")
        _ = try recipe(["name = \"toy\"\nstiffness = 4": "name = \"toy-irreps\""])
        let chain = #expect(throws: RecipeError.self) {
            try recipe([
                "name = \"toy\"\nstiffness = 4": "name = \"toy-irreps\"", "file = \"square\"": "file = \"chain\"",
                "size = [4, 6]": "size = [8]", "size = [6, 4]": "size = [8]",
            ])
        }
        #expect(chain?.description.contains("transforms as B1 + A1 is not for the chain lattice") == true)
    }
}
