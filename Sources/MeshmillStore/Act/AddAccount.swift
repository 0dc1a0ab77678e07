package import PostgresClient

/// Adds an org or a pool, and returns the id of the audit entry; ``AddTenant`` adds tenants.
///
/// - Throws: the server's check violation if the name is taken.
package struct AddAccount: Statement {
    /// Not `tenant`.
    package var account: Account
    package var name: String
    package var reason: String?

    package init(_ account: Account, name: String, reason: String? = nil) {
        self.account = account
        self.name = name
        self.reason = reason
    }

    package static let sql = """
        /* AddAccount */
        SELECT CASE $1::text WHEN 'org' THEN ops.add_org($2, $3) WHEN 'pool' THEN ops.add_pool($2, $3) END
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(account)
        parameters.append(name)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Int64 {
        try row.next()
    }
}
