import Dynamics
import Lattices
import Observables
import Storage

/// `trajectory.h5`: a trajectory in H5MD layout (<https://www.nongnu.org/h5md/h5md.html>).
///
///     /h5md                                   version, author, creator
///     /particles/sites/box                    dimension, boundary ("periodic" or "none"), edges
///     /particles/sites/position               Cartesian positions of the sites, fixed in time (sites, dimension)
///     /particles/sites/{displacement,velocity,force,density}/{value,step,time}    value (frames, sites), site = y·Lx + x
///     /observables/NAME/{value,step,time}     (samples)
///     /adiabat/progress                       frames and samples written so far
///
/// All space is reserved when the file is made, and rows are overwritten in place: a kill at any moment leaves a readable file,
/// a full disk shows at the start, and a resumed run ends with the same bytes.
public final class TrajectoryFile {
    private static let fields = ["displacement", "velocity", "force", "density"]
    static let format = "adiabat-trajectory"

    private let file: HDF5File
    /// The supercell of every frame: the lattice given on opening, with the size and the boundaries the file records.
    public let supercell: Supercell
    /// Time steps at which frames are due, written or not, from 0.
    public let frameSteps: [Int]
    /// Times of `frameSteps`, in units of ħ/t.
    public let frameTimes: [Double]
    /// Time steps at which samples of the observables are due, written or not, from 0.
    public let sampleSteps: [Int]
    /// Times of `sampleSteps`, in units of ħ/t.
    public let sampleTimes: [Double]
    /// Frames written so far; the first `frameCount` of `frameSteps` are there.
    public private(set) var frameCount: Int
    /// Samples written so far; the first `sampleCount` of `sampleSteps` are there.
    public private(set) var sampleCount: Int
    /// The resolved recipe of the simulation, in TOML.
    public let recipe: String
    /// `model` or the name of a solver: where the electronic part of the force came from.
    public let forceField: String
    /// SHA-256 of the model file; empty if a solver gave the force.
    public let modelDigest: String

    /// Whether every frame and every sample is written.
    public var isComplete: Bool { frameCount == frameSteps.count && sampleCount == sampleSteps.count }

    /// Whether every frame and sample up to this step is written.
    func holdsRecords(through step: Int) -> Bool {
        frameCount >= frameSteps.count { $0 <= step } && sampleCount >= sampleSteps.count { $0 <= step }
    }

    /// What a trajectory file is made for.
    struct Plan {
        let supercell: Supercell
        let timeStep: Double
        let steps: Int
        let frameInterval: Int
        let observableInterval: Int
        let observables: [ScalarObservable]
        let recipe: String
        let forceField: String
        let modelDigest: String
        let seed: UInt64
    }

    /// Makes the file, with space for everything.
    ///
    /// - Throws: `StorageError` `.outOfSpace` if the disk does not hold it.
    static func create(_ path: String, _ plan: Plan) throws {
        try AtomicFile.replace(path) { temporary in
            let file = try HDF5File.create(temporary)
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
            try file.writeAttribute("force_field", of: "adiabat", plan.forceField)
            try file.writeAttribute("model_sha256", of: "adiabat", plan.modelDigest)
            try file.writeAttribute("seed", of: "adiabat", "\(plan.seed)")

            let lattice = plan.supercell.lattice
            let sites = plan.supercell.siteCount
            try file.createGroup("particles/sites/box")
            try file.writeAttribute("dimension", of: "particles/sites/box", lattice.dimension)
            try file.writeAttribute(
                "boundary", of: "particles/sites/box", BoundaryText.texts(plan.supercell.periodic))
            let edges = zip(lattice.primitiveVectors, plan.supercell.size).flatMap { vector, side in
                vector.map { $0 * Double(side) }
            }
            try file.write(edges, shape: [lattice.dimension, lattice.dimension], to: "particles/sites/box/edges")
            let positions = (0..<sites).flatMap {
                lattice.position(cell: plan.supercell.cell(of: $0), site: $0 % lattice.basis.count)
            }
            try file.write(positions, shape: [sites, lattice.dimension], to: "particles/sites/position")

            func times(_ group: String, every interval: Int) throws -> Int {
                let steps = Array(stride(from: 0, through: plan.steps, by: interval))
                try file.write(steps, shape: [steps.count], to: group + "/step")
                try file.write(steps.map { Double($0) * plan.timeStep }, shape: [steps.count], to: group + "/time")
                return steps.count
            }
            let frames = try times("particles/sites/\(fields[0])", every: plan.frameInterval)
            for field in fields {
                try file.createReserved("particles/sites/\(field)/value", shape: [frames, sites], type: .float64)
                guard field != fields[0] else { continue }
                for name in ["step", "time"] {
                    try file.link(from: "particles/sites/\(fields[0])/\(name)", to: "particles/sites/\(field)/\(name)")
                }
            }
            let first = plan.observables[0].name
            let samples = try times("observables/\(first)", every: plan.observableInterval)
            for observable in plan.observables {
                try file.createReserved("observables/\(observable.name)/value", shape: [samples], type: .float64)
                guard observable.name != first else { continue }
                for name in ["step", "time"] {
                    try file.link(from: "observables/\(first)/\(name)", to: "observables/\(observable.name)/\(name)")
                }
            }
            try file.createReserved("adiabat/progress", shape: [2], type: .int64)
            try file.writeAttribute("observables", of: "adiabat", plan.observables.map(\.name))
            try file.close()
        }
    }

    /// The resolved recipe that the file records, in TOML.
    ///
    /// - Throws: `StorageError` if it is not a trajectory.
    static func recipe(of path: String) throws -> String {
        let file = try HDF5File.open(path)
        try requireTrajectory(file, path: path)
        return try file.readStringAttribute("recipe", of: "adiabat")
    }

    private static func requireTrajectory(_ file: HDF5File, path: String) throws {
        guard try file.exists("adiabat"), try file.hasAttribute("format", of: "adiabat"),
            try file.readStringAttribute("format", of: "adiabat") == format
        else { throw StorageError(.malformed, path: path, problem: "is not a trajectory of this program") }
    }

    /// Opens a trajectory for reading, also while it is being written.
    public static func open(_ path: String, lattice: Lattice) throws -> TrajectoryFile {
        try TrajectoryFile(path, lattice: lattice, .readOnly)
    }

    /// Opens a trajectory to go on writing.
    static func resume(_ path: String, lattice: Lattice) throws -> TrajectoryFile {
        try TrajectoryFile(path, lattice: lattice, .readWrite)
    }

    private init(_ path: String, lattice: Lattice, _ access: HDF5File.Access) throws {
        file = try HDF5File.open(path, access)
        try Self.requireTrajectory(file, path: path)
        do {
            supercell = try Supercell(
                lattice, size: try file.readIntegersAttribute("size", of: "adiabat"),
                periodic: try BoundaryText.read(from: file, of: "particles/sites/box"))
        } catch let error as LatticeError { throw StorageError(.malformed, path: path, problem: "\(error)") }
        recipe = try file.readStringAttribute("recipe", of: "adiabat")
        forceField = try file.readStringAttribute("force_field", of: "adiabat")
        modelDigest = try file.readStringAttribute("model_sha256", of: "adiabat")
        frameSteps = try file.readIntegers("particles/sites/displacement/step").values
        frameTimes = try file.readDoubles("particles/sites/displacement/time").values
        let names = try file.readStringsAttribute("observables", of: "adiabat")
        guard let first = names.first else { throw StorageError(.malformed, path: path, problem: "names no observables") }
        sampleSteps = try file.readIntegers("observables/\(first)/step").values
        sampleTimes = try file.readDoubles("observables/\(first)/time").values
        observableNames = names
        let progress = try file.readIntegers("adiabat/progress").values
        guard progress.count == 2, (0...frameSteps.count).contains(progress[0]), (0...sampleSteps.count).contains(progress[1]),
            frameTimes.count == frameSteps.count, sampleTimes.count == sampleSteps.count
        else { throw StorageError(.malformed, path: path, problem: "its table of frames is inconsistent") }
        (frameCount, sampleCount) = (progress[0], progress[1])
    }

    /// Names of the observables, in the order in which they were recorded.
    public let observableNames: [String]

    /// Q of frame `index`.
    public func displacement(frame index: Int) throws -> SiteField {
        let (values, shape) = try file.readRows("particles/sites/displacement/value", index..<index + 1)
        guard shape == [1, supercell.siteCount] else {
            throw StorageError(
                .wrongShape, path: file.path, problem: "a frame has shape \(shape); (1, \(supercell.siteCount)) is needed")
        }
        return SiteField(supercell, values: values)
    }

    /// The written samples of an observable.
    public func observable(_ name: String) throws -> [Double] {
        Array(try file.readRows("observables/\(name)/value", 0..<sampleCount).values)
    }

    /// Writes the frame that belongs to this state's step. A density that is not known is written as NaN.
    func writeFrame(_ state: PhaseSpaceState, density: SiteField?) throws {
        guard let index = frameSteps.firstIndex(of: state.step) else { return }
        let unknown = [Double](repeating: .nan, count: supercell.siteCount)
        let values = [state.displacement.values, state.velocity.values, state.force.values, density?.values ?? unknown]
        for (field, values) in zip(Self.fields, values) {
            try file.writeRow("particles/sites/\(field)/value", index: index, values)
        }
        frameCount = index + 1
        try file.writeRow("adiabat/progress", index: 0, [frameCount])
    }

    /// Writes the sample that belongs to this step.
    func writeSample(_ sample: ObservableSample, step: Int) throws {
        guard let index = sampleSteps.firstIndex(of: step) else { return }
        for (name, value) in zip(sample.names, sample.values) {
            try file.writeRow("observables/\(name)/value", index: index, [value])
        }
        sampleCount = index + 1
        try file.writeRow("adiabat/progress", index: 1, [sampleCount])
    }

    /// Everything written so far is on the disk when this returns.
    func flush() throws { try file.flush() }

    func close() throws { try file.close() }
}

/// The version of the program, as recorded in its files.
public enum AdiabatVersion {
    /// Major, minor and patch number.
    public static let current = "0.1.0"
}
