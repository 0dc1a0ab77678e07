package import PostgresClient

/// The jobs that a filter matches, by what is so at this moment.
package struct FindJobs: Statement {
    package struct Filter: Sendable, Hashable {
        /// One of these; nil: any.
        package var statuses: [String]?
        package var errorCode: String?
        /// Of one of these batches; nil: any.
        package var batchIDs: [Int64]?
        package var tenant: String?
        /// Name of the key of its newest POST.
        package var key: String?
        /// Path of its image, in which `*` stands for any text and `?` for one character.
        package var source: String?

        package init() {}

        /// Whether it matches every job.
        package var isEmpty: Bool {
            statuses == nil && errorCode == nil && batchIDs == nil && tenant == nil && key == nil && source == nil
        }
    }

    package struct Row: Sendable, Hashable {
        package var id: Int64
        package var status: String

        package init(id: Int64, status: String) {
            self.id = id
            self.status = status
        }
    }

    package var filter: Filter
    package var limit: Int

    package init(_ filter: Filter, limit: Int) {
        self.filter = filter
        self.limit = limit
    }

    package static let sql = """
        /* FindJobs */
        SELECT job_id, status::text
        FROM meshmill.find_jobs($1, $2, $3, $4, $5, $6, $7)
        """

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(filter.statuses)
        parameters.append(filter.errorCode)
        parameters.append(filter.batchIDs)
        parameters.append(filter.tenant)
        parameters.append(filter.key)
        parameters.append(filter.source)
        parameters.append(limit)
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(id: try row.next(), status: try row.next())
    }
}
