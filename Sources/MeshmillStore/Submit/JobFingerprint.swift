import Crypto
package import FoundationEssentials

/// What makes two jobs of a batch one: an equal prepared image and equal parameters.
package enum JobFingerprint {
    /// The first 16 bytes of a SHA-256 over the image's hash and each parameter with its length.
    ///
    /// Whether a parameter was typed or is the default makes no difference; the submitter states them all.
    package static func of(
        inputSHA256: [UInt8],
        mode: String,
        prompt: String?,
        seed: Int64,
        decimationTarget: Int,
        textureSize: Int
    ) -> UUID {
        var hash = SHA256()
        func add(_ bytes: [UInt8]) {
            withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: bytes)
        }
        add(Array("meshmill/job/v1".utf8))
        add(inputSHA256)
        add(Array(mode.utf8))
        // An empty prompt is none.
        add(Array((prompt ?? "").utf8))
        add(Array(String(seed).utf8))
        add(Array(String(decimationTarget).utf8))
        add(Array(String(textureSize).utf8))
        let bytes = Array(hash.finalize().prefix(16))
        return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
