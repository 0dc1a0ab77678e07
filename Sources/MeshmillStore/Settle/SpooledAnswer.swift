package import Foundation
package import PostgresClient

/// One answer as it lies in a file while the database is away: the text that `meshmill.settle` reads.
package struct SpooledAnswer: Codable, Sendable, Hashable {
    package let attemptID: Int64
    /// Who was answered; the job becomes that worker's, and is adopted from it if it is gone.
    package let worker: UUID
    /// A JSON array of one record.
    let record: String

    package init(_ answer: AnswerRecord, worker: UUID) {
        attemptID = answer.attemptID
        self.worker = worker
        record = RecordJSON.array([answer])
    }
}

/// Records an answer that lay in a file, if it is to an attempt of the worker it names; recorded before, it changes nothing.
package struct SettleSpooledAnswer: Statement {
    package static let sql = "/* SettleSpooledAnswer */ SELECT meshmill.settle_spooled($1::uuid, $2::bigint, $3::jsonb)"

    package var answer: SpooledAnswer

    package init(_ answer: SpooledAnswer) { self.answer = answer }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(answer.worker)
        parameters.append(answer.attemptID)
        parameters.append(answer.record)
    }
}
