import Foundation

/// Where the lattice that a recipe names is looked for.
struct LatticeSearch {
    /// A lattice that is nowhere to be found.
    struct NotFound: Error, CustomStringConvertible {
        let description: String
    }

    /// The file of the recipe, which is never its lattice.
    private let recipe: URL
    private var folder: URL { recipe.deletingLastPathComponent() }

    /// - Parameter recipe: the path of the recipe file.
    init(recipe: String) {
        self.recipe = URL(fileURLWithPath: recipe)
    }

    /// The absolute path of the lattice file that `name` means, and what to call it in a recipe elsewhere: the name where every
    /// recipe finds the same file by it, otherwise the path.
    ///
    /// A name that ends in `.toml` is a path, relative to the recipe's folder. Any other is that of a file `NAME.toml` in the
    /// recipe's folder, its `lattices`, the `lattices` beside it, the `lattices` of the working directory, the folder
    /// `$ADIABAT_LATTICES`, or the `lattices` of a folder above the running program. The recipe itself is passed over.
    ///
    /// - Throws: ``NotFound`` with the list of the places.
    func find(_ name: String) throws -> (path: String, portableName: String) {
        if name.hasSuffix(".toml") {
            let file = URL(fileURLWithPath: name, relativeTo: folder).standardizedFileURL
            guard isFile(file) else {
                throw NotFound(description: "\(TOMLText.text(name)) is not there; looked for \(file.path)")
            }
            guard !isRecipe(file) else {
                throw NotFound(description: "\(TOMLText.text(name)) is this recipe; the path of a lattice file is allowed")
            }
            return (file.path, file.path)
        }
        guard !name.isEmpty, !name.contains("/") else {
            throw NotFound(
                description: "\(TOMLText.text(name)) is not allowed; the name of a lattice or a path ending in .toml is")
        }
        func files(_ folders: [URL]) -> [URL] { folders.map { $0.appendingPathComponent(name + ".toml").standardizedFileURL } }
        let candidates = files(foldersNearRecipe + commonFolders).filter { !isRecipe($0) }
        if let found = candidates.first(where: isFile) {
            let isCommon = files(commonFolders).first(where: isFile) == found
            return (found.path, isCommon ? name : found.path)
        }
        let known = Set((foldersNearRecipe + commonFolders).flatMap(latticeNames)).sorted()
        let hint = nearestName(to: name, among: known).map { "; did you mean \(TOMLText.text($0))?" } ?? ""
        let places = candidates.map(\.path).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        throw NotFound(description: "no lattice \(TOMLText.text(name))\(hint); looked for " + places.joined(separator: ", "))
    }

    private var foldersNearRecipe: [URL] {
        let above = folder.deletingLastPathComponent()
        return [folder, folder.appendingPathComponent("lattices"), above.appendingPathComponent("lattices")]
    }

    /// The same for every recipe.
    private var commonFolders: [URL] {
        let workingDirectory = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        let chosen = ProcessInfo.processInfo.environment["ADIABAT_LATTICES"].map { URL(fileURLWithPath: $0) }
        return [workingDirectory.appendingPathComponent("lattices"), chosen, packageLattices].compactMap(\.self)
    }

    /// The nearest folder `lattices` above the running program: that of the package it was built in.
    private var packageLattices: URL? {
        guard var place = Bundle.main.executableURL?.resolvingSymlinksInPath() else { return nil }
        while place.path != "/" {
            place = place.deletingLastPathComponent()
            let lattices = place.appendingPathComponent("lattices")
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: lattices.path, isDirectory: &isFolder), isFolder.boolValue {
                return lattices
            }
        }
        return nil
    }

    private func isRecipe(_ url: URL) -> Bool { url.resolvingSymlinksInPath() == recipe.resolvingSymlinksInPath() }

    private func isFile(_ url: URL) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// Lattices are few files in a folder of their own; a recipe's folder may hold other TOML files, which are no hint.
    private func latticeNames(in folder: URL) -> [String] {
        guard folder.lastPathComponent == "lattices" else { return [] }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }
    }
}
