import Storage

/// `audit.h5`: the audited frames of a trajectory. What an audit is of tells whether it is still that of the run.
package enum AuditFile {
    package static let format = "adiabat-audit"
    package static let version = 1
    /// The attribute with what determines the trajectory, ``TrajectoryFile/identity(_:)``.
    package static let trajectoryKey = "trajectory"

    /// What the file's audit is of, by the names of its attributes.
    package static func identity(of path: String, names: [String]) throws -> [String] {
        let file = try open(path)
        return try names.map { try file.readStringAttribute($0, of: "/") }
    }

    package static func open(_ path: String) throws -> HDF5File {
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
