import Foundation

/// What ``temporaryFile(_:_:)`` makes is in this folder, which goes when the tests have ended.
private let temporaryFiles: URL = {
    atexit { try? FileManager.default.removeItem(at: temporaryFiles) }
    return FileManager.default.temporaryDirectory.appendingPathComponent("adiabat-workflows-\(UUID().uuidString)")
}()

/// The path of a new file with these contents, in a folder of its own.
func temporaryFile(_ name: String, _ contents: String) -> String {
    let folder = temporaryFiles.appendingPathComponent(UUID().uuidString)
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appendingPathComponent(name)
    try? Data(contents.utf8).write(to: file)
    return file.path
}
