import Foundation
import Storage

/// The files of a run directory against the digests that its manifest holds.
public struct RunVerification: Sendable, Codable {
    /// What has become of a file.
    public enum Outcome: String, Sendable, Codable {
        /// The contents are those that the stage wrote.
        case same
        /// The contents have changed since.
        case changed
        /// The file is not there.
        case missing
    }

    /// A file that a stage wrote.
    public struct File: Sendable, Codable {
        /// Its path in the run directory.
        public let name: String
        /// The stage that wrote it.
        public let stage: String
        /// What has become of it.
        public let outcome: Outcome
    }

    /// The run directory.
    public let directory: String
    /// Every file that the manifest lists, by stage and name.
    public let files: [File]

    /// Reads every file that the manifest lists.
    ///
    /// - Throws: `StorageError` if there is no manifest or it is damaged, or if a file cannot be read.
    public init(_ directory: RunDirectory) throws {
        guard directory.exists(directory.manifest) else {
            throw StorageError(.missing, path: directory.manifest, problem: "is not there; a stage that has finished writes it")
        }
        let manifest = try JSONFile.read(Manifest.self, from: directory.manifest)
        self.directory = directory.path
        files = try manifest.stages.sorted { $0.key < $1.key }.flatMap { stage, entry in
            try entry.outputs.sorted { $0.key < $1.key }.map { name, digest in
                let path = directory.file(name)
                guard directory.exists(path) else { return File(name: name, stage: stage, outcome: .missing) }
                return File(name: name, stage: stage, outcome: try Digest.sha256(ofFile: path) == digest ? .same : .changed)
            }
        }
    }

    /// Whether every file is there with the contents it was written with.
    public var isIntact: Bool { files.allSatisfy { $0.outcome == .same } }
}
