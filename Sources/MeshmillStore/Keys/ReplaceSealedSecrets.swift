import MeshmillCore
import PostgresClient

/// Puts secrets that were sealed anew in the place of those they were read from; a row for each that was still the same.
struct ReplaceSealedSecrets: Statement {
    private let old: [ListSealedSecrets.Row]
    private let new: [SealedSecret]

    init(_ old: [ListSealedSecrets.Row], by new: [SealedSecret]) {
        self.old = old
        self.new = new
    }

    static let sql = """
        /* ReplaceSealedSecrets */
        UPDATE meshmill.key_secrets AS s
        SET master_key_id = n.master_key_id, sealed = decode(n.sealed, 'hex')
        FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS n (key_id, before, master_key_id, sealed)
        WHERE s.key_id = n.key_id AND s.sealed = decode(n.before, 'hex')
        RETURNING s.key_id
        """

    func bind(to parameters: inout PostgresParameters) {
        parameters.append(old.map(\.keyID))
        parameters.append(old.map { Hexadecimal.text($0.secret.bytes) })
        parameters.append(new.map(\.masterKeyID))
        parameters.append(new.map { Hexadecimal.text($0.bytes) })
    }

    static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
