package import MeshmillCore
package import PostgresClient

/// Rotates the master key while workers run: seals every secret anew, a few hundred at a time.
///
/// The new key lies in the database, sealed by the old one, until every worker from before has ended; so workers with
/// the old one go on, and a rotation that was cut off is taken up again with the old one.
package struct Rewrap: Sendable {
    /// Secrets of one transaction.
    static let pieceSize = 500

    private let client: PostgresClient
    private let old: MasterKey
    private let new: MasterKey

    /// Begins a rotation, or goes on with the one that is under way.
    ///
    /// - Parameters:
    ///   - client: the database.
    ///   - old: the installation's master key.
    ///   - wanted: the new one, for a rotation that begins now.
    ///   - reason: why, for the audit log.
    ///   - act: runs a change in a transaction of the person who acts.
    /// - Throws: `MasterKeyError` if the old key does not open the new one of the rotation under way; `PostgresError`.
    package init(
        _ client: PostgresClient,
        from old: MasterKey,
        to wanted: MasterKey,
        reason: String?,
        act: (BeginRewrap) async throws -> BeginRewrap.Row?
    ) async throws {
        self.client = client
        self.old = old
        let begin = BeginRewrap(from: old.id, to: wanted.id, sealed: try old.seal(wanted), reason: reason)
        guard let row = try await act(begin) else { throw MasterKeyError.malformed }
        new = row.toID == wanted.id ? wanted : try old.openMasterKey(row.sealed, id: row.toID)
    }

    /// The key that seals from now on; another one than wanted if a rotation was under way.
    package var newKey: MasterKey { new }

    /// Seals what the old key sealed by the new one, until nothing is left, and ends the rotation.
    ///
    /// - Parameters:
    ///   - onProgress: called after each piece with how many secrets were sealed anew so far.
    ///   - finish: runs the last change in a transaction of the person who acts; returns how many secrets are left.
    /// - Returns: how many secrets were sealed anew by this call.
    /// - Throws: `MasterKeyError` for a secret that neither key opens; `PostgresError`; `CancellationError`: run it again.
    package func run(
        onProgress: (Int) -> Void,
        finish: (FinishRewrap) async throws -> Int64
    ) async throws -> Int {
        var count = 0
        while true {
            let secrets = try await client.query(ListSealedSecrets(notSealedBy: new.id, limit: Self.pieceSize))
            guard !secrets.isEmpty else {
                if try await finish(FinishRewrap(from: old.id, to: new.id)) == 0 { return count }
                continue
            }
            let sealed = try secrets.map { row in
                try new.seal(try old.open(row.secret, keyID: row.keyID), keyID: row.keyID)
            }
            // Only where it is still what was read: a key may be rotated meanwhile.
            count += try await client.query(ReplaceSealedSecrets(secrets, by: sealed)).count
            onProgress(count)
        }
    }
}
