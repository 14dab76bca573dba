import AdiabatBenchmarks
import Experiments
import Foundation
import Recipes
import Testing

/// Every architecture that the benchmarks train, with both recipes they take the data of.
@Suite struct ArchitectureTests {
    private static let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path

    @Test(arguments: ["Architectures", "LearningCurves"])
    func isValid(folder: String) throws {
        let architectures = try Architecture.all(in: "\(Self.package)/Sources/AdiabatBenchmarks/\(folder)")
        #expect(!architectures.isEmpty)
        for name in ["quickstart", "weak-coupling"] {
            let recipe = try Recipe(contentsOf: "\(Self.package)/runs/\(name).toml")
            for architecture in architectures {
                let resolved = try architecture.recipe(basedOn: recipe)
                let model = try resolved.network.architecture.model(on: recipe.lattice.geometry, kind: .scalar)
                #expect(model.layout.count > 0, "\(architecture.identifier)")
            }
        }
        #expect(Set(architectures.map(\.name)).count == architectures.count)
    }

    @Test func familyIsWhatStandsBeforeTheDot() throws {
        let architectures = try Architecture.all(in: Self.package + "/Sources/AdiabatBenchmarks/Architectures")
        let convolution = try #require(architectures.first { $0.identifier == "group-convolution.8-channels" })
        #expect(convolution.family == "group convolution")
        #expect(convolution.name == "group convolution, 8 channels")
        #expect(architectures.contains { $0.family == "published" })
    }
}
