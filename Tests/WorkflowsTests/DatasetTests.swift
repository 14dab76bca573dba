import Electrons
import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

@Suite struct DatasetTests {
    private func dataset(_ changes: KeyValuePairs<String, String> = [:]) throws -> (Dataset, Recipe) {
        let run = StageRun()
        let recipe = try StageRun.recipe(changes)
        _ = try Stages.generate(run.context(recipe, threads: 2))
        return (try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell), recipe)
    }

    @Test(arguments: [(8, 4, 1, 1), (0, 5, 2, 1), (5, 7, 3, 3), (3, 3, 1, 1)])
    func splitIsByWholeTrajectories(_ random: Int, _ quenches: Int, _ validation: Int, _ test: Int) throws {
        let (dataset, _) = try dataset([
            "random_configurations = 8": "random_configurations = \(random)",
            "trajectories = 4":
                "trajectories = \(quenches)\nvalidation_trajectories = \(validation)\ntest_trajectories = \(test)",
        ])
        func count(_ kind: Dataset.Kind, _ split: Dataset.Split) -> Int {
            dataset.trajectories(split).count { $0.kind == kind }
        }
        #expect(count(.quench, .validation) == validation && count(.quench, .test) == test)
        #expect(count(.quench, .training) == quenches - validation - test)
        #expect(count(.random, .validation) == random * validation / quenches)
        #expect(count(.random, .test) == random * test / quenches)
        #expect(dataset.trajectories.count == random + quenches)
        #expect(dataset.snapshotCount == random + 3 * quenches)
        // Neither a seed nor a configuration is on two sides, or twice on one.
        let sides = Dataset.Split.allCases.map(dataset.trajectories)
        let seeds = sides.flatMap { Set($0.map(\.seed)) }
        #expect(seeds.count == dataset.trajectories.count && Set(seeds).count == seeds.count)
        let configurations = sides.flatMap { Set($0.flatMap { $0.snapshots.map(\.displacement.values) }) }
        #expect(configurations.count == dataset.snapshotCount && Set(configurations).count == configurations.count)
    }

    @Test func splitDependsOnTheSeedAlone() throws {
        func splits(_ changes: KeyValuePairs<String, String> = [:]) throws -> [Dataset.Split] {
            try dataset(changes).0.trajectories.map(\.split)
        }
        let first = try splits()
        #expect(try splits(["steps = 9": "steps = 6"]) == first)
        #expect(try (8...11).contains { try splits(["seed = 7": "seed = \($0)"]) != first })
    }

    @Test(arguments: [
        "coupling = 3.5", "coupling = 1.5\nfilling = 0.4", "coupling = 2.0\nchemical_potential = 0.3\ntemperature = 0.0",
    ])
    func contentsAreExactSolutions(_ model: String) throws {
        let (dataset, recipe) = try dataset([
            "coupling = 3.5": model, "size = [6, 6]": "size = [5, 4]",
            "steps = 9": "solver = \"exact-diagonalization\"\ntime_step = 0.1\nsteps = 9",
        ])
        let solver = ElectronicForceField(recipe.model, ExactDiagonalization())
        for trajectory in dataset.trajectories {
            for snapshot in trajectory.snapshots {
                let solution = try solver.solution(at: snapshot.displacement)
                #expect(solution.density.values == snapshot.density.values)
                #expect(solution.electronicForce.values == snapshot.electronicForce.values)
                #expect(solution.force.values == snapshot.force.values)
                #expect(solution.potential == snapshot.potential && solution.chemicalPotential == snapshot.chemicalPotential)
                #expect(snapshot.time == Double(snapshot.step) * 0.1)
            }
            #expect(trajectory.snapshots.map(\.step) == (trajectory.kind == .random ? [0] : [3, 6, 9]))
        }
        #expect(dataset.recipe == recipe.resolvedTOML)
    }

    /// Files that are sound HDF5 but not sound datasets.
    @Test func inconsistentFilesAreRefused() throws {
        let run = StageRun()
        let recipe = try StageRun.recipe()
        _ = try Stages.generate(run.context())
        let path = run.directory.dataset
        #expect(throws: StorageError.self) { try DatasetFile.read(path, supercell: recipe.supercell([4, 9])) }

        let good = try run.bytes(path)
        func damage(_ body: (HDF5File) throws -> Void) throws {
            try run.put(good, path)
            let file = try HDF5File.open(path, .readWrite)
            try body(file)
            try file.close()
            let error = #expect(throws: StorageError.self) { try DatasetFile.read(path, supercell: recipe.supercell) }
            #expect(error?.path == path)
        }
        try damage { try $0.writeRow("displacement", index: 3, [Double](repeating: .nan, count: 36), nonFinite: .kept) }
        try damage { try $0.writeRow("force", index: 0, [Double](repeating: .infinity, count: 36), nonFinite: .kept) }
        try damage { try $0.writeRow("trajectory", index: 2, [12]) }
        try damage { try $0.writeRow("trajectory", index: 2, [-1]) }
        try damage { try $0.writeRow("trajectories/split", index: 0, [3]) }
        try damage { try $0.writeRow("trajectories/kind", index: 0, [-7]) }
        try damage { try $0.writeAttribute("format", of: "/", "something-else") }
        try damage { try $0.writeAttribute("version", of: "/", 2) }
    }
}
