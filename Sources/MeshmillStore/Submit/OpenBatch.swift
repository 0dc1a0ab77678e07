package import PostgresClient

/// Finds or makes the batch of a tenant and an output folder, and opens it for jobs.
///
/// Submitting to the same folder again continues the same batch; what is given then takes the place of what was given
/// before. A batch that a person paused stays paused.
///
/// - Returns: one row, or none if there is no such tenant.
package struct OpenBatch: Statement {
    /// The tenant's name.
    package var tenant: String
    /// Absolute, canonical path of the output folder.
    package var out: String
    /// Cap of credits; nil: as before, or none.
    package var maxCredits: Int64?
    /// How often a job may fail by its own fault; nil: as before, or 3.
    package var maxAttempts: Int?
    /// What happens to a job whose POST has no answer: evidence, retry, hold or fail; nil: as before, or `evidence`.
    package var onAmbiguous: String?

    package init(
        tenant: String,
        out: String,
        maxCredits: Int64? = nil,
        maxAttempts: Int? = nil,
        onAmbiguous: String? = nil
    ) {
        self.tenant = tenant
        self.out = out
        self.maxCredits = maxCredits
        self.maxAttempts = maxAttempts
        self.onAmbiguous = onAmbiguous
    }

    package struct Row: Sendable, Hashable {
        package var batchID: Int64
        /// Whether a person paused it: jobs are taken in, but none is submitted.
        package var isPaused: Bool
        /// Whether nothing was submitted to this folder before.
        package var isNew: Bool
    }

    package static let sql = """
        /* OpenBatch */
        SELECT batch_id, state = 'paused', is_new
        FROM meshmill.open_batch($1, $2, $3, $4, $5)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(tenant)
        parameters.append(out)
        parameters.append(maxCredits)
        parameters.append(maxAttempts)
        parameters.append(onAmbiguous)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(batchID: try row.next(), isPaused: try row.next(), isNew: try row.next())
    }
}
