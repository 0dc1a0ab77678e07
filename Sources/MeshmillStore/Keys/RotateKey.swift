package import MeshmillCore
package import PostgresClient

/// Gives a key another secret, sealed for its row; name, history, windows and quota stay.
package struct KeyRotation: Sendable {
    private let masterKey: MasterKey

    /// Makes a rotation that seals with this master key, the installation's.
    package init(masterKey: MasterKey) {
        self.masterKey = masterKey
    }

    /// Changes the secret, in the caller's transaction.
    ///
    /// - Throws: ``KeyError`` if there is no such key or another one has the secret; `MasterKeyError`; `PostgresError`.
    package func run(
        _ name: String,
        to secret: Secret,
        reason: String?,
        on connection: PostgresConnection
    ) async throws {
        try await connection.execute(LockKeyImport())
        if let recorded = try await connection.query(RecordMasterKey(masterKey.id)).first, recorded != masterKey.id {
            throw MasterKeyError.otherKey(expected: recorded, actual: masterKey.id)
        }
        guard let id = try await connection.query(FindKeyNames(names: [name])).first?.id else {
            throw KeyError.unknownKey(name)
        }
        let fingerprint = SecretFingerprint(of: secret)
        let known = try await connection.query(FindKeysByFingerprint(fingerprints: [fingerprint.text])).first
        if let known, known.id != id { throw KeyError.secretTaken(known.name) }
        let sealed = try masterKey.seal(secret, keyID: id)
        try await connection.execute(
            RotateKey(keyID: id, fingerprint: fingerprint.text, sealed: sealed, reason: reason)
        )
    }
}

/// Stores a key's new secret, which is sealed for its row.
struct RotateKey: Statement {
    let keyID: Int64
    let fingerprint: String
    let sealed: SealedSecret
    let reason: String?

    static let sql = """
        /* RotateKey */
        SELECT meshmill.rotate_key($1, $2, $3, $4, $5)
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(keyID)
        parameters.append(fingerprint)
        parameters.append(sealed.masterKeyID)
        parameters.append(sealed.bytes)
        parameters.append(reason)
    }
}
