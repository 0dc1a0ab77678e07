import MeshmillCore
import PostgresClient

/// Some secrets that another master key than this one seals.
struct ListSealedSecrets: Statement {
    struct Row: Sendable {
        var keyID: Int64
        var secret: SealedSecret
    }

    let masterKeyID: String
    let limit: Int

    init(notSealedBy masterKeyID: String, limit: Int) {
        self.masterKeyID = masterKeyID
        self.limit = limit
    }

    static let sql = """
        /* ListSealedSecrets */
        SELECT key_id, master_key_id, sealed
        FROM meshmill.key_secrets
        WHERE master_key_id NOT IN ($1, '')  -- '': lost with its master key
        ORDER BY key_id
        LIMIT $2
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(masterKeyID)
        parameters.append(limit)
    }

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        let keyID: Int64 = try row.next()
        return Row(keyID: keyID, secret: SealedSecret(masterKeyID: try row.next(), bytes: try row.next()))
    }
}
