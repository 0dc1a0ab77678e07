package import Foundation
package import PostgresClient

/// Records how generations ended, in one transaction.
///
/// - Returns: a row for each attempt: its id, and whether it was accepted; `false` when the job has another owner or
///   another fate by now, and then nothing of the job was written.
package struct FinishGenerations: Statement {
    package static let sql = """
        /* FinishGenerations */
        SELECT attempt_id, accepted FROM meshmill.finish($1::uuid, $2::jsonb)
        """

    package let worker: UUID
    package let results: [GenerationResult]

    /// - Parameters:
    ///   - worker: who records them.
    ///   - results: of several for one attempt the first counts.
    package init(worker: UUID, results: [GenerationResult]) {
        self.worker = worker
        var known: Set<Int64> = []
        self.results = results.filter { known.insert($0.attemptID).inserted }
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(worker)
        parameters.append(RecordJSON.array(results))
    }

    package static func decode(
        _ row: inout PostgresRowReader
    ) throws(PostgresError) -> (attemptID: Int64, isAccepted: Bool) {
        (try row.next(), try row.next())
    }
}
