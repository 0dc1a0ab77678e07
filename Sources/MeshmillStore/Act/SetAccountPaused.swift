package import PostgresClient

/// Pauses a tenant, an org or a pool, or ends that, and returns the id of the audit entry.
///
/// - Throws: the server's `P0002` if there is none of that name.
package struct SetAccountPaused: Statement {
    package var account: Account
    package var name: String
    package var isPaused: Bool
    package var reason: String?

    package init(_ account: Account, name: String, isPaused: Bool, reason: String? = nil) {
        self.account = account
        self.name = name
        self.isPaused = isPaused
        self.reason = reason
    }

    package static let sql = """
        /* SetAccountPaused */
        SELECT CASE $1::text
            WHEN 'tenant' THEN CASE WHEN $3 THEN ops.pause_tenant($2, $4) ELSE ops.resume_tenant($2, $4) END
            WHEN 'org' THEN CASE WHEN $3 THEN ops.pause_org($2, $4) ELSE ops.resume_org($2, $4) END
            WHEN 'pool' THEN CASE WHEN $3 THEN ops.pause_pool($2, $4) ELSE ops.resume_pool($2, $4) END
        END
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(name)
        parameters.append(isPaused)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
