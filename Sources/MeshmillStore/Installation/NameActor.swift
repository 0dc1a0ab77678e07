package import PostgresClient

/// Names the person who acts, for the audit log, until the transaction ends.
package struct NameActor: Statement {
    /// `MESHMILL_ACTOR` or the login name.
    package var actor: String

    package init(_ actor: String) {
        self.actor = actor
    }

    package static let sql = """
        /* NameActor */
        SELECT set_config('meshmill.actor', $1, true)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(actor)
    }
}
