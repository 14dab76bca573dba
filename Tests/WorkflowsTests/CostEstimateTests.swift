import Testing
import Workflows

@Suite struct CostEstimateTests {
    @Test func costsAreFiniteAndGrowWithTheWork() throws {
        let small = try CostEstimate(Recipe(contentsOf: suppliedRecipe("quickstart")), threads: 2)
        let large = try CostEstimate(Recipe(contentsOf: suppliedRecipe("fan-chern-2026")), threads: 2)
        #expect(small.stages.map(\.stage) == ["generate", "train", "simulate", "compare"])
        #expect(small.stages.allSatisfy { $0.seconds > 0 && $0.seconds.isFinite && $0.bytes > 0 })
        #expect(large.bytes > small.bytes)
    }
}
