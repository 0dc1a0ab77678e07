package import PostgresClient

/// Changes settings of a tenant, an org or a pool by name, and returns the id of the audit entry.
///
/// - Throws: the server's `P0002` if there is none of that name.
package struct ChangeAccount: Statement {
    private let account: Account
    private let name: String
    /// The changes as a JSON object.
    private let changes: String
    private let reason: String?

    package init(_ account: Account, name: String, _ changes: AccountChanges, reason: String? = nil) throws {
        self.account = account
        self.name = name
        self.changes = try changes.json
        self.reason = reason
    }

    package static let sql = """
        /* ChangeAccount */
        SELECT CASE $1::text
            WHEN 'tenant' THEN ops.set_tenant($2, $3, $4)
            WHEN 'org' THEN ops.set_org($2, $3, $4)
            WHEN 'pool' THEN ops.set_pool($2, $3, $4)
        END
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(name)
        parameters.append(changes)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
