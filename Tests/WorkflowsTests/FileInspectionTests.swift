import Experiments
import Foundation
import Reports
import Runs
import Storage
import Testing

@Suite struct FileInspectionTests {
    @Test func arraysModelsAndRecipesAreTold() throws {
        let array = temporaryFile("q.npy", "")
        try NPYArray(shape: [2, 3], values: [1, 2, 3, 4, 5, -6]).write(to: array)
        let inspection = try FileInspection(contentsOf: array)
        #expect(inspection.kind == "array")
        #expect(inspection.arrays.map(\.shape) == [[2, 3]])
        #expect(inspection.attributes["smallest"] == "-6.0")

        let model = temporaryFile("m.safetensors", "")
        try Safetensors(
            tensors: [.init(name: "w", shape: [2], values: .float64([1, 2]))],
            metadata: ["format": "adiabat-model", "recipe": "seed = 1\n[lattice]\n"]
        ).write(to: model)
        let told = try FileInspection(contentsOf: model)
        #expect(told.kind == "model")
        #expect(told.text.contains("w  (2)  float64"))
        #expect(told.text.contains("    [lattice]"))

        let recipe = try FileInspection(contentsOf: suppliedRecipe("quickstart"))
        #expect(recipe.kind == "recipe")
        #expect(recipe.attributes["model.coupling"] == "3.5")
    }

    @Test func tablesAndPagesAreTold() throws {
        let table = try FileInspection(contentsOf: temporaryFile("training.csv", "epoch,loss\n1,0.5\n2,0.25\n"))
        #expect(table.attributes == ["columns": "epoch, loss", "rows": "2"])
        #expect(try FileInspection(contentsOf: temporaryFile("report.html", "<!DOCTYPE html><html></html>")).kind == "HTML page")
    }

    @Test func hdf5GroupsAreWalked() throws {
        let path = temporaryFile("d.h5", "")
        let file = try HDF5File.create(path)
        try file.createGroup("/group")
        try file.write([1.0, 2, 3, 4, 5, 6], shape: [2, 3], to: "/group/numbers")
        try file.writeAttribute("recipe", of: "/", "seed = 1")
        try file.writeAttribute("size", of: "/group", [24, 24])
        try file.close()
        let inspection = try FileInspection(contentsOf: path)
        #expect(inspection.arrays.first?.name == "/group/numbers")
        #expect(inspection.arrays.first?.shape == [2, 3])
        #expect(inspection.attributes["recipe"] == "seed = 1")
        #expect(inspection.attributes["/group:size"] == "24, 24")
    }

    @Test func damagedAndForeignFilesAreRefused() throws {
        #expect(throws: StorageError.self) { try FileInspection(contentsOf: temporaryFile("a.bin", "anything at all")) }
        #expect(throws: StorageError.self) { try FileInspection(contentsOf: temporaryFile("a.npy", "\u{1}NUMPY")) }
        #expect(throws: StorageError.self) { try FileInspection(contentsOf: temporaryFile("a.json", "{\"a\":")) }
        #expect(throws: StorageError.self) { try FileInspection(contentsOf: temporaryFile("empty", "")) }
        #expect(throws: StorageError.self) { try FileInspection(contentsOf: "/nowhere/file.h5") }
    }
}
