import CCrypto
import Foundation

/// SHA-256 digests (FIPS 180-4), as 64 lower-case hexadecimal digits.
public enum Digest {
    /// The digest of bytes in memory.
    public static func sha256(of data: some ContiguousBytes) -> String {
        let digest = RunningDigest()
        data.withUnsafeBytes { digest.update($0) }
        return digest.finish()
    }

    /// The digest of a file's contents, read piece by piece.
    ///
    /// - Throws: ``StorageError`` if the file cannot be read.
    public static func sha256(ofFile path: String) throws -> String {
        let pieceSize = 1 << 20
        let file = try InputFile(path)
        let digest = RunningDigest()
        for offset in stride(from: 0, to: file.size, by: pieceSize) {
            try file.bytes(at: offset, count: min(pieceSize, file.size - offset)).withUnsafeBytes { digest.update($0) }
        }
        return digest.finish()
    }
}

/// A digest under way in libcrypto.
private final class RunningDigest {
    private let context: OpaquePointer

    init() {
        context = EVP_MD_CTX_new()
        let ready = EVP_DigestInit_ex(context, EVP_sha256(), nil)
        precondition(ready == 1, "libcrypto offers no SHA-256")
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    func finish() -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &digest, nil)
        return digest.map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
    }
}
