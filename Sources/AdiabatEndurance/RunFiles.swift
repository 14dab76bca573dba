import Foundation

/// The files of a run directory and their contents.
struct RunFiles: Equatable {
    let contents: [String: Data]

    /// - Parameter ignored: names that do not count, besides the manifest and the lock, which differ from run to run.
    init(_ folder: String, ignoring ignored: Set<String> = []) throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder)
        var contents: [String: Data] = [:]
        for name in names where !["manifest.json", "run.lock"].contains(name) && !ignored.contains(name) {
            var isFolder: ObjCBool = false
            let path = folder + "/" + name
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
            contents[name] = try Data(contentsOf: URL(fileURLWithPath: path))
        }
        self.contents = contents
    }

    /// What differs, for people; empty if nothing does.
    func differences(from other: RunFiles) -> [String] {
        let names = Set(contents.keys).union(other.contents.keys).sorted()
        return names.compactMap { name in
            switch (contents[name], other.contents[name]) {
            case (nil, _): "\(name) is missing"
            case (_, nil): "\(name) is left over"
            case (let own, let others): own == others ? nil : "\(name) differs"
            }
        }
    }
}
