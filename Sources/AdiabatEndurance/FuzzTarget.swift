import Communication
import Experiments
import Foundation
import Lattices
import Recipes
import Reports
import Runs
import Storage

/// A reader of files from outside.
package enum FuzzTarget: String, CaseIterable, Sendable {
    case recipe, lattice, npy, safetensors, checkpoint, slabs, model, json, table, dataset, trajectory, inspection

    /// The file of a finished run that mutations begin with, by its name in the folder of samples.
    var samples: [String] {
        switch self {
        case .recipe: ["recipe.toml", "recipe-of-the-user.toml"]
        case .lattice: ["square.toml"]
        case .npy: ["input.npy"]
        case .safetensors: ["model.safetensors", "training.checkpoint"]
        case .checkpoint: ["training.checkpoint"]
        case .slabs: ["simulation.checkpoint"]
        case .model: ["model-without-seal.safetensors"]
        case .json: ["analysis.json", "manifest.json"]
        case .table: ["audit.csv"]
        case .dataset: ["dataset.h5"]
        case .trajectory: ["trajectory.h5"]
        case .inspection: ["analysis.json", "model.safetensors", "dataset.h5", "input.npy", "training.csv", "recipe.toml"]
        }
    }

    /// Words of the format, put where they do not belong.
    var words: [String] {
        switch self {
        case .recipe, .lattice:
            [
                "[", "]", "[[", "]]", "\"", "'''", "=", ".", "-", "nan", "inf", "1e999", "9999999999999999999", "0x", "{", "}",
                "\\u0000", "\0", "#", "[model]\n", "size = ", "[1, 2, 3]", "basis = []", "\n", "true", "1979-05-27",
            ]
        case .npy: ["'", "(", ")", ",", "{", "}", "'<f8'", "'>f4'", "'|O'", "True", "99999999999", "-1", ", , ", "\n"]
        case .safetensors, .checkpoint, .slabs, .model, .json:
            [
                "{", "}", "[", "]", ":", ",", "\"", "null", "true", "-1", "1e308", "99999999999999999999", "\\ud800", "\"F64\"",
                "\"shape\"", "0.0", "\\", "\0", "[[[[[[[[", "1048576", "2147483648",
            ]
        case .table: [",", "\n", "nan", "-", "1e999", "\"", ";", "\r\n", "99999999999999999999"]
        case .dataset, .trajectory, .inspection: ["OHDR", "FRHP", "TREE", "\0\0\0\0\0\0\0\0", "\u{7f}ELF", "{", "\"", ","]
        }
    }

    /// Reads a file as a stage would.
    ///
    /// - Throws: a typed error that names what is wrong; any other is a fault.
    func read(_ path: String, supercell: Supercell) throws {
        switch self {
        case .recipe: _ = try Recipe(contentsOf: path)
        case .lattice: _ = try LatticeFile.read(path)
        case .npy: _ = try NPYArray(contentsOf: path)
        case .safetensors: _ = try Safetensors(contentsOf: path)
        case .checkpoint: _ = try Checkpoint.load(path)
        case .slabs:
            let partition = RowPartition(try Supercell(supercell.lattice, size: SmallRun.size))
            let layout = SlabLayout(count: partition.whole.siteCount, unit: partition.rowsPerUnit * partition.sitesPerRow)
            _ = try SlabCheckpoint.load(
                path, slabs: ["state.displacement", "state.velocity"], layout: layout, communicator: SingleProcess()
            ) { _, _ in }
        case .model: _ = try ModelFile.read(path)
        case .json: try Self.readSealedAgain(path)
        case .table: _ = try AuditTable.read(path)
        case .dataset: _ = try DatasetFile.read(path, supercell: supercell)
        case .trajectory:
            let file = try TrajectoryFile.open(path, lattice: supercell.lattice)
            for index in 0..<min(3, file.frameCount) { _ = try file.displacement(frame: index) }
            for name in file.observableNames.prefix(3) { _ = try file.observable(name) }
        case .inspection: _ = try FileInspection(contentsOf: path)
        }
    }

    /// The seal would keep most changes from the decoder, so they are sealed again.
    private static func readSealedAgain(_ path: String) throws {
        var contents = try Data(contentsOf: URL(fileURLWithPath: path))
        if let seal = contents.range(of: Data(",\n  \"sha256\"".utf8), options: .backwards) {
            contents = contents[..<seal.lowerBound] + Data("\n}".utf8)
        }
        if contents.suffix(2) == Data("\n}".utf8) { try JSONFile.sealed(contents).write(to: URL(fileURLWithPath: path)) }
        _ = try JSONFile.read(Analysis.self, from: path)
    }
}
