package import FoundationEssentials
package import PostgresClient

/// What a batch already has of up to 1,000 jobs that might be added to it; changes nothing and takes no lock.
///
/// - Returns: a row for each job of which the batch has the output or an equal job; none if there is no such batch.
package struct RehearseJobs: Statement {
    package struct Row: Sendable, Hashable {
        /// The job's position in the request, from 0.
        package var position: Int
        /// The job that has the output; nil: nobody.
        package var outputJobID: Int64?
        /// The job with an equal image and equal parameters; nil: none.
        package var equalJobID: Int64?
        /// State of the equal job.
        package var equalState: String?
    }

    package var tenant: String
    package var out: String
    package var outputs: [String]
    package var fingerprints: [UUID]

    package init(tenant: String, out: String, outputs: [String], fingerprints: [UUID]) {
        self.tenant = tenant
        self.out = out
        self.outputs = outputs
        self.fingerprints = fingerprints
    }

    package static let sql = """
        /* RehearseJobs */
        SELECT u.position - 1, o.job_id, j.id, j.state::text
        FROM unnest($3::text[], $4::uuid[]) WITH ORDINALITY AS u (output, fingerprint, position)
        CROSS JOIN LATERAL (
            SELECT b.id, b.has_old_jobs FROM meshmill.batches AS b JOIN meshmill.tenants AS t ON t.id = b.tenant_id
            WHERE t.name = $1 AND b.out = $2 LIMIT 1
        ) AS b
        LEFT JOIN LATERAL (
            SELECT o.job_id FROM meshmill.outputs AS o WHERE o.batch_id = b.id AND o.output = u.output LIMIT 1
        ) AS o ON true
        LEFT JOIN LATERAL (
            SELECT j.id, j.state FROM meshmill.fingerprints AS f JOIN meshmill.jobs AS j ON j.id = f.job_id
            WHERE f.batch_id = b.id AND f.fingerprint = u.fingerprint
            UNION ALL
            SELECT j.id, j.state FROM meshmill.old_jobs AS j
            WHERE b.has_old_jobs AND j.batch_id = b.id AND j.fingerprint = u.fingerprint
            LIMIT 1
        ) AS j ON true
        WHERE o.job_id IS NOT NULL OR j.id IS NOT NULL
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(tenant)
        parameters.append(out)
        parameters.append(outputs)
        parameters.append(fingerprints)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            position: Int(try row.next(Int64.self)),
            outputJobID: try row.next(),
            equalJobID: try row.next(),
            equalState: try row.next()
        )
    }
}
