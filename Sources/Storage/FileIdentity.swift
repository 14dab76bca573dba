import Foundation

/// The file that a path leads to, however the path is spelled: by links, by hard links, or from another folder.
public struct FileIdentity: Hashable, Sendable {
    private let device: UInt
    private let number: UInt
    /// The name of a file that does not exist yet; the numbers are then those of its folder.
    private let name: String?

    /// The file at `path`, or the one that would be made there.
    public init(_ path: String) {
        var status = stat()
        if stat(path, &status) == 0 {
            name = nil
        } else {
            let url = URL(fileURLWithPath: path)
            name = stat(url.deletingLastPathComponent().path, &status) == 0 ? url.lastPathComponent : url.standardizedFileURL.path
        }
        device = UInt(status.st_dev)
        number = UInt(status.st_ino)
    }
}

extension AtomicFile {
    /// Refuses an output that is also an input or another output, so that no file of the user is overwritten.
    ///
    /// The temporary files beside the outputs count as well.
    ///
    /// - Parameters:
    ///   - outputs: paths with their names in messages, such as `--output`.
    ///   - inputs: the same for files that are read.
    /// - Throws: ``OutputConflict``
    public static func requireSeparate(
        outputs: [(name: String, path: String)], inputs: [(name: String, path: String)]
    ) throws(OutputConflict) {
        var taken = inputs.map { (name: $0.name, isInput: true, file: FileIdentity($0.path)) }
        for output in outputs {
            let files = [FileIdentity(output.path), FileIdentity(output.path + ".partial")]
            if let other = taken.first(where: { files.contains($0.file) }) {
                throw OutputConflict(output: output.name, path: output.path, other: other.name, isInput: other.isInput)
            }
            taken += files.map { (output.name, false, $0) }
        }
    }
}

/// A file to be written that would overwrite another one.
public struct OutputConflict: Error, CustomStringConvertible, Sendable {
    let output: String
    let path: String
    let other: String
    let isInput: Bool

    public var description: String {
        "\(output) \(path) is not allowed: it would overwrite \(other), which is \(isInput ? "read" : "written as well"); choose another "
            + "name or folder"
    }
}
