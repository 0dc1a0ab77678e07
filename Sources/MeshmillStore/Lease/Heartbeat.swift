package import Foundation
package import PostgresClient

/// Renews a worker's lease, or takes it first.
package struct Heartbeat: Statement {
    package static let sql = """
        /* Heartbeat */
        SELECT unbroken_for, submitting FROM meshmill.heartbeat($1::uuid, $2::text, $3::text, $4::interval)
        """

    package var worker: UUID
    /// Host and process id, for people.
    package var name: String
    package var version: String
    package var lease: Duration

    package init(worker: UUID, name: String, version: String, lease: Duration) {
        self.worker = worker
        self.name = name
        self.version = version
        self.lease = lease
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(worker)
        parameters.append(name)
        parameters.append(version)
        parameters.append(lease)
    }

    /// Since when the lease was renewed without a gap, and whether the switch allows POSTs.
    package static func decode(
        _ row: inout PostgresRowReader
    ) throws(PostgresError) -> (unbrokenFor: Duration, isSubmitting: Bool) {
        (try row.next(), try row.next())
    }
}
