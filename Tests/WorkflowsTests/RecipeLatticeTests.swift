import Experiments
import Foundation
import Lattices
import Recipes
import Reports
import Testing

@Suite struct RecipeLatticeTests {
    private let triangular: String

    init() throws { triangular = try String(contentsOfFile: suppliedLattice("triangular"), encoding: .utf8) }

    @Test func suppliedSquareLattice() throws {
        let lattice = try LatticeFile.read(suppliedLattice("square"))
        #expect(lattice.name == "square")
        #expect(lattice.bonds.count == 2)
        #expect(lattice.primitiveVectors == [[1, 0], [0, 1]])
    }

    @Test func textReadsBackEqual() throws {
        let lattice = try LatticeFile.read(suppliedLattice("triangular"))
        #expect(lattice.directedBonds(from: 0).count == 6)
        let shells = try lattice.withShells(3)
        for lattice in [lattice, shells] {
            #expect(try LatticeFile.read(temporaryFile("again.toml", LatticeFile.text(of: lattice))) == lattice)
        }
        // Files written before there were shells have the text that they had.
        #expect(!LatticeFile.text(of: lattice).contains("shell") && LatticeFile.text(of: shells).contains("shell = 3\n"))
    }

    /// On the triangular lattice, neither bipartite nor with z = 6 neighbours that all resist: −K/6 < κ < K/3.
    @Test func elasticEnergyNeedsAStableSoftestMode() throws {
        let path = suppliedLattice("triangular")
        func recipe(_ neighborStiffness: Double) throws -> Recipe {
            try Recipe(
                "[lattice]\nfile = \"\(path)\"\n[model]\nstiffness = 2\nneighbor_stiffness = \(neighborStiffness)\n"
                    + "[dynamics]\ninitial_displacement_variance = 1\n")
        }
        for allowed in [-0.333, 0, 0.666] { _ = try recipe(allowed) }
        for (refused, mode) in [(0.8, "(1/3, -1/3)"), (0.667, "(1/3, -1/3)"), (-0.334, "(0, 0)")] {
            let error = #expect(throws: RecipeError.self) { try recipe(refused) }
            #expect(error?.key == "model.neighbor_stiffness")
            for part in ["\(refused)", "unstable", mode, "-0.333333 < neighbor_stiffness < 0.666667", "triangular"] {
                #expect(error?.problem.contains(part) == true, "\(error as Any)")
            }
        }
    }

    @Test func latticeBesideTheRecipeIsFoundByPathAndByName() throws {
        let folder = URL(fileURLWithPath: temporaryFile("mine.toml", triangular)).deletingLastPathComponent()
        for name in ["mine.toml", "mine"] {
            let recipe = folder.appendingPathComponent("recipe-\(name)").path
            try Data("[lattice]\nfile = \"\(name)\"\n[model]\n".utf8).write(to: URL(fileURLWithPath: recipe))
            let read = try Recipe(contentsOf: recipe)
            #expect(read.lattice.geometry.name == "triangular")
            // The resolved recipe in a run's directory elsewhere still finds it.
            #expect(try Recipe(read.resolvedTOML, file: "/elsewhere/recipe.toml") == read)
            #expect(read.lattice.file == folder.appendingPathComponent("mine.toml").standardized.path)
        }
    }

    /// A recipe may have the name of its lattice.
    @Test func theRecipeIsNeverItsLattice() throws {
        let path = temporaryFile("triangular.toml", "[lattice]\nfile = \"triangular\"\n[model]\n")
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
        let supplied = try Recipe(contentsOf: path)
        #expect(supplied.lattice.geometry.name == "triangular" && supplied.lattice.file == "triangular")
        // One of the user's own comes first, and a link to the recipe is the recipe.
        let own = folder.appendingPathComponent("lattices")
        try FileManager.default.createDirectory(at: own, withIntermediateDirectories: true)
        try Data(triangular.utf8).write(to: own.appendingPathComponent("triangular.toml"))
        let link = folder.appendingPathComponent("link.toml")
        try FileManager.default.createSymbolicLink(atPath: link.path, withDestinationPath: "triangular.toml")
        for recipe in [path, link.path] {
            #expect(try Recipe(contentsOf: recipe).lattice.file == own.standardized.path + "/triangular.toml")
        }
        for (name, problem) in [("triangular.toml", "is this recipe"), ("other", "no lattice \"other\"")] {
            let text = "[lattice]\nfile = \"\(name)\"\n[model]\n"
            let error = #expect(throws: RecipeError.self) { try Recipe(text, file: path) }
            #expect(error?.key == "lattice.file" && error?.problem.contains(problem) == true)
        }
    }

    @Test func changedLatticeFileIsADifference() throws {
        let path = temporaryFile("mine.toml", triangular)
        let text = "[lattice]\nfile = \"\(path)\"\n[model]\nneighbor_stiffness = 0.1\n"
        let before = try Recipe(text)
        try Data(triangular.replacingOccurrences(of: "\n[[bonds]]\nfrom = 0\nto = 0\ncell = [-1, 1]", with: "").utf8).write(
            to: URL(fileURLWithPath: path))
        let after = try Recipe(text)
        #expect(after.lattice.geometry.bonds.count == 2)
        #expect(after.fingerprint(of: [.lattice]) != before.fingerprint(of: [.lattice]))
        #expect(after.keyDifferences(from: before).contains { $0.contains("contents") })
    }

    @Test func theSameLatticeElsewhereIsNoDifference() throws {
        func recipe(_ path: String) throws -> Recipe { try Recipe("[lattice]\nfile = \"\(path)\"\n[model]\n") }
        let one = try recipe(temporaryFile("one.toml", triangular))
        let two = try recipe(temporaryFile("two.toml", triangular))
        #expect(one != two)
        #expect(one.keyDifferences(from: two).isEmpty)
        #expect(one.fingerprint() == two.fingerprint())
    }

    @Test func unknownLatticeListsThePlaces() throws {
        let error = #expect(throws: RecipeError.self) {
            try Recipe("[lattice]\nfile = \"sqare\"\n[model]\n", file: "/some/runs/my.toml")
        }
        let problem = try #require(error).problem
        #expect(error?.line == 2)
        #expect(problem.contains("/some/runs/lattices/sqare.toml"))
        #expect(problem.contains("/some/lattices/sqare.toml"))
        #expect(throws: RecipeError.self) { try Recipe("[lattice]\nfile = \"../../etc/passwd\"\n[model]\n") }
    }

    @Test(arguments: [
        ("basis = [[0.0, 0.0]]", "basis = [[0]]", "basis[0]"),
        ("basis = [[0.0, 0.0]]", "basis = [[0, 0.5], [1, -0.5]]", "basis[1]"),
        ("cell = [1, 0]", "cell = [0, 1]", "bonds[1]"),
        ("cell = [1, 0]", "cell = [1]", "bonds[0].cell"),
        ("cell = [1, 0]", "cel = [1, 0]", "bonds[0].cel"),
        ("cell = [1, 0]", "cell = [1, 0]\nshell = 0", "bonds[0].shell"),
        ("cell = [1, 0]", "cell = [1, 0]\nshell = 1.5", "bonds[0].shell"),
        ("cell = [0, 1]", "cell = [0, 1]\nshell = 3", "bonds[1].shell"),
        ("cell = [0, 1]", "cell = [0, 1]\nshell = 65", "bonds[1].shell"),
        ("[0.5, 0.8660254037844386]", "[2, 0]", "primitive_vectors"),
        ("[0.5, 0.8660254037844386]", "[nan, 0]", "primitive_vectors[1]"),
        ("name = \"triangular\"", "", "name"),
    ])
    func wrongLatticesNameTheKey(_ old: String, _ new: String, _ key: String) throws {
        let path = temporaryFile("wrong.toml", triangular.replacingOccurrences(of: old, with: new))
        let error = #expect(throws: RecipeError.self) { try LatticeFile.read(path) }
        #expect(error?.key == key)
        #expect(error?.file == path)
    }
}
