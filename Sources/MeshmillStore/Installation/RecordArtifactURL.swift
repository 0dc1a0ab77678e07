package import PostgresClient

/// Records the artifact store's address, unless one is recorded, and returns the one that counts.
package struct RecordArtifactURL: Statement {
    /// Absolute address.
    package var url: String

    package init(_ url: String) {
        self.url = url
    }

    package static let sql = """
        /* RecordArtifactURL */
        UPDATE meshmill.installation
        SET artifact_url = coalesce(artifact_url, $1)
        RETURNING artifact_url
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(url)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> String {
        try row.next()
    }
}
