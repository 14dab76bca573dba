import Lattices
import Storage

/// Makes room in a trajectory for more steps, or for what another recipe makes after the past of the plan.
///
/// Frames that are merged become files of their own again, their chunks copied as they are; then a file with more space for samples
/// replaces the old one in one step, and until then the old one is whole.
struct TrajectoryExtension {
    private let path: String
    private let plan: TrajectoryFile.Plan
    private let layout: SlabLayout

    init(_ path: String, plan: TrajectoryFile.Plan, layout: SlabLayout) {
        self.path = path
        self.plan = plan
        self.layout = SlabLayout(count: layout.count, unit: layout.unit)
    }

    /// - Throws: `StorageError`; the trajectory is then as it was.
    func run() throws {
        let old = try TrajectoryFile.open(path, lattice: plan.supercell.lattice)
        guard old.isMerged || old.frames != nil else { throw TrajectoryWriter.otherVersion(path) }
        let names = plan.observables.map(\.name)
        guard old.supercell == plan.supercell, old.kind == plan.kind, old.fields == plan.fields,
            names.allSatisfy(old.observableNames.contains),
            plan.frames.steps.starts(with: kept(old.frameSteps)), plan.samples.steps.starts(with: kept(old.sampleSteps))
        else {
            throw StorageError(
                .wrongShape, path: path,
                problem: "has other frames, samples or sites than \(plan.steps) steps would have, or more of them")
        }
        let (frameCount, sampleCount) = (
            min(old.frameCount, kept(old.frameSteps).count), min(old.sampleCount, kept(old.sampleSteps).count)
        )
        let samples = try names.map { Array(try old.observable($0).prefix(sampleCount)) }
        let frames = TrajectoryFrames(of: path)
        if old.isMerged {
            try frames.create()
            let source = try HDF5File.open(path)
            var unsynced = UnsyncedFiles()
            for index in 0..<frameCount { unsynced.append(try copyFrame(index, of: source, to: frames)) }
            try unsynced.synchronize()
            try source.close()
        }
        // What was made after the state that is gone on with is made again, perhaps at other steps.
        for step in old.frameSteps[frameCount...] { try AtomicFile.remove(frames.file(step)) }
        try frames.writeList(plan)
        let progress = [frameCount, sampleCount]
        try old.close()
        try TrajectoryFile.create(path, plan) { file in
            for (name, values) in zip(names, samples) where !values.isEmpty {
                try file.writeRows("observables/\(name)/value", from: 0, values, nonFinite: .undefined)
            }
            for (index, count) in progress.enumerated() { try file.writeRow("adiabat/progress", index: index, [count]) }
        }
    }

    /// The steps that are not made again.
    private func kept(_ steps: [Int]) -> [Int] { plan.past.map { past in steps.filter { $0 <= past.step } } ?? steps }

    /// - Returns: the file of the frame, which has not been waited for.
    private func copyFrame(_ index: Int, of source: HDF5File, to frames: TrajectoryFrames) throws -> String {
        let step = plan.frames.steps[index]
        return try AtomicFile.replace(frames.file(step), waits: false) { temporary in
            let file = try HDF5File.create(temporary, version: .v110, unit: Units.unit(ofDataset:))
            try file.writeAttribute("step", of: "/", step)
            for field in plan.fields {
                let layout = layout.repeated(plan.layout(of: field).components)
                try file.createCompressed(field.rawValue, shape: layout.shape, chunk: layout.chunk)
                // Some MiB at a time.
                for begin in stride(from: 0, to: layout.unitCount, by: 32) {
                    let places = (begin..<min(begin + 32, layout.unitCount)).map(layout.offset)
                    let chunks = try source.readChunks("particles/sites/\(field)/value", offsets: places.map { [index] + $0 })
                    try file.writeChunks(field.rawValue, zip(places, chunks).map { (offset: $0, bytes: $1) })
                }
            }
            try file.close()
            return frames.file(step)
        }
    }
}
