import Electrons
import Experiments
import ForceFields
import Foundation
import LatticeNumerics
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

/// Blocks of learned forces and of the local solver as recipes, stages and `forces` lay them.
@Suite struct TilingTests {
    /// A network of blocks of 2 × 2 cells.
    private static func recipe(_ simulate: String = "", core: Int = 2) throws -> Recipe {
        try StageRun.recipe([
            StageRun.network: StageRun.learnedEnds.replacing("core = 1", with: "core = \(core)"),
            "batch_size = 100\nwarmup_steps = 2\n": "", "[simulate]\n": "[simulate]\n" + simulate,
            "size = [6, 4]": "size = [7, 6]",
        ])
    }

    private func learned(_ recipe: Recipe) throws -> StageRun {
        let run = StageRun()
        for stage in [Stages.generate, Stages.train] { _ = try stage(run.context(recipe)) }
        return run
    }

    @Test func recipesHaveTheKeyWhereThereAreBlocks() throws {
        #expect(try Self.recipe().resolvedTOML.contains("\ntiling = \"sampled\"\n"))
        #expect(try Self.recipe("tiling = \"mean\"\n").resolvedTOML.contains("\ntiling = \"mean\"\n"))
        #expect(try !Self.recipe(core: 1).resolvedTOML.contains("tiling"))
        func refusal(_ make: () throws -> Recipe) throws -> RecipeError {
            try #require(#expect(throws: RecipeError.self) { try make() })
        }
        let error = try refusal { try Self.recipe("tiling = \"mean\"\n", core: 1) }
        #expect(error.key == "simulate.tiling" && error.description.contains("network.core from 2 on"))
        let solver = try refusal {
            try StageRun.recipe(["[simulate]\n": "[local_diagonalization]\ntiling = \"mean\"\n[simulate]\n"])
        }
        #expect(solver.key == "local_diagonalization.tiling" && solver.description.contains("core from 2 on"))
        #expect(try refusal { try Self.recipe("tiling = \"means\"\n") }.description.contains("did you mean 'mean'?"))
        let table = "[local_diagonalization]\ncore = 3\ntiling = \"fixed\"\n[simulate]\nforce_field = \"local-diagonalization\"\n"
        #expect(try StageRun.recipe(["[simulate]\n": table]).resolvedTOML.contains("core = 3\ntiling = \"fixed\"\nradius = 1\n"))
    }

    /// What earlier versions recorded has no key, and blocks were fixed.
    @Test func recordedRecipesWithoutTheKeyHadFixedBlocks() throws {
        let table = "[local_diagonalization]\ncore = 3\n[simulate]\nforce_field = \"local-diagonalization\"\n"
        for recipe in [try Self.recipe(), try StageRun.recipe(["[simulate]\n": table])] {
            let text = recipe.resolvedTOML
            let earlier = text.replacing("tiling = \"sampled\"\n", with: "")
            #expect(earlier != text)
            let file = suppliedRecipe("small")
            #expect(try Recipe(recorded: text, file: file) == recipe)
            #expect(try Recipe(recorded: earlier, file: file).resolvedTOML == text.replacing("\"sampled\"", with: "\"fixed\""))
            #expect(try Recipe(earlier, file: file) == recipe)
        }
    }

    /// What earlier versions recorded has no key, and patches had one radius: their force fields are not those of today's defaults.
    @Test func recordedRecipesWithoutRadiusHeightsHadOneRadius() throws {
        let recipe = try StageRun.recipe([
            StageRun.network: "name = \"greens-function\"\nradius_heights = [0.5]", "batch_size = 100\nwarmup_steps = 2\n": "",
        ])
        let (text, file) = (recipe.resolvedTOML, suppliedRecipe("small"))
        let earlier = text.replacing("radius_heights = [0.5]\n", with: "")
        #expect(earlier != text)
        #expect(try Recipe(recorded: text, file: file) == recipe)
        let recorded = try Recipe(recorded: earlier, file: file)
        #expect(recorded.resolvedTOML == text.replacing("radius_heights = [0.5]", with: "radius_heights = []"))
        let present = try Recipe(earlier, file: file)
        #expect(present.keyDifferences(from: recorded) == ["network.radius_heights: [] → [0.6, 3.0, 10.0]"])
    }

    @Test func aTrajectoryWithFixedBlocksIsNotGoneOnWithBySampledOnes() throws {
        let (fixed, sampled) = (try Self.recipe("tiling = \"fixed\"\n"), try Self.recipe())
        let run = try learned(fixed)
        #expect(throws: WorkflowInterrupted.self) { try Stages.simulate(run.context(fixed, interruption: .after(looks: 12))) }
        let error = #expect(throws: StageError.self) { try Stages.simulate(run.context(sampled)) }
        #expect(error?.description.contains("simulate.tiling: \"fixed\" → \"sampled\"") == true)
    }

    @Test(arguments: [1, 3]) func interruptedRunsEndWithTheSameBytes(_ threads: Int) throws {
        let recipe = try Self.recipe("audit_interval = 6\n")
        let start = try learned(recipe)
        let whole = try StageRun(copying: start)
        _ = try Stages.simulate(whole.context(recipe))
        for looks in [0, 5, 11] {
            let run = try StageRun(copying: start)
            #expect(try run.runInPieces(Stages.simulate, recipe, looks: looks, threads: threads) > 0)
            try run.expectSameFiles(as: whole)
        }
        // Another tiling is another trajectory.
        for tiling in ["fixed", "mean"] {
            let run = try StageRun(copying: start)
            _ = try Stages.simulate(run.context(Self.recipe("audit_interval = 6\ntiling = \"\(tiling)\"\n")))
            #expect(try run.bytes(run.directory.trajectory) != whole.bytes(whole.directory.trajectory))
        }
    }

    /// The blocks of the solver in data: labels are what the solver gives outside of dynamics, which is the average, and an
    /// interrupted quench draws the same offsets.
    @Test(arguments: ["chemical_potential = 0.0", "filling = 0.5"]) func dataOfSampledBlocks(_ reservoir: String) throws {
        let recipe = try StageRun.recipe([
            "coupling = 3.5": "coupling = 3.5\n\(reservoir)",
            "[generate]\n": "[generate]\nsolver = \"local-diagonalization\"\n",
            "[network]": "[local_diagonalization]\ncore = 2\n[network]",
        ])
        let (whole, run) = (StageRun(), StageRun())
        _ = try Stages.generate(whole.context(recipe))
        #expect(try run.runInPieces(Stages.generate, recipe, looks: 4) > 0)
        #expect(try run.bytes(run.directory.dataset) == whole.bytes(whole.directory.dataset))
        let data = try DatasetFile.read(whole.directory.dataset, supercell: recipe.supercell)
        #expect(try data.contradictions(file: suppliedRecipe("small")) == [])
    }

    /// Audits of a simulation and of its trajectory are of one force, the average.
    @Test func auditsAreOfTheAverage() throws {
        func audits(_ recipe: Recipe) throws -> (simulated: AuditLine, audited: AuditLine, facts: [StageSummary.Fact]) {
            let run = try learned(recipe)
            _ = try Stages.simulate(run.context(recipe))
            var request = AuditRequest(.model(path: run.directory.model), trajectory: run.directory.trajectory)
            request.frames = .listed([2])
            let summary = try Stages.audit(run.context(recipe), request)
            let simulated = try AuditTable.read(run.directory.auditTable)
            let audited = try AuditTable.read(run.directory.auditFrameTable)
            return (try #require(simulated.first { $0.step == 12 }), audited[0], summary.facts)
        }
        let audit = "audit_interval = 6\naudit_sites = 42\n"
        let (sampled, fixed) = (try audits(Self.recipe(audit)), try audits(Self.recipe(audit + "tiling = \"fixed\"\n")))
        for found in [sampled, fixed] {
            #expect(found.audited.step == 12)
            #expect(abs(found.simulated.rootMeanSquare / found.audited.rootMeanSquare - 1) < 1e-6)
        }
        func blocks(_ facts: [StageSummary.Fact]) -> String? { facts.first { $0.name == "blocks" }?.value }
        #expect(blocks(sampled.facts) == "2 × 2 cells, average over 4 offsets, of which each step of dynamics takes one")
        #expect(blocks(fixed.facts) == "2 × 2 cells, from cell 0 on")
    }

    /// Frames of another tiling do not join an audit; those of the average by its other name do.
    @Test func anAuditKeepsItsTiling() throws {
        let (sampled, fixed) = (try Self.recipe(), try Self.recipe("tiling = \"fixed\"\n"))
        let run = try learned(sampled)
        _ = try Stages.simulate(run.context(sampled))
        func request(_ frames: [Int]) -> AuditRequest {
            var request = AuditRequest(.model(path: run.directory.model), trajectory: run.directory.trajectory)
            request.frames = .listed(frames)
            return request
        }
        _ = try Stages.audit(run.context(sampled), request([1]))
        let error = #expect(throws: StageError.self) { try Stages.audit(run.context(fixed), request([1, 2])) }
        #expect(error?.description.contains("precision: float32, average over the offsets of blocks → float32") == true)
        #expect(try Stages.audit(run.context(Self.recipe("tiling = \"mean\"\n")), request([1, 2])).ran)
    }

    @Test func forcesOfAModelAreThoseOfItsRecipe() throws {
        let input = NPYArray(
            shape: [6, 8], values: RandomStream(seed: 3, purpose: .testing).normals(count: 48, step: 0).map { 2 * $0 })
        let recipe = try ModelRecipe(
            contentsOf: temporaryFile("m.toml", "[lattice]\nfile = \"square\"\n[model]\ncoupling = 3.5\n"))
        func forces(_ run: StageRun, _ tiling: BlockTiling? = nil) throws -> (values: [Double], blocks: String?) {
            let source = try ForceEvaluation.Source.network(contentsOf: run.directory.model, for: recipe.model)
            let result = try ForceEvaluation(recipe, source: source, tiling: tiling).evaluate(
                input, needsDensity: false, threads: 1, progress: SilentProgress(), interruption: Interruption())
            return (result.forces.values, result.tilingFacts.first?.value)
        }
        let sampled = try learned(Self.recipe())
        let (average, fixed) = (try forces(sampled), try forces(sampled, .fixed))
        #expect(average.blocks?.contains("average over 4 offsets") == true && fixed.blocks == "2 × 2 cells, from cell 0 on")
        #expect(try forces(sampled, .mean).values == average.values)
        #expect(zip(average.values, fixed.values).contains { abs($0 - $1) > 1e-6 })
        let other = try learned(Self.recipe("tiling = \"fixed\"\n"))
        #expect(try forces(other).values == fixed.values)
        #expect(try forces(learned(Self.recipe(core: 1))).blocks == nil)
    }

    @Test func compareSaysWhatItEvaluates() throws {
        let recipe = try Self.recipe()
        let run = try learned(recipe)
        let summary = try Stages.compare(run.context(recipe))
        #expect(summary.facts.contains { $0.name == "blocks" && $0.value.contains("average over 4 offsets") })
        func translations() throws -> [Double] {
            try JSONFile.read(Comparison.self, from: run.directory.comparison).symmetryBreaking
                .filter { $0.generator.hasPrefix("translation") }.map(\.hot)
        }
        #expect(try translations().count == 2 && translations().allSatisfy { $0 < 1e-12 })
        // Another tiling is compared anew.
        let again = try Stages.compare(run.context(Self.recipe("tiling = \"fixed\"\n")))
        #expect(again.ran && again.facts.contains { $0.value == "2 × 2 cells, from cell 0 on" })
        #expect(try translations().allSatisfy { $0 > 1e-6 })
        #expect(try !Stages.compare(run.context(Self.recipe("tiling = \"fixed\"\n"))).ran)
    }
}
