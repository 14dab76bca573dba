import Communication
import Dynamics
import Experiments
import Foundation
import LatticeNumerics
import Lattices
import Observables
import Reports
import Runs
import Storage

extension Benchmark {
    /// A checkpoint of the dynamics of 1000² sites, with its digests and the wait for the disk, and a compressed frame of
    /// displacement, velocity and density. Bytes are those of the fields; the files lie in the folder for temporary files.
    static let storage = Benchmark(
        name: "storage", summary: "a checkpoint and a frame of 1000² sites"
    ) { session in
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("adiabat-benchmarks-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let recipe = session.recipes[0].recipe
        let supercell = try Supercell(session.lattice, size: [1000, 1000])
        let sites = supercell.siteCount
        let start = try session.recipes[0].hotStart()
        let kind = recipe.model.variable.kind
        let field = start.displacement(on: supercell, kind: kind)
        let (displacement, velocity) = (field.values, start.velocity(on: supercell, kind: kind).values)
        // Occupations of atoms: most of them are near 0 or 1, as in a density wave.
        let density = field.component(0).map { 1 / (1 + exp(-(recipe.model["coupling"] ?? 0) * $0 / recipe.model.temperature)) }
        let partition = RowPartition(supercell)
        let layout = SlabLayout(count: sites, unit: partition.rowsPerUnit * partition.sitesPerRow)
        let alone = SingleProcess()

        func withSlabs(_ body: (_ slab: (String) -> UnsafeBufferPointer<Double>) throws -> Void) rethrows {
            try displacement.withUnsafeBufferPointer { displacement in
                try velocity.withUnsafeBufferPointer { velocity in
                    try density.withUnsafeBufferPointer { density in
                        try body { $0 == "velocity" ? velocity : $0 == "density" ? density : displacement }
                    }
                }
            }
        }
        let path = folder.appendingPathComponent("checkpoint").path
        try session.time("checkpoint", threads: 1, work: Work(sites: sites, bytes: Double(16 * displacement.count))) {
            try withSlabs { slab in
                try SlabCheckpoint.save(
                    to: path, tensors: [], metadata: [:], slabs: ["displacement", "velocity"],
                    layout: layout.repeated(field.componentCount),
                    communicator: alone,
                    slab: slab)
            }
        }
        for threads in session.threadCounts {
            let trajectory = folder.appendingPathComponent("trajectory-\(threads).h5").path
            try TrajectoryWriter.create(
                trajectory,
                TrajectoryFile.Plan(
                    supercell: supercell, kind: kind, timeStep: recipe.dynamics.timeStep, steps: 1, frameInterval: 1,
                    fields: [.displacement, .velocity, .density], observableInterval: 1,
                    observables: ObservableSet.standard, recipe: recipe.resolvedTOML, forceField: "model", modelDigest: "",
                    seed: recipe.seed), alone)
            let writer = try TrajectoryWriter(
                trajectory, lattice: session.lattice, layout: layout, communicator: alone, pool: WorkerPool(threads: threads))
            try session.time(
                "frame", threads: threads, work: Work(sites: sites, bytes: Double(16 * displacement.count + 8 * sites))
            ) {
                try withSlabs { slab in try writer.writeFrame(step: 0) { slab($0.rawValue) } }
            }
            let frame = folder.appendingPathComponent("trajectory-\(threads).frames/0000000000.h5").path
            let bytes = try FileManager.default.attributesOfItem(atPath: frame)[.size] as? Int ?? 0
            session.state(
                "a frame of \(16 * field.componentCount + 8) bytes a site", Double(bytes) / Double(sites), unit: "bytes a site")
        }
    }
}
