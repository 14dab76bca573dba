import CHDF5

/// Digests of numbers, which have no checksums where they are neither compressed nor metadata.
///
/// Every dataset of numbers that is written whole has the SHA-256 of its numbers (as `float64` or `int64`) as its attribute
/// `sha256`, and reading it whole fails where they have been damaged. Rows that are overwritten in place have none.
extension HDF5File {
    private static let digestName = "sha256"

    /// Records the digest of a dataset as it is now.
    ///
    /// - Throws: ``StorageError`` `.missing`, `.wrongType`, `.outOfSpace` or `.unwritable`.
    public func seal(_ path: String) throws {
        let digest = try withArray(path) { array in
            array.elementType.isInteger ? Self.digest(try array.numbers(Int.self)) : Self.digest(try array.numbers(Double.self))
        }
        try writeAttribute(Self.digestName, of: path, digest)
    }

    /// Forgets the digest of a dataset that is about to change, if it has one.
    func unseal(_ dataset: hid_t, path: String) throws {
        let found = H5Aexists(dataset, Self.digestName)
        guard found >= 0, found == 0 || H5Adelete(dataset, Self.digestName) >= 0 else {
            throw failure(.unwritable, "cannot change '\(path)'")
        }
    }

    /// Throws if the dataset has a digest that these are not the numbers of.
    func verify<Number: HDF5Number>(_ values: [Number], of path: String) throws {
        guard try hasAttribute(Self.digestName, of: path) else { return }
        guard try readStringAttribute(Self.digestName, of: path) == Self.digest(values) else {
            throw StorageError(
                .malformed, path: self.path, problem: "'\(path)' is damaged: its numbers do not match their SHA-256")
        }
    }

    private static func digest<Number: HDF5Number>(_ values: [Number]) -> String {
        values.withUnsafeBytes { bytes in
            let digest = RunningDigest()
            digest.update(bytes)
            return Digest.text(digest.finish())
        }
    }
}
