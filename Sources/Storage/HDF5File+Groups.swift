import CHDF5

/// Groups and links.
extension HDF5File {
    /// Creates a group and those above it that do not exist yet; does nothing if it exists.
    ///
    /// - Throws: ``StorageError`` `.unwritable` or `.outOfSpace`.
    public func createGroup(_ path: String) throws {
        try withFile { file in
            var reached = ""
            for name in Self.names(in: path) {
                reached += "/" + name
                switch try linkType(reached, in: file) {
                case .none:
                    let properties = H5Pcreate(chdf5_group_create())
                    defer { H5Pclose(properties) }
                    H5Pset_obj_track_times(properties, false)
                    let defaults = HDF5Library.defaultProperties
                    let group = H5Gcreate2(file, reached, defaults, properties, defaults)
                    guard group >= 0 else { throw failure(.unwritable, "cannot create group '\(reached)'") }
                    H5Gclose(group)
                case .some:
                    try requireGroup(reached)
                }
            }
        }
    }

    /// Whether there is a group or dataset at `path`.
    ///
    /// - Throws: ``StorageError`` `.malformed` if the file is damaged there.
    public func exists(_ path: String) throws -> Bool {
        try withFile { file in
            var reached = ""
            for name in Self.names(in: path) {
                guard try reached.isEmpty || isGroup(reached) else { return false }
                reached += "/" + name
                guard try linkType(reached, in: file) == H5L_TYPE_HARD else { return false }
            }
            return true
        }
    }

    /// Whether what is at `path` is a group (and not a dataset).
    ///
    /// - Throws: ``StorageError`` `.missing` or `.malformed`.
    public func isGroup(_ path: String) throws -> Bool {
        try withObject(path) { H5Iget_type($0) == H5I_GROUP }
    }

    /// The names in a group, sorted, without soft and external links.
    ///
    /// - Throws: ``StorageError`` `.missing`, `.wrongType` if it is a dataset, or `.malformed`.
    public func children(of path: String) throws -> [String] {
        try withObject(path) { group in
            guard H5Iget_type(group) == H5I_GROUP else {
                throw StorageError(.wrongType, path: self.path, problem: "'\(path)' is a dataset; a group is needed")
            }
            // In the order of the file: the library's tables of names in other orders do not survive damaged files.
            var names: [String] = []
            let visit: H5L_iterate_t = { _, name, _, names in
                guard let name, let names else { return -1 }
                names.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
                return 0
            }
            guard withUnsafeMutablePointer(to: &names, { chdf5_iterate_links(group, visit, $0) }) >= 0 else {
                throw failure(.malformed, "cannot read group '\(path)'")
            }
            return try names.filter { try exists(path + "/" + $0) }.sorted()
        }
    }

    /// Lets `newPath` be another name of the group or dataset at `path` (a hard link), as H5MD does with the steps and times
    /// that several elements share. Groups above it are created.
    ///
    /// - Throws: ``StorageError`` `.missing` if there is nothing at `path`; `.unwritable` or `.outOfSpace`.
    public func link(from path: String, to newPath: String) throws {
        try withFile { file in
            try withObject(path) { _ in }
            try createParentGroup(of: newPath)
            let defaults = HDF5Library.defaultProperties
            guard H5Lcreate_hard(file, Self.absolute(path), file, Self.absolute(newPath), defaults, defaults) >= 0 else {
                throw failure(.unwritable, "cannot link '\(newPath)' to '\(path)'")
            }
        }
    }
}

extension HDF5File {
    /// Opens the group or dataset at `path` for the duration of `body`.
    ///
    /// - Throws: ``StorageError`` `.missing`, naming what is there instead; `.malformed`.
    func withObject<Result>(_ path: String, _ body: (hid_t) throws -> Result) throws -> Result {
        try withFile { file in
            var reached = ""
            for name in Self.names(in: path) {
                let parent = reached.isEmpty ? "/" : reached
                reached += "/" + name
                let link = try linkType(reached, in: file)
                if let link, link != H5L_TYPE_HARD {
                    throw StorageError(
                        .malformed, path: self.path, problem: "'\(reached)' is a soft or external link, which is not followed")
                }
                guard try link != nil && (reached == Self.absolute(path) || isGroup(reached)) else {
                    let siblings = try children(of: parent).prefix(20).map { "'\($0)'" }.joined(separator: ", ")
                    throw StorageError(
                        .missing, path: self.path,
                        problem: "has no '\(path)'; '\(parent)' contains \(siblings.isEmpty ? "nothing" : siblings)")
                }
            }
            let object = H5Oopen(file, Self.absolute(path), HDF5Library.defaultProperties)
            guard object >= 0 else { throw failure(.malformed, "cannot open '\(path)'") }
            defer { H5Oclose(object) }
            return try body(object)
        }
    }

    /// A name from the library.
    ///
    /// - Parameter read: the library's function, which copies the name into a buffer of so many characters and returns its
    ///   length; given no buffer it only does the latter.
    func name(inMessages subject: String, _ read: (UnsafeMutablePointer<CChar>?, Int) -> Int) throws -> String {
        let length = read(nil, 0)
        guard length >= 0 else { throw failure(.malformed, "cannot read \(subject)") }
        _ = try requirePlausible(shape: [length], elementSize: 1, available: size(), subject: subject)
        var name = [CChar](repeating: 0, count: length + 1)
        guard read(&name, name.count) >= 0 else { throw failure(.malformed, "cannot read \(subject)") }
        return String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Creates the groups above `path`.
    func createParentGroup(of path: String) throws {
        try createGroup(Self.names(in: path).dropLast().joined(separator: "/"))
    }

    /// `path` from the root.
    static func absolute(_ path: String) -> String {
        "/" + names(in: path).joined(separator: "/")
    }

    private static func names(in path: String) -> [String] {
        path.split(separator: "/").map(String.init)
    }

    private func requireGroup(_ path: String) throws {
        guard try isGroup(path) else {
            throw StorageError(.unwritable, path: self.path, problem: "'\(path)' is a dataset, so it cannot contain anything")
        }
    }

    /// The sort of link at `path`, all names but the last of which are known to be groups; nil if there is none.
    private func linkType(_ path: String, in file: hid_t) throws -> H5L_type_t? {
        let defaults = HDF5Library.defaultProperties
        let found = H5Lexists(file, path, defaults)
        guard found >= 0 else { throw failure(.malformed, "cannot look for '\(path)'") }
        guard found > 0 else { return nil }
        var info = H5L_info_t()
        guard H5Lget_info(file, path, &info, defaults) >= 0 else { throw failure(.malformed, "cannot look at '\(path)'") }
        return info.type
    }
}
