package import FoundationEssentials
package import PostgresClient

/// What every process of this installation must agree on.
package struct ReadInstallation: Statement {
    package init() {}

    package struct Row: Sendable, Hashable {
        /// Random name of the installation.
        package var id: UUID
        /// The master key that seals provider keys; nil: no key was stored yet.
        package var masterKeyID: String?
        /// Absolute address of the artifact store; nil: nothing was submitted yet.
        package var artifactURL: String?
        /// The switch; false stops every new POST.
        package var isSubmitting: Bool
    }

    package static let sql = """
        /* ReadInstallation */
        SELECT id, master_key_id, artifact_url, submitting
        FROM meshmill.installation
        """

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            id: try row.next(),
            masterKeyID: try row.next(),
            artifactURL: try row.next(),
            isSubmitting: try row.next()
        )
    }
}
