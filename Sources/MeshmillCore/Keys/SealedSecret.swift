/// A provider key's secret as it may lie in a database and in its dumps.
package struct SealedSecret: Sendable, Hashable {
    /// Which master key opens it: ``MasterKey/id``.
    package var masterKeyID: String
    /// Nonce (12 bytes), ciphertext, tag (16 bytes).
    package var bytes: [UInt8]

    package init(masterKeyID: String, bytes: [UInt8]) {
        self.masterKeyID = masterKeyID
        self.bytes = bytes
    }
}
