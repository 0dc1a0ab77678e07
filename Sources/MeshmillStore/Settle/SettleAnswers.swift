package import Foundation
package import MeshmillCore
package import PostgresClient

/// Records answers to POSTs, and those that will never come, in one transaction.
///
/// - Returns: a row for each answer whose attempt exists.
package struct SettleAnswers: Statement {
    package static let sql = """
        /* SettleAnswers */
        SELECT attempt_id, accepted, moved, job_state, lease_epoch FROM meshmill.settle($1::uuid, $2::jsonb)
        """

    /// What became of one answer.
    package struct Row: Sendable, Hashable {
        package let attemptID: Int64
        /// Whether this was the first answer for its attempt; otherwise nothing was written.
        package let isAccepted: Bool
        /// Whether the job followed it.
        package let isMoved: Bool
        /// The job's state now.
        package let jobState: JobState?
        /// The job's epoch now.
        package let leaseEpoch: Int64
    }

    package let worker: UUID
    package let answers: [AnswerRecord]

    /// - Parameters:
    ///   - worker: who records them.
    ///   - answers: of several for one attempt the first counts, as it does between transactions.
    package init(worker: UUID, answers: [AnswerRecord]) {
        self.worker = worker
        var known: Set<Int64> = []
        self.answers = answers.filter { known.insert($0.attemptID).inserted }
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(worker)
        parameters.append(RecordJSON.array(answers))
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(
            attemptID: try row.next(),
            isAccepted: try row.next(),
            isMoved: try row.next(),
            jobState: JobState(rawValue: try row.next(String.self)),
            leaseEpoch: try row.next()
        )
    }
}
