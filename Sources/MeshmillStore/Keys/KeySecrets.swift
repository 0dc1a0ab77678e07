package import MeshmillCore
package import PostgresClient
import Synchronization

/// The secrets of provider keys, opened when first asked for and kept in memory.
///
/// A key's id and its secret belong together for good, so what is kept never gets stale.
package final class KeySecrets: Sendable {
    private let client: PostgresClient
    private let masterKey: MasterKey
    private let opened = Mutex<[Int64: Secret]>([:])

    /// Makes a look-up that has opened nothing yet.
    package init(_ client: PostgresClient, masterKey: MasterKey) {
        self.client = client
        self.masterKey = masterKey
    }

    /// The secret of a key; nil if there is no such key.
    ///
    /// - Throws: `MasterKeyError` if this master key does not open it; `PostgresError`; `CancellationError`.
    package func secret(ofKey id: Int64) async throws -> Secret? {
        if let secret = opened.withLock({ $0[id] }) { return secret }
        guard let sealed = try await client.query(FindSealedSecret(keyID: id)).first else { return nil }
        let secret = try masterKey.open(sealed, keyID: id)
        opened.withLock { $0[id] = secret }
        return secret
    }
}
