package import Foundation
package import PostgresClient

/// Ends a worker's lease in order, so that others adopt its jobs at once, and tells them.
package struct HandOver: Statement {
    package static let sql = """
        /* HandOver */
        SELECT meshmill.hand_over($1::uuid), pg_notify('meshmill_orphans', '')
        """

    package var worker: UUID

    package init(worker: UUID) { self.worker = worker }

    package func bind(to parameters: inout PostgresParameters) { parameters.append(worker) }
}
