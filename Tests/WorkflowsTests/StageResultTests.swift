import Experiments
import Foundation
import Pipeline
import Recipes
import Reports
import Runs
import Testing

/// What the stages find reads back as it was written.
@Suite struct StageResultTests {
    private func finished(_ recipe: Recipe, threads: Int = 1) throws -> StageRun {
        let run = StageRun()
        for stage in [Stages.generate, Stages.train, Stages.simulate, Stages.compare, Stages.analyze] {
            _ = try stage(run.context(recipe, threads: threads))
        }
        return run
    }

    @Test func comparisonReadsBack() throws {
        let run = try finished(StageRun.recipe())
        let path = run.directory.comparison
        let comparison = try JSONFile.read(Comparison.self, from: path)
        #expect(JSONFile.sealed(JSONFile.encode(comparison)) == Data(try run.bytes(path)))
        let all = comparison.forces.stages[0]
        #expect(all.name == "all" && all.sites == (2 + 3) * 36)
        #expect(all.rootMeanSquare > 0 && all.rootMeanSquare < all.trivial)
        #expect(all.percentiles == all.percentiles.sorted() && all.percentiles[3] <= all.maximum)
        #expect(comparison.snapshots == [10, 5, 5] && comparison.trajectories == [6, 3, 3])
        let twin = try #require(comparison.twins.first)
        #expect(twin.times.count == 4 && twin.divergence[0] == 0 && twin.divergence[3] > 0)
        #expect(twin.exact.displacement.count == 16 && twin.exact.displacement != twin.learned.displacement)
        // The network has the symmetry of the lattice, and that of particles and holes only as far as it has learned it.
        let breaking = comparison.symmetryBreaking
        #expect(
            breaking.map(\.generator) == [
                "translation by a1", "translation by a2", "rotation by 90°", "mirror y → −y", "particle–hole",
            ])
        #expect(breaking.dropLast().allSatisfy { $0.hot < 1e-5 && $0.quench! < 1e-5 && $0.largest < 1e-4 })
        #expect(breaking[4].hot > 1e-3 && breaking[4].quench! > 1e-3 && breaking[4].largest > breaking[4].quench!)
        #expect(try FileInspection(contentsOf: path).kind == "comparison")
        #expect(try FileInspection(contentsOf: run.directory.analysis).kind == "analysis")
    }

    /// Clocks have files of their own.
    @Test func everyFileRepeatsButTimesAndCosts() throws {
        let recipe = try StageRun.recipe(["checkpoint_interval = 5": "checkpoint_interval = 5\naudit_interval = 10"])
        let (run, other) = try (finished(recipe), finished(recipe, threads: 2))
        try run.expectSameFiles(as: other)
        #expect(try run.names().contains("costs.json") && run.names().contains("comparison.json"))
        #expect(try FileInspection(contentsOf: run.directory.costs).kind == "costs")
    }

    /// No velocities for a temperature.
    @Test func undefinedNumbersReadBackAsNaN() throws {
        let recipe = try StageRun.recipe([
            "time_step = 0.1": "time_step = 0.02\nintegrator = \"overdamped\"",
            "observable_interval = 2": "observable_interval = 10",
        ])
        let run = try finished(recipe)
        let analysis = try JSONFile.read(Analysis.self, from: run.directory.analysis)
        #expect(analysis.series.first { $0.name == "kinetic_temperature" }?.values.allSatisfy(\.isNaN) == true)
        let comparison = try JSONFile.read(Comparison.self, from: run.directory.comparison)
        #expect(comparison.twins[0].exact.kineticTemperature.allSatisfy { $0.isNaN })
        #expect(comparison.twins[0].exact.kineticTemperature.count == 4)
        #expect(try !Stages.compare(run.context(recipe)).ran)
    }

    @Test(arguments: [[5, 7], [2, 6], [2, 2], [1, 4]]) func everyShapeOfLattice(_ size: [Int]) throws {
        let recipe = try StageRun.recipe([
            "size = [6, 6]": "size = \(size)", "size = [6, 4]": "size = \(size)", "size = [4, 4]": "size = \(size)",
            "radius_squared = 2": "radius_squared = 5",
        ])
        let run = try finished(recipe)
        let comparison = try JSONFile.read(Comparison.self, from: run.directory.comparison)
        #expect(comparison.twins[0].size == size)
        let breaking = comparison.symmetryBreaking
        #expect(breaking.contains { $0.generator == "particle–hole" } == size.allSatisfy { $0 % 2 == 0 })
        #expect(breaking.contains { $0.generator == "rotation by 90°" } == (size[0] == size[1]))
        #expect(breaking.filter { $0.generator != "particle–hole" }.allSatisfy { $0.hot < 1e-5 && $0.quench! < 1e-5 })
        let analysis = try JSONFile.read(Analysis.self, from: run.directory.analysis)
        #expect(analysis.finalStructureFactor?.count == size[0] * size[1])
    }
}
