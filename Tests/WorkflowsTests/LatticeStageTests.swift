import Electrons
import Experiments
import Foundation
import LatticeNumerics
import Lattices
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Every lattice of `lattices/`, of one to three dimensions and with a basis, in every file that holds a field.
@Suite struct LatticeStageTests {
    /// A lattice with sides that all differ, and the axes of a field on it.
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let size: [Int]
        let shape: [Int]
        var testDescription: String { name }

        func recipe(_ changes: KeyValuePairs<String, String> = [:]) throws -> Recipe {
            var text = """
                seed = 7
                [lattice]
                file = "\(name)"
                size = \(size)
                [model]
                neighbor_stiffness = 0.05
                [dynamics]
                time_step = 0.1
                [generate]
                solver = "exact-diagonalization"
                random_configurations = 2
                trajectories = 3
                steps = 6
                snapshot_interval = 3
                [simulate]
                force_field = "exact-diagonalization"
                steps = 12
                observable_interval = 2
                frame_interval = 6
                frame_fields = ["displacement", "density", "velocity", "force"]

                """
            for (old, new) in changes { text = text.replacing(old, with: new) }
            return try Recipe(text, file: suppliedRecipe("small"))
        }
    }

    static let cases = [
        Case(name: "chain", size: [5], shape: [5]), Case(name: "honeycomb", size: [3, 2], shape: [2, 3, 2]),
        Case(name: "cubic", size: [4, 3, 2], shape: [2, 3, 4]),
    ]

    @Test func latticesOfThePackage() throws {
        let bonds = ["chain": 2, "square": 4, "triangular": 6, "honeycomb": 3, "kagome": 4, "cubic": 6]
        for (name, count) in bonds {
            let recipe = try Recipe(
                "[lattice]\nfile = \"\(name)\"\n[model]\nneighbor_stiffness = 0.1\n", file: suppliedRecipe("small"))
            let lattice = recipe.lattice.geometry
            #expect(lattice.name == name && recipe.lattice.file == name)
            for site in lattice.basis.indices {
                let ends = lattice.directedBonds(from: site)
                #expect(ends.count == count)
                let own = lattice.position(cell: lattice.primitiveVectors.map { _ in 0 }, site: site)
                for bond in ends {
                    let square = zip(lattice.position(cell: bond.cell, site: bond.to), own).reduce(0) {
                        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
                    }
                    #expect(abs(square - 1) < 1e-12)
                }
            }
            // A recipe that is silent about the size gets one of the lattice's dimension.
            #expect(recipe.lattice.size.count == lattice.dimension)
        }
    }

    /// What a file holds is the field that was solved, and lies in it as the shape says.
    @Test(arguments: cases)
    func fieldsOfDataAndTrajectories(_ lattice: Case) throws {
        let run = StageRun()
        let recipe = try lattice.recipe()
        #expect(recipe.supercell.shape == lattice.shape)
        #expect(try Supercell(recipe.lattice.geometry, shape: lattice.shape) == recipe.supercell)
        // Stopped again and again: what lies between is read from parts and checkpoints.
        #expect(try run.runInPieces(Stages.generate, recipe, looks: 2) > 0)
        let dataset = try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell)
        #expect(dataset.snapshotCount == 2 + 3 * 2)
        let solver = ElectronicForceField(recipe.model, ExactDiagonalization())
        for snapshot in Dataset.Split.allCases.flatMap(dataset.snapshots) {
            #expect(try solver.solution(at: snapshot.displacement).force == snapshot.force)
        }
        let data = try HDF5File.open(run.directory.dataset)
        for name in ["displacement", "density", "electronic_force", "force"] {
            #expect(try data.shape(of: name) == [8] + lattice.shape)
        }

        #expect(try run.runInPieces(Stages.simulate, recipe, looks: 3) > 0)
        let trajectory = try TrajectoryFile.open(run.directory.trajectory, lattice: recipe.lattice.geometry)
        for frame in 0..<trajectory.frameCount {
            let solution = try solver.solution(at: trajectory.displacement(frame: frame))
            let force = try trajectory.field(.force, frame: frame)
            #expect(force.shape == lattice.shape)
            #expect(zip(force.values, solution.force.values).allSatisfy { abs($0 - $1) < 1e-12 })
        }
        #expect(trajectory.frameCount == 3)
        #expect(try FileInspection(contentsOf: run.directory.trajectory).kind == "trajectory")

        for sites in [0, 3] {
            let audited = try StageRun(copying: run)
            var request = AuditRequest(.solver(.exactDiagonalization), trajectory: audited.directory.trajectory)
            (request.solver, request.sites) = (.exactDiagonalization, sites)
            for _ in 0..<2 { _ = try Stages.audit(audited.context(recipe), request) }
            let file = try HDF5File.open(audited.directory.auditFrames)
            #expect(try file.shape(of: "displacement") == [3] + lattice.shape)
            #expect(try file.shape(of: "force") == [3] + (sites == 0 ? lattice.shape : [3]))
        }
    }

    @Test(arguments: cases)
    func arraysOfTheUser(_ lattice: Case) throws {
        let recipe = try ModelRecipe(
            contentsOf: temporaryFile("m.toml", "[lattice]\nfile = \"\(lattice.name)\"\n[model]\n"))
        let supercell = try Supercell(recipe.lattice, size: lattice.size)
        let count = 2 * supercell.siteCount
        let values = RandomStream(seed: 3, purpose: .testing).normals(count: count, step: 0)
        let path = temporaryFile("Q.npy", "")
        try NPYArray(shape: [2] + lattice.shape, values: values).write(to: path)
        func evaluate(_ input: NPYArray) throws -> ForceEvaluation.Result {
            try ForceEvaluation(recipe, source: .solver(.exactDiagonalization)).evaluate(
                input, needsDensity: true, threads: 1, progress: SilentProgress(), interruption: Interruption())
        }
        let result = try evaluate(NPYArray(contentsOf: path))
        #expect(result.forces.shape == [2] + lattice.shape && result.density?.shape == [2] + lattice.shape)
        let second = SiteField(supercell, values: Array(values[(count / 2)...]))
        let exact = try ElectronicForceField(recipe.model, ExactDiagonalization()).solution(at: second)
        #expect(Array(result.forces.values[(count / 2)...]) == exact.force.values)
        #expect(try evaluate(NPYArray(shape: second.shape, values: second.values)).forces.shape == lattice.shape)
        // One axis too many.
        #expect(throws: StorageError.self) {
            try evaluate(NPYArray(shape: [1, 2] + lattice.shape, values: values))
        }
    }

    @Test(arguments: cases)
    func configurationThatHasLeftAllBounds(_ lattice: Case) throws {
        let run = StageRun()
        let recipe = try lattice.recipe(["time_step = 0.1": "time_step = 50"])
        #expect(throws: (any Error).self) { try Stages.simulate(run.context(recipe)) }
        #expect(try NPYArray(contentsOf: run.directory.diverged).shape == lattice.shape)
    }
}
