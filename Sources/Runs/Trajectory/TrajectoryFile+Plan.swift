import Lattices
import Observables
import Recipes
import Storage

extension TrajectoryFile {
    /// What a trajectory file is made for.
    package struct Plan {
        package let supercell: Supercell
        package let kind: SiteVariable.Kind
        package let timeStep: Double
        package let steps: Int
        package let frameInterval: Int
        package let fields: [TrajectoryField]
        package let observableInterval: Int
        package let observables: [ScalarObservable]
        package let recipe: String
        package let forceField: String
        package let modelDigest: String
        package let seed: UInt64
        /// What was made before the recipe changed on the way; nil if it has not.
        package var past: TrajectoryPast?

        package init(
            supercell: Supercell, kind: SiteVariable.Kind = .scalar, timeStep: Double, steps: Int, frameInterval: Int,
            fields: [TrajectoryField],
            observableInterval: Int, observables: [ScalarObservable], recipe: String, forceField: String, modelDigest: String,
            seed: UInt64
        ) {
            (self.supercell, self.kind, self.timeStep, self.steps) = (supercell, kind, timeStep, steps)
            (self.frameInterval, self.fields) = (frameInterval, TrajectoryField.allCases.filter(fields.contains))
            (self.observableInterval, self.observables) = (observableInterval, observables)
            (self.recipe, self.forceField, self.modelDigest, self.seed) = (recipe, forceField, modelDigest, seed)
        }

        /// How the numbers of a field are laid out in a frame of one piece.
        func layout(of field: TrajectoryField) -> SlabLayout {
            SlabLayout(count: supercell.siteCount, unit: supercell.siteCount).repeated(
                field.kind(of: kind).count(in: supercell.lattice))
        }

        /// Steps and times at which frames are due.
        var frames: Schedule { schedule(past?.frames, every: frameInterval) }
        /// Steps and times at which samples are due.
        var samples: Schedule { schedule(past?.samples, every: observableInterval) }

        struct Schedule: Equatable {
            var steps: [Int]
            var times: [Double]
        }

        /// After a change on the way, records are due at the multiples of the present interval.
        private func schedule(_ past: Schedule?, every interval: Int) -> Schedule {
            let first = self.past.map { ($0.step / interval + 1) * interval } ?? 0
            let steps = Array(stride(from: first, through: self.steps, by: interval))
            return Schedule(
                steps: (past?.steps ?? []) + steps,
                times: (past?.times ?? []) + steps.map { (self.past?.pieces ?? []).time(ofStep: $0, timeStep: timeStep) })
        }
    }

    /// Makes the file of a simulation that has yet to begin, with space for all samples; `prepare` may fill some of it.
    ///
    /// - Throws: `StorageError` `.outOfSpace` or `.unwritable`.
    static func create(_ path: String, _ plan: Plan, prepare: (HDF5File) throws -> Void = { _ in }) throws {
        precondition(plan.fields.contains(.displacement), "frames hold the displacement at least")
        let frames = TrajectoryFrames(of: path)
        try AtomicFile.replace(path) { temporary in
            let file = try HDF5File.create(temporary, unit: Units.unit(ofDataset:))
            try file.createGroup("h5md/author")
            try file.createGroup("h5md/creator")
            try file.writeAttribute("version", of: "h5md", [1, 1])
            try file.writeAttribute("name", of: "h5md/author", "Adiabat")
            try file.writeAttribute("name", of: "h5md/creator", "Adiabat")
            try file.writeAttribute("version", of: "h5md/creator", AdiabatVersion.current)
            try file.createGroup("adiabat")
            try file.writeAttribute("format", of: "adiabat", format)
            try file.writeAttribute("recipe", of: "adiabat", plan.recipe)
            try file.writeAttribute("size", of: "adiabat", plan.supercell.size)
            try plan.kind.record(in: file, of: "adiabat")
            try file.writeAttribute("force_field", of: "adiabat", plan.forceField)
            try file.writeAttribute("model_sha256", of: "adiabat", plan.modelDigest)
            try file.writeAttribute("seed", of: "adiabat", "\(plan.seed)")
            try file.writeAttribute(apartKey, of: "adiabat", 1)

            let lattice = plan.supercell.lattice
            try file.createGroup("particles/sites/box")
            try file.writeAttribute("dimension", of: "particles/sites/box", lattice.dimension)
            try file.writeAttribute(
                "boundary", of: "particles/sites/box", BoundaryText.texts(plan.supercell.periodic))
            let edges = zip(lattice.primitiveVectors, plan.supercell.size).flatMap { vector, side in
                vector.map { $0 * Double(side) }
            }
            try file.write(edges, shape: [lattice.dimension, lattice.dimension], to: "particles/sites/box/edges")

            if let past = plan.past {
                try file.writeAttribute(pastRecipesKey, of: "adiabat", past.pieces.map(\.recipe))
                try file.writeAttribute(pastStepsKey, of: "adiabat", past.pieces.map(\.lastStep))
                try file.writeAttribute(pastTimesKey, of: "adiabat", past.pieces.map(\.lastTime))
            }
            func write(_ records: Plan.Schedule, to group: String) throws {
                try file.write(records.steps, shape: [records.steps.count], to: group + "/step")
                try file.write(records.times, shape: [records.steps.count], to: group + "/time")
            }
            try write(plan.frames, to: "particles/sites/displacement")
            for field in plan.fields {
                try file.linkExternally(
                    file: frames.name + "/" + TrajectoryFrames.listName, field.rawValue, to: "particles/sites/\(field)/value")
            }
            try linkTimes(of: plan.fields, in: file)
            try plan.fields.recordShapes(in: file, on: plan.supercell, plan.kind)
            let first = plan.observables[0].name
            try write(plan.samples, to: "observables/\(first)")
            for observable in plan.observables {
                let value = "observables/\(observable.name)/value"
                try file.createReserved(value, shape: [plan.samples.steps.count], type: .float64)
                if DomainLengthRange.names.contains(observable.name) {
                    let range = DomainLengthRange(plan.supercell)
                    try file.writeAttribute("defined_within", of: value, [DomainLengthRange.shortest, range.longest])
                }
                guard observable.name != first else { continue }
                for name in ["step", "time"] {
                    try file.link(from: "observables/\(first)/\(name)", to: "observables/\(observable.name)/\(name)")
                }
            }
            try file.createReserved("adiabat/progress", shape: [2], type: .int64)
            try file.writeAttribute("observables", of: "adiabat", plan.observables.map(\.name))
            try prepare(file)
            try file.close()
        }
    }

    /// Steps and times are those of the displacement for all fields.
    static func linkTimes(of fields: [TrajectoryField], in file: HDF5File) throws {
        for field in fields where field != .displacement {
            for name in ["step", "time"] {
                try file.link(from: "particles/sites/displacement/\(name)", to: "particles/sites/\(field)/\(name)")
            }
        }
    }
}

/// The beginning of a trajectory whose recipe has changed on the way, by `--force-resume`.
package struct TrajectoryPast {
    /// What one recipe has made.
    package struct Piece: Equatable, Sendable {
        /// In TOML, as resolved.
        package let recipe: String
        /// The last step that was made with it, and its time.
        package let lastStep: Int
        package let lastTime: Double
    }

    /// In the order of time, at least one.
    let pieces: [Piece]
    /// The records that are due up to the last step.
    let frames: TrajectoryFile.Plan.Schedule
    let samples: TrajectoryFile.Plan.Schedule

    /// The step after which the present recipe took over.
    var step: Int { pieces[pieces.count - 1].lastStep }

    /// What `file` holds up to `step`, as the past of what comes after it; up to the last change if no step is given.
    ///
    /// - Parameter timeStep: of the file's recipe.
    /// - Returns: nil if there is no past: the recipe has not changed.
    package init?(of file: TrajectoryFile, through step: Int?, timeStep: Double) {
        var pieces = file.pastPieces
        if let step {
            // Where nothing was made since the last change, that recipe has made nothing.
            if pieces.last.map({ step > $0.lastStep }) ?? true {
                let time = pieces.time(ofStep: step, timeStep: timeStep)
                pieces.append(Piece(recipe: file.recipe, lastStep: step, lastTime: time))
            }
        }
        guard let end = pieces.last?.lastStep else { return nil }
        self.pieces = pieces
        func records(_ steps: [Int], _ times: [Double]) -> TrajectoryFile.Plan.Schedule {
            let count = steps.count { $0 <= end }
            return .init(steps: Array(steps.prefix(count)), times: Array(times.prefix(count)))
        }
        frames = records(file.frameSteps, file.frameTimes)
        samples = records(file.sampleSteps, file.sampleTimes)
    }
}

extension [TrajectoryPast.Piece] {
    /// The time of a step after them.
    package func time(ofStep step: Int, timeStep: Double) -> Double {
        guard let last else { return Double(step) * timeStep }
        return last.lastTime + Double(step - last.lastStep) * timeStep
    }
}

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
