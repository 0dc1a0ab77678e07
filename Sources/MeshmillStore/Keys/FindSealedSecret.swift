import MeshmillCore
import PostgresClient

/// The sealed secret of a key; no row if there is no such key.
struct FindSealedSecret: Statement {
    let keyID: Int64

    static let sql = """
        /* FindSealedSecret */
        SELECT master_key_id, sealed
        FROM meshmill.key_secrets
        WHERE key_id = $1
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(keyID)
    }

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> SealedSecret {
        SealedSecret(masterKeyID: try row.next(), bytes: try row.next())
    }
}
