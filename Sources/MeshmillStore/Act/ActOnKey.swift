package import PostgresClient

/// Pauses, resumes or drains a key by name, and returns its status; ``RemoveKey`` takes it out of use.
///
/// - Throws: the server's `P0002` if there is no such key.
package struct ActOnKey: Statement {
    package enum Action: String, Sendable, PostgresEncodable {
        case pause, resume, drain
    }

    package var action: Action
    package var name: String
    /// When a pause ends by itself; nil: a person ends it.
    package var until: PostgresTimestamp?
    package var reason: String?

    package init(_ action: Action, name: String, until: PostgresTimestamp? = nil, reason: String? = nil) {
        self.action = action
        self.name = name
        self.until = until
        self.reason = reason
    }

    package static let sql = """
        /* ActOnKey */
        SELECT CASE $1::text
            WHEN 'pause' THEN ops.pause_key($2, $3, $4)
            WHEN 'resume' THEN ops.resume_key($2, $4)
            WHEN 'drain' THEN ops.drain_key($2, $4)
        END
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(action)
        parameters.append(name)
        parameters.append(until)
        parameters.append(reason)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String {
        try row.next()
    }
}
