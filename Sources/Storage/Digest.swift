import CCrypto
import Foundation

/// SHA-256 digests (FIPS 180-4), as 64 lower-case hexadecimal digits.
public enum Digest {
    /// The digest of bytes in memory.
    public static func sha256(of data: some ContiguousBytes) -> String {
        let digest = RunningDigest()
        data.withUnsafeBytes { digest.update($0) }
        return text(digest.finish())
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
        return text(digest.finish())
    }

    /// A digest in hexadecimal digits.
    static func text(_ digest: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

/// A digest under way in libcrypto.
final class RunningDigest {
    /// Bytes of a digest.
    static let size = 32

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

    /// The digest of all bytes; nothing may follow.
    func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Self.size)
        EVP_DigestFinal_ex(context, &digest, nil)
        return digest
    }
}
