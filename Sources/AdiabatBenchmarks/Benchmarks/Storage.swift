import Foundation
import Storage

extension Benchmark {
    /// A checkpoint of a trajectory on 1000² sites, with its digests and the wait for the disk, and a frame of four fields in
    /// a trajectory file, which does not wait. Bytes are those of the fields; the files lie in the folder for temporary files.
    static let storage = Benchmark(
        name: "storage", summary: "a checkpoint and a frame of 1000² sites"
    ) { session in
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("adiabat-benchmarks-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let sites = 1_000_000
        let field = (0..<sites).map { Double($0) }

        let tensors = ["displacement", "velocity", "force"].map {
            Safetensors.Tensor(name: $0, shape: [sites], values: .float64(field))
        }
        let checkpoint = Checkpoint(tensors: tensors)
        let path = folder.appendingPathComponent("checkpoint").path
        try session.time("checkpoint", threads: 1, work: Work(sites: sites, bytes: Double(24 * sites))) {
            try checkpoint.save(to: path)
        }

        let names = ["displacement", "velocity", "force", "density"]
        let file = try HDF5File.create(folder.appendingPathComponent("trajectory.h5").path)
        for name in names { try file.createReserved(name, shape: [1, sites], type: .float64) }
        try session.time("frame", threads: 1, work: Work(sites: sites, bytes: Double(32 * sites))) {
            for name in names { try file.writeRow(name, index: 0, field) }
        }
        try file.close()
    }
}
