/// What a GLB that passed every check is known by.
package struct VerifiedGLB: Sendable, Hashable {
    /// The file's length in bytes.
    package let bytes: Int64
    /// SHA-256 of the whole file, 32 bytes.
    package let sha256: [UInt8]

    package init(bytes: Int64, sha256: [UInt8]) {
        self.bytes = bytes
        self.sha256 = sha256
    }
}
