import Lattices
import Recipes
import Runs
import Storage

/// `audit.h5`: the audited frames of a trajectory.
///
///     /displacement                                 (frames, Ly, Lx), in general (frames, `SiteField.shape`)
///     /force /exact_force /error                    the same, or (frames, sites, …) for sampled sites: the electronic
///                                                   part of the audited force, the solver's, and the difference of the two
///     /expected_error                               the same, if the audited force tells its own error
///     /site                                         (frames, sites), for sampled sites alone
///     /frame /step /time                            (frames)
///     /solver_error /inaccurate_sites          (frames); an error that is not known is NaN
///
/// The root's attributes hold `format`, `version`, the `recipe`, and what the audit is of (``AuditSetup/identity``).
extension AuditFile {
    static func write(_ frames: [AuditedFrame], setup: AuditSetup, recipe: String, to path: String) throws {
        try AtomicFile.replace(path) { temporary in
            let file = try HDF5File.create(temporary, unit: Units.unit(ofDataset:))
            try file.writeAttribute("format", of: "/", format)
            try file.writeAttribute("version", of: "/", version)
            try file.writeAttribute("recipe", of: "/", recipe)
            for (name, value) in setup.identity { try file.writeAttribute(name, of: "/", value) }
            let count = frames.count
            let kind = frames.first?.displacement.kind ?? .scalar
            let fieldShape = [count] + SiteField.shape(on: setup.supercell, kind: kind)
            try kind.record(in: file, of: "/")
            try file.write(frames.flatMap(\.displacement.values), shape: fieldShape, to: "displacement")
            let components = kind.count(in: setup.supercell.lattice)
            let shape = setup.isWhole ? fieldShape : [count, setup.sites] + (components > 1 ? [components] : [])
            try file.write(frames.flatMap(\.forces.audited), shape: shape, to: "force")
            try file.write(frames.flatMap(\.forces.exact), shape: shape, to: "exact_force")
            try file.write(frames.flatMap(\.forces.errors), shape: shape, to: "error")
            let expected = frames.compactMap(\.expected)
            if expected.count == count { try file.write(expected.flatMap(\.self), shape: shape, to: "expected_error") }
            if !setup.isWhole { try file.write(frames.flatMap(\.forces.sites), shape: [count, setup.sites], to: "site") }
            try file.write(frames.map(\.index), shape: [count], to: "frame")
            try file.write(frames.map(\.step), shape: [count], to: "step")
            try file.write(frames.map(\.time), shape: [count], to: "time")
            try file.write(frames.map(\.forces.solverError), shape: [count], to: "solver_error", nonFinite: .undefined)
            try file.write(frames.map(\.forces.inaccurateSites), shape: [count], to: "inaccurate_sites")
            try file.close()
        }
    }

    /// - Throws: `StorageError` if the file is not a complete audit on this supercell.
    package static func read(_ path: String, supercell: Supercell) throws -> [AuditedFrame] {
        let file = try open(path)
        func malformed(_ problem: String) -> StorageError { StorageError(.malformed, path: path, problem: problem) }
        let index = try file.readIntegers("frame").values
        let step = try file.readIntegers("step").values
        let time = try file.readDoubles("time").values
        let solverError = try file.readDoubles("solver_error").values
        let inaccurate = try file.readIntegers("inaccurate_sites").values
        let count = index.count
        guard [step.count, time.count, solverError.count, inaccurate.count].allSatisfy({ $0 == count }) else {
            throw malformed("its table of frames is inconsistent")
        }
        let (displacement, fieldShape) = try file.readDoubles("displacement")
        let kind = try SiteVariable.Kind.recorded(in: file, of: "/", on: supercell.lattice)
        let needed = [count] + SiteField.shape(on: supercell, kind: kind)
        guard fieldShape == needed else {
            throw StorageError(
                .wrongShape, path: path, problem: "'displacement' has shape \(fieldShape); \(needed) is needed")
        }
        let components = kind.count(in: supercell.lattice)
        let audited = try file.readDoubles("force").values
        let exact = try file.readDoubles("exact_force").values
        let expected = try file.exists("expected_error") ? file.readDoubles("expected_error").values : nil
        let sites =
            try file.exists("site")
            ? file.readIntegers("site").values : (0..<count).flatMap { _ in 0..<supercell.siteCount }
        guard audited.count == exact.count, sites.count * components == exact.count, count > 0, sites.count % count == 0,
            !sites.isEmpty,
            sites.allSatisfy((0..<supercell.siteCount).contains), expected.map({ $0.count == exact.count }) ?? true
        else { throw malformed("its forces are not those of its frames") }
        let each = sites.count / count
        let displacements = SiteField.fields(on: supercell, kind: kind, of: displacement)
        return (0..<count).map { k in
            let values = k * each * components..<(k + 1) * each * components
            return AuditedFrame(
                index: index[k], step: step[k], time: time[k],
                displacement: displacements[k],
                forces: AuditedForces(
                    sites: Array(sites[k * each..<(k + 1) * each]), population: supercell.siteCount, components: components,
                    audited: Array(audited[values]), exact: Array(exact[values]),
                    solverError: solverError[k], inaccurateSites: inaccurate[k]),
                expected: expected.map { Array($0[values]) })
        }
    }
}

/// What an audit is of: two audits with the same setup agree, frame by frame.
struct AuditSetup: Sendable, Equatable {
    let supercell: Supercell
    /// The model file, as it was named, or the solver with its options.
    let audited: String
    /// SHA-256 of the model file; empty for a solver.
    let auditedDigest: String
    /// The arithmetic of the model's force, and whether it is an average over offsets of blocks; empty for a solver, whose options
    /// name its own.
    let precision: String
    /// What determines the trajectory, ``TrajectoryFile/identity(_:)``.
    let trajectoryDigest: String
    let isOwnTrajectory: Bool
    let solver: SolverName
    /// The options of the solver, such as `tolerance = 1e-10`; empty if it has none.
    let options: String
    let isWhole: Bool
    /// Audited sites of each frame.
    let sites: Int
    let accuracy: Double

    /// What must agree, by name.
    var identity: [(name: String, value: String)] {
        [
            ("model", auditedDigest.isEmpty ? audited : auditedDigest), ("precision", precision),
            (AuditFile.trajectoryKey, trajectoryDigest),
            ("solver", solver.rawValue), ("options", options), ("sites", isWhole ? "all" : "\(sites)"),
            ("accuracy", isWhole ? "the solver's" : "\(accuracy)"),
        ]
    }
}

/// One audited frame of a trajectory.
package struct AuditedFrame: Sendable, Equatable {
    /// Counted from 0 in the trajectory.
    let index: Int
    let step: Int
    package let time: Double
    package let displacement: SiteField
    package let forces: AuditedForces
    /// The error that the audited force itself expects, component by component on the audited sites; nil if it expects none.
    let expected: [Double]?

    var line: AuditLine { AuditLine(forces, step: step, time: time) }
}
