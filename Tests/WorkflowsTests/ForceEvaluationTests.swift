import Electrons
import Experiments
import ForceFields
import Foundation
import LatticeNumerics
import Lattices
import LearnedForces
import Pipeline
import Recipes
import Reports
import Runs
import Storage
import Testing

@Suite struct ForceEvaluationTests {
    private func recipe(coupling: Double = 3.5) throws -> ModelRecipe {
        try ModelRecipe(contentsOf: temporaryFile("m.toml", "[lattice]\nfile = \"square\"\n[model]\ncoupling = \(coupling)\n"))
    }

    private func random(shape: [Int]) -> NPYArray {
        let count = shape.reduce(1, *)
        return NPYArray(shape: shape, values: RandomStream(seed: 3, purpose: .testing).normals(count: count, step: 0))
    }

    private func evaluate(_ recipe: ModelRecipe, _ source: ForceEvaluation.Source, _ input: NPYArray, threads: Int = 2) throws
        -> ForceEvaluation.Result
    {
        try ForceEvaluation(recipe, source: source)
            .evaluate(input, needsDensity: true, threads: threads, progress: SilentProgress(), interruption: Interruption())
    }

    @Test func solverForcesKeepOrderAndShape() throws {
        let recipe = try recipe()
        let input = random(shape: [3, 4, 6])
        let result = try evaluate(recipe, .solver(.exactDiagonalization), input)
        #expect(result.forces.shape == [3, 4, 6])
        #expect(result.density?.shape == [3, 4, 6])
        let supercell = try Supercell(recipe.lattice, size: [6, 4])
        for index in 0..<3 {
            let field = SiteField(supercell, values: Array(input.values[index * 24..<(index + 1) * 24]))
            let solution = try ElectronicForceField(recipe.model, ExactDiagonalization()).solution(at: field)
            #expect(Array(result.forces.values[index * 24..<(index + 1) * 24]) == solution.force.values)
            #expect(Array(try #require(result.density).values[index * 24..<(index + 1) * 24]) == solution.density.values)
        }
        let single = NPYArray(shape: [4, 6], values: Array(input.values[24..<48]))
        let alone = try evaluate(recipe, .solver(.exactDiagonalization), single, threads: 1)
        #expect(alone.forces.shape == [4, 6])
        #expect(alone.forces.values == Array(result.forces.values[24..<48]))
    }

    @Test func networkForceGetsItsElasticPartAndDensity() throws {
        let recipe = try recipe()
        let input = random(shape: [2, 4, 4])
        // The exact electronic force in the place of a learned one.
        let source = ForceEvaluation.Source.forceField { _, _ in ElectronicForceField(recipe.model, ExactDiagonalization()) }
        let learned = try evaluate(recipe, source, input)
        let exact = try evaluate(recipe, .solver(.exactDiagonalization), input)
        #expect(zip(learned.forces.values, exact.forces.values).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(zip(try #require(learned.density).values, try #require(exact.density).values).allSatisfy { abs($0 - $1) < 1e-12 })

        // Without coupling the force says nothing of the density; electrons say it all the same.
        let free = try self.recipe(coupling: 0)
        let electrons = ForceEvaluation.Source.forceField { _, _ in ElectronicForceField(free.model, ExactDiagonalization()) }
        let density = try #require(try evaluate(free, .solver(.exactDiagonalization), input).density).values
        #expect(try evaluate(free, electrons, input).density?.values == density)
        let network = ForceEvaluation.Source.forceField { supercell, _ in free.model.classicalPart(on: supercell) }
        #expect(throws: ForceEvaluationError.densityWithoutCoupling) { try evaluate(free, network, input) }
    }

    @Test func modelOfOtherElectronsIsRefused() throws {
        let path = temporaryFile("model.safetensors", "")
        try untrainedModel(recipe: "[lattice]\n[model]\ncoupling = 1.5\nstiffness = 9.0\n").write(to: path)
        let error = #expect(throws: ForceEvaluationError.self) {
            try ForceEvaluation.Source.network(contentsOf: path, for: recipe(coupling: 3.5).model)
        }
        #expect(error?.description.contains("coupling = 1.5, the recipe's coupling = 3.5") == true)
        #expect(error?.description.contains("stiffness = 9.0") == false)
        let source = try ForceEvaluation.Source.network(contentsOf: path, for: recipe(coupling: 1.5).model)
        let forces = try evaluate(recipe(coupling: 1.5), source, random(shape: [4, 4])).forces
        #expect(forces.values.contains { abs($0) > 1e-3 } && forces.values.allSatisfy(\.isFinite))
        let tiled = ForceEvaluation(try recipe(coupling: 1.5), source: source, tiling: .mean)
        #expect(throws: ForceEvaluationError.noBlocks) { try tiled.validate(random(shape: [4, 4])) }
    }

    /// A small network with its initial weights, as a model file.
    private func untrainedModel(recipe text: String) throws -> Safetensors {
        let lattice = try recipe().lattice
        let network = try FullyConnectedNetwork(FullyConnectedArchitecture(radiusSquared: 5, widths: [2]), lattice: lattice)
        let parameters = network.initialParameters(seed: 1)
        let tensors = network.layout.entries.map {
            Safetensors.Tensor(name: $0.name, shape: $0.shape, values: .float64(Array(parameters[$0.range])))
        }
        let scales = [
            Safetensors.Tensor(name: "input.scale", shape: [5], values: .float64([1, 1, 1, 1, 1])),
            Safetensors.Tensor(name: "output.scale", shape: [1], values: .float64([1])),
        ]
        return Safetensors(
            tensors: tensors + scales,
            metadata: [
                "format": "adiabat-model", "version": "2", "family": FullyConnectedArchitecture.name, "components": "scalar",
                "lattice": LatticeFile.text(of: lattice),
                "architecture": String(decoding: try JSONEncoder().encode(network.options), as: UTF8.self), "recipe": text,
                "dataset_sha256": "",
            ])
    }

    @Test(arguments: [[4], [2, 2, 4, 4], [0, 4, 4]])
    func wrongShapesAreRefused(_ shape: [Int]) throws {
        let input = NPYArray(shape: shape, values: [Double](repeating: 0, count: shape.reduce(1, *)))
        let error = #expect(throws: StorageError.self) { try evaluate(recipe(), .solver(.exactDiagonalization), input) }
        #expect(error?.kind == .wrongShape)
        #expect(error?.problem.contains("(configurations, Ly, Lx)") == true)
    }

    @Test func notANumberIsRefusedWithItsIndex() throws {
        var values = [Double](repeating: 0, count: 32)
        values[22] = .nan
        let input = NPYArray(shape: [2, 4, 4], values: values)
        let error = #expect(throws: StorageError.self) { try evaluate(recipe(), .solver(.exactDiagonalization), input) }
        #expect(error?.problem.contains("[1, 1, 2]") == true)
    }

    @Test func interruptionStopsTheWork() throws {
        #expect(throws: WorkflowInterrupted.self) {
            try ForceEvaluation(recipe(), source: .solver(.exactDiagonalization)).evaluate(
                random(shape: [5, 2, 2]), needsDensity: false, threads: 1, progress: SilentProgress(),
                interruption: .after(looks: 2))
        }
    }
}
