import Lattices
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
enum AuditFile {
    static let format = "adiabat-audit"
    private static let version = 1

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

    /// What the file's audit is of, by the names of ``AuditSetup/identity``.
    static func identity(of path: String, names: [String]) throws -> [String] {
        let file = try open(path)
        return try names.map { try file.readStringAttribute($0, of: "/") }
    }

    /// - Throws: `StorageError` if the file is not a complete audit on this supercell.
    static func read(_ path: String, supercell: Supercell) throws -> [AuditedFrame] {
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

    private static func open(_ path: String) throws -> HDF5File {
        let file = try HDF5File.open(path)
        guard try file.hasAttribute("format", of: "/"), try file.readStringAttribute("format", of: "/") == format else {
            throw StorageError(.malformed, path: path, problem: "is not an audit of this program")
        }
        guard try file.readIntegerAttribute("version", of: "/") == version else {
            throw StorageError(
                .malformed, path: path, problem: "is an audit of another version of this program; version \(version) is read")
        }
        return file
    }
}
