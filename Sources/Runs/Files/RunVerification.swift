import Foundation
import Storage

/// The files of a run directory against the digests that its manifest holds.
public struct RunVerification: Sendable, Codable {
    /// What has become of a file.
    public enum Outcome: String, Sendable, Codable {
        /// The contents are those that the stage wrote.
        case same
        /// The contents are those that the stage wrote, but from files that are others now.
        case outdated
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
        var digests: [String: String] = [:]
        func digestOfFile(_ path: String) throws -> String {
            if let known = digests[path] { return known }
            let digest = try Digest.sha256(ofFile: path)
            digests[path] = digest
            return digest
        }
        files = try manifest.stages.sorted { $0.key < $1.key }.flatMap { stage, entry in
            let isOutdated = try (entry.inputs ?? [:]).contains { name, digest in
                let path = directory.path(ofInput: name)
                return try directory.exists(path) && Manifest.digest(ofInput: path, digestOfFile) != digest
            }
            return try entry.outputs.sorted { $0.key < $1.key }.map { name, digest in
                let path = directory.file(name)
                guard directory.exists(path) else { return File(name: name, stage: stage, outcome: .missing) }
                let isSame = try digestOfFile(path) == digest
                return File(name: name, stage: stage, outcome: !isSame ? .changed : isOutdated ? .outdated : .same)
            }
        }
    }

    /// Whether every file is there with the contents it was written with, made from the files that are there.
    public var isIntact: Bool { files.allSatisfy { $0.outcome == .same } }
}
