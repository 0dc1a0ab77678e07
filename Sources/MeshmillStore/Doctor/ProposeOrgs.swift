package import PostgresClient

/// Pairs of orgs whose reported credits move together, so that they are likely one account at the provider.
package struct ProposeOrgs: Statement {
    package struct Row: Sendable, Hashable {
        /// The older org.
        package var one: String
        package var other: String
    }

    package init() {}

    package static let sql = """
        /* ProposeOrgs */
        SELECT p.same_as, p.org FROM meshmill.propose_orgs() AS p ORDER BY p.same_as, p.org
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(one: try row.next(), other: try row.next())
    }
}
