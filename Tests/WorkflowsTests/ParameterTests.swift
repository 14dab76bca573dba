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

/// A model states its parameters once: keys, lists, columns, conditions, messages and the tables of the documentation follow.
@Suite struct ParameterTests {
    private static let pulled = "name = \"pulled\"\npull = 3.5"
    private static let lists = [
        "pulls = [1.5, 3.5]\ntemperatures = [0.1, 0.3]", "couplings = [1.5, 3.5]\ntemperatures = [0.1, 0.3]",
    ]

    init() throws { try AdiabaticModel.register(PulledModel.self) }

    /// The rows of the first table after a heading.
    private func rows(under heading: String, in text: String) throws -> [String] {
        let start = try #require(text.range(of: "\n### \(heading)\n"))
        let lines = text[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return Array(lines.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }.dropFirst(2))
    }

    @Test func recipesTabulateWhatTheModelStates() throws {
        let path = URL(fileURLWithPath: #filePath).appending(path: "../../../Sources/Recipes/Recipes.docc/Recipes.md")
        let text = try String(contentsOf: path.standardizedFileURL, encoding: .utf8)
        let type = AdiabaticModel.catalogue[0]
        let model = AdiabaticModel.parameters(of: type).map { parameter in
            let number = parameter.standard.first.map { value -> String in
                if case .wholeNumber = parameter.allowed { "\(Int(value))" } else { "\(value)" }
            }
            return "| `\(parameter.key)` | \(number ?? "none") | \(parameter.allowed) | \(parameter) |"
        }
        #expect(try Array(rows(under: "[model]", in: text).dropFirst()) == model)
        let lists = AdiabaticModel.listedParameters(of: type).map { parameter in
            "| `\(parameter.listKey!)` | [] | each \(parameter.allowed) | \(parameter.symbol) of the trajectories, "
                + "\(parameter.unit.rawValue); empty: `model.\(parameter.key)` |"
        }
        #expect(try Array(rows(under: "[generate]", in: text).suffix(lists.count)) == lists)
        // What `adiabat check` prints is the same recipe.
        let recipe = try StageRun.recipe()
        #expect(recipe.annotatedTOML.contains("\ncoupling = 3.5  # g, energy per displacement: how much a displacement"))
        #expect(try Recipe(recipe.annotatedTOML, file: suppliedRecipe("small")).resolvedTOML == recipe.resolvedTOML)
    }

    /// The physics of one model under the key of another: the numbers are the same, under the other key.
    @Test func aParameterOfAModelOfOnesOwnIsListed() throws {
        func data(_ model: String, _ lists: String) throws -> (StageRun, Dataset) {
            let run = StageRun()
            let recipe = try StageRun.recipe(["coupling = 3.5": model, "trajectories = 4": "trajectories = 6\n" + lists])
            _ = try Stages.generate(run.context(recipe))
            return (run, try DatasetFile.read(run.directory.dataset, supercell: recipe.supercell))
        }
        let (run, own) = try data(Self.pulled, Self.lists[0])
        let (_, known) = try data("coupling = 3.5", Self.lists[1])
        #expect(own.trajectories.map(\.snapshots) == known.trajectories.map(\.snapshots))
        #expect(own.trajectories.map { $0.electrons["pull"] } == known.trajectories.map { $0.electrons["coupling"] })
        let file = try HDF5File.open(run.directory.dataset)
        #expect(Set(try file.readDoubles("trajectories/pull").values) == [1.5, 3.5])
        #expect(try file.readStringAttribute("unit", of: "trajectories/pull") == "hopping")
        #expect(try !file.children(of: "trajectories").contains("coupling"))
    }

    /// Files from before a parameter was stated, or any, have no column of it: the recipe has its value.
    @Test func columnsThatAreMissingAreThoseOfTheRecipe() throws {
        let run = StageRun()
        let recipe = try StageRun.recipe(["coupling = 3.5": "coupling = 2.5"])
        _ = try Stages.generate(run.context(recipe))
        let (dataset, old) = (run.directory.dataset, run.directory.file("old.h5"))
        for left in [["kind", "split", "seed", "temperature", "chemical_potential"], ["kind", "split", "seed"]] {
            try AtomicFile.replace(old) { temporary in
                let (source, target) = (try HDF5File.open(dataset), try HDF5File.create(temporary))
                for name in ["format", "recipe"] {
                    try target.writeAttribute(name, of: "/", source.readStringAttribute(name, of: "/"))
                }
                try target.writeAttribute("version", of: "/", source.readIntegerAttribute("version", of: "/"))
                for name in try source.children(of: "/") where name != "trajectories" { try target.copy(name, from: source) }
                for name in left { try target.copy("trajectories/\(name)", from: source) }
                try target.close()
            }
            #expect(
                try DatasetFile.read(old, supercell: recipe.supercell)
                    == DatasetFile.read(dataset, supercell: recipe.supercell))
        }
    }

    @Test func aForceFieldIsToldWhatTheModelStates() throws {
        func recipe(_ network: String, _ model: String = Self.pulled) throws -> Recipe {
            try StageRun.recipe([
                "coupling = 3.5": model, StageRun.network: network, "batch_size = 100\n": "", "epochs = 5": "epochs = 1",
                "trajectories = 4": "trajectories = 6\ntest_trajectories = 2\npulls = [1.5, 3.5]",
                "twin_size": "twin_trajectories = 0\ntwin_size",
            ])
        }
        let convolution = "name = \"convolution\"\nchannels = [2]\nconditions = "
        let run = StageRun()
        for stage in [Stages.generate, Stages.train, Stages.compare] {
            _ = try stage(run.context(recipe(convolution + "[\"pull\"]")))
        }
        let errors = try JSONFile.read(Comparison.self, from: run.directory.comparison).forces.electrons
        #expect(errors?.map(\.name).sorted() == ["p = 1.5", "p = 3.5"])
        let copy = try StageRun(modelOf: run)
        #expect(try Stages.simulate(copy.context(recipe(convolution + "[\"pull\"]", "name = \"pulled\"\npull = 2.0"))).ran)
        for (pull, part) in [("4.0", "pull from 1.5 to 3.5, the recipe's pull = 4.0")] {
            let other = try recipe(convolution + "[\"pull\"]", "name = \"pulled\"\npull = \(pull)").model
            let error = #expect(throws: ForceEvaluationError.self) {
                try ForceEvaluation.Source.network(contentsOf: run.directory.model, for: other)
            }
            #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        }
        #expect { try recipe(convolution + "[]").runnable() } throws: {
            "\($0)".contains("does not depend on the pull, of which generate.pulls")
        }
        let stranger = #expect(throws: RecipeError.self) { try recipe(convolution + "[\"coupling\"]") }
        #expect(stranger?.description.contains("'temperature', 'pull' or 'chemical_potential' is") == true)
        let list = #expect(throws: RecipeError.self) { try StageRun.recipe(["steps = 9": "pulls = [1.5]\nsteps = 9"]) }
        #expect(list?.key == "generate.pulls")
        let low = #expect(throws: RecipeError.self) { try recipe(convolution + "[]", "name = \"pulled\"\npull = -1") }
        #expect(low?.key == "model.pull" && low?.problem == "-1.0 is not allowed; a finite number from 0 is")
    }

    @Test func theFormerSpellingOfAConditionIsRead() throws {
        func recipe(_ name: String) throws -> Recipe {
            try StageRun.recipe([
                StageRun.network: "name = \"convolution\"\nconditions = [\"\(name)\"]", "batch_size = 100\n": "",
            ])
        }
        #expect(try recipe("chemical-potential").resolvedTOML == recipe("chemical_potential").resolvedTOML)
    }
}

/// The first model of recipes, whose coupling has another key and is not below zero.
private struct PulledModel: LatticeModel {
    static let name = "pulled"
    static let title = "pulled model"
    static let variable = SiteVariable("displacement", .scalar)
    static var parameters: [ModelParameter<Self>] {
        [
            .init(
                "pull", "p", .energyPerDisplacement, "how much a displacement lowers an energy", isElectronic: true,
                allowed: .from(0), \.model.coupling),
            .init("stiffness", "K", .energyPerSquaredDisplacement, "the spring constant", isElectronic: false, \.model.stiffness),
        ]
    }

    var model = HolsteinModel()
    var energyUnit: Double { model.energyUnit }
    var onsiteForce: OnsiteForce? { model.onsiteForce }

    func writeElements(at x: SiteField, in box: CellBox, to h: inout TightBinding) { model.writeElements(at: x, in: box, to: &h) }
    func writeForce(from rho: DensityMatrix, at x: SiteField, in box: CellBox, to force: inout SiteField) {
        model.writeForce(from: rho, at: x, in: box, to: &force)
    }
    func background(at x: SiteField) -> Double { model.background(at: x) }
    func classicalPart(on supercell: Supercell, pool: WorkerPool) -> any ClassicalForceField {
        model.classicalPart(on: supercell, pool: pool)
    }
    func harmonicPart(on lattice: Lattice) -> HarmonicLattice? { model.harmonicPart(on: lattice) }
    func spectrumBounds(_ extent: FieldExtent, on lattice: Lattice) -> SpectrumBounds {
        model.spectrumBounds(extent, on: lattice)
    }
    func particleHoleChemicalPotential(on lattice: Lattice) -> Double? { model.particleHoleChemicalPotential(on: lattice) }
}
