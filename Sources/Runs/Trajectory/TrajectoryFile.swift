import Foundation
import Lattices
import Observables
import Recipes
import Storage

/// `trajectory.h5`: a trajectory in H5MD layout (<https://www.nongnu.org/h5md/h5md.html>).
///
///     /h5md                                   version, author, creator
///     /particles/sites/box                    dimension, boundary ("periodic" or "none"), edges
///     /particles/sites/position               Cartesian positions of the sites (sites, dimension), once the run has ended
///     /particles/sites/FIELD/{value,step,time}    a ``TrajectoryField``: value (frames, sites), or (frames, sites, components)
///                                         where there are several, sites in the order of `SiteField.shape`, which is the
///                                         attribute `shape`: site = y·Lx + x on the square lattice
///     /observables/NAME/{value,step,time}     (samples); of lengths of domains the attribute `defined_within` says where they
///                                             are that: see `DomainLengthRange`
///     /adiabat/progress                       frames and samples written so far
///     /adiabat                                attributes: `recipe`, `site_variable`, `force_field`, `model_sha256`, `seed`, …; where the recipe has
///                                             changed on the way, `earlier_recipes` and the last step and time of each
///
/// While a simulation is under way its frames are files of their own in ``TrajectoryFrames``, to which `value` is an external
/// link; samples are overwritten in place in space reserved for all of them. A kill at any moment leaves readable files. When it
/// has ended all is merged into one file, whose bytes depend on nothing but the results. Frames are compressed, a chunk a unit of
/// rows.
public final class TrajectoryFile {
    static let format = "adiabat-trajectory"
    /// Whether frames are files of their own, 1 or 0; older files, which do not say so, contain their frames.
    static let apartKey = "frames_apart"

    /// Of a recipe that has changed on the way: the former ones, and the last step and time of each.
    static let (pastRecipesKey, pastStepsKey, pastTimesKey) = ("earlier_recipes", "earlier_last_steps", "earlier_last_times")

    private let file: HDF5File
    /// The supercell of every frame: the lattice given on opening, with the size and the boundaries the file records.
    public let supercell: Supercell
    /// How the site variable transforms.
    public let kind: SiteVariable.Kind
    /// Time steps at which frames are due, written or not, from 0.
    public let frameSteps: [Int]
    /// Times of `frameSteps`, in units of τ.
    public let frameTimes: [Double]
    /// Time steps at which samples of the observables are due, written or not, from 0.
    public let sampleSteps: [Int]
    /// Times of `sampleSteps`, in units of τ.
    public let sampleTimes: [Double]
    /// Frames written so far; the first `frameCount` of `frameSteps` are there.
    public let frameCount: Int
    /// Samples written so far; the first `sampleCount` of `sampleSteps` are there.
    public let sampleCount: Int
    /// Names of the observables, in the order in which they were recorded.
    public let observableNames: [String]
    /// What frames hold.
    public let fields: [TrajectoryField]
    /// The resolved recipe of the simulation, in TOML; the last one if it has changed on the way.
    public let recipe: String
    /// What earlier recipes have made, in the order of time; empty unless `--force-resume` has changed the recipe on the way.
    package let pastPieces: [TrajectoryPast.Piece]
    /// `model` or the name of a solver: where the electronic part of the force came from.
    public let forceField: String
    /// SHA-256 of the model file; empty if a solver gave the force.
    public let modelDigest: String
    /// Frames that are files of their own; nil if they are in this one.
    let frames: TrajectoryFrames?

    /// The path of the file.
    var path: String { file.path }
    /// Whether every frame and every sample is written.
    public var isComplete: Bool { frameCount == frameSteps.count && sampleCount == sampleSteps.count }
    /// Whether all frames are there and in the file itself: the simulation has ended.
    public var isMerged: Bool { frames == nil && isComplete }

    /// Whether every frame and sample up to this step is written.
    package func holdsRecords(through step: Int) -> Bool {
        frameCount >= frameSteps.count { $0 <= step } && sampleCount >= sampleSteps.count { $0 <= step }
    }

    /// The resolved recipe that the file records, in TOML.
    ///
    /// - Throws: `StorageError` if it is not a trajectory.
    package static func recipe(of path: String) throws -> String {
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
    ///
    /// - Throws: `StorageError` if it is none, is damaged, or is not of this lattice.
    public static func open(_ path: String, lattice: Lattice) throws -> TrajectoryFile {
        try TrajectoryFile(path, lattice: lattice)
    }

    private init(_ path: String, lattice: Lattice) throws {
        let file = try HDF5File.open(path)
        self.file = file
        try Self.requireTrajectory(file, path: path)
        do {
            supercell = try Supercell(
                lattice, size: try file.readIntegersAttribute("size", of: "adiabat"),
                periodic: try BoundaryText.read(from: file, of: "particles/sites/box"))
        } catch let error as LatticeError { throw StorageError(.malformed, path: path, problem: "\(error)") }
        kind = try .recorded(in: file, of: "adiabat", on: lattice)
        recipe = try file.readStringAttribute("recipe", of: "adiabat")
        pastPieces = try Self.pastPieces(in: file, path: path)
        forceField = try file.readStringAttribute("force_field", of: "adiabat")
        modelDigest = try file.readStringAttribute("model_sha256", of: "adiabat")
        let isApart =
            try file.hasAttribute(Self.apartKey, of: "adiabat") && file.readIntegerAttribute(Self.apartKey, of: "adiabat") != 0
        let frames = isApart ? TrajectoryFrames(of: path) : nil
        self.frames = frames
        fields = try TrajectoryField.allCases.filter { try file.exists("particles/sites/\($0)") }
        frameSteps = try file.readIntegers("particles/sites/displacement/step").values
        frameTimes = try file.readDoubles("particles/sites/displacement/time").values
        observableNames = try file.readStringsAttribute("observables", of: "adiabat").map { Self.presentNames[$0] ?? $0 }
        guard let first = observableNames.first else {
            throw StorageError(.malformed, path: path, problem: "names no observables")
        }
        let samples = try Self.group(ofObservable: first, in: file)
        sampleSteps = try file.readIntegers(samples + "/step").values
        sampleTimes = try file.readDoubles(samples + "/time").values
        let progress = try file.readIntegers("adiabat/progress").values
        guard progress.count == 2, (0...frameSteps.count).contains(progress[0]), (0...sampleSteps.count).contains(progress[1]),
            frameTimes.count == frameSteps.count, sampleTimes.count == sampleSteps.count
        else { throw StorageError(.malformed, path: path, problem: "its table of frames is inconsistent") }
        // Frames that were removed, or that a power cut has taken, end the trajectory.
        let dueSteps = frameSteps[..<progress[0]]
        frameCount = frames.map { frames in dueSteps.prefix { frames.contains($0) }.count } ?? progress[0]
        sampleCount = progress[1]
    }

    private static func pastPieces(in file: HDF5File, path: String) throws -> [TrajectoryPast.Piece] {
        guard try file.hasAttribute(pastRecipesKey, of: "adiabat") else { return [] }
        let recipes = try file.readStringsAttribute(pastRecipesKey, of: "adiabat")
        let steps = try file.readIntegersAttribute(pastStepsKey, of: "adiabat")
        let times = try file.readDoublesAttribute(pastTimesKey, of: "adiabat")
        guard steps.count == recipes.count, times.count == recipes.count, zip(steps, steps.dropFirst()).allSatisfy(<) else {
            throw StorageError(.malformed, path: path, problem: "its table of earlier recipes is inconsistent")
        }
        return recipes.indices.map { TrajectoryPast.Piece(recipe: recipes[$0], lastStep: steps[$0], lastTime: times[$0]) }
    }

    /// Closes the file before the object goes.
    func close() throws { try file.close() }

    /// Q of frame `index`.
    ///
    /// - Throws: `StorageError` if the frame is not there or is damaged.
    public func displacement(frame index: Int) throws -> SiteField { try field(.displacement, frame: index) }

    /// A field of frame `index`.
    ///
    /// - Throws: `StorageError` if the frame is not there or is damaged, or if frames do not hold this field.
    public func field(_ field: TrajectoryField, frame index: Int) throws -> SiteField {
        guard (0..<frameCount).contains(index) else {
            throw StorageError(.missing, path: file.path, problem: "has no frame \(index); there are \(frameCount)")
        }
        guard fields.contains(field) else {
            let names = fields.map(\.rawValue).joined(separator: ", ")
            throw StorageError(.missing, path: file.path, problem: "has no \(field) in its frames; they hold \(names)")
        }
        var read = SiteField(supercell, kind: field.kind(of: kind))
        let row = [supercell.siteCount] + (read.componentCount > 1 ? [read.componentCount] : [])
        if let frames {
            read.values = try frames.values(of: field, step: frameSteps[index], shape: row)
            return read
        }
        let (values, shape) = try file.readRows("particles/sites/\(field)/value", index..<index + 1)
        guard shape == [1] + row else {
            throw StorageError(.wrongShape, path: file.path, problem: "a frame has shape \(shape); \([1] + row) is needed")
        }
        read.values = values
        return read
    }

    /// The written samples of an observable.
    ///
    /// - Throws: `StorageError` if there is none of this name, or if it is damaged.
    public func observable(_ name: String) throws -> [Double] {
        let values = try file.readDoubles(Self.group(ofObservable: name, in: file) + "/value").values
        guard values.count == sampleSteps.count else {
            throw StorageError(
                .wrongShape, path: file.path, problem: "'\(name)' has \(values.count) samples; \(sampleSteps.count) are needed")
        }
        return Array(values[..<sampleCount])
    }

    /// The samples of an observable as results state them: NaN where a length is not one of domains (``DomainLengthRange``).
    ///
    /// - Throws: as ``observable(_:)``.
    public func statedObservable(_ name: String) throws -> [Double] {
        let values = try observable(name)
        guard DomainLengthRange.names.contains(name) else { return values }
        let range = DomainLengthRange(supercell)
        let halfHeights = try observable(ScalarObservable.correlationLength.name)
        return zip(values, halfHeights).map { range.stated(name, $0, halfHeight: $1) }
    }

    /// Names that observables had in files of earlier versions.
    private static let presentNames = ["mean_square_displacement": ScalarObservable.displacementMeanSquare.name]

    /// Where the samples of an observable are, under its present name or an earlier one.
    static func group(ofObservable name: String, in file: HDF5File) throws -> String {
        let names = [name] + presentNames.filter { $0.value == name }.keys
        return "observables/" + (try names.first { try file.exists("observables/\($0)") } ?? name)
    }
}

/// The version of the program, as recorded in its files.
public enum AdiabatVersion {
    /// Major, minor and patch number.
    public static let current = "0.1.0"
}

extension TrajectoryFile {
    /// SHA-256 of what determines the trajectory: the keys of its recipe that decide its results, but for how far it goes, and the
    /// model it was run with.
    package func identity(_ context: StageContext) throws -> String {
        let recipe = try context.recorded(self.recipe, path: path)
        let settings = recipe.fingerprint(of: [.lattice, .model, .dynamics, .simulate]) { section, key in
            ![.nothing, .extent].contains(recipe.effects(of: key, in: section).simulate)
        }
        let pieces = pastPieces.map { "\($0.lastStep)" }
        return Digest.sha256(of: Data(([settings, forceField, modelDigest] + pieces).joined(separator: "\n").utf8))
    }
}
