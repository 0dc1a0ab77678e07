import Foundation
import PostgresClient

/// What a database's server has used, read at two moments to tell what a stretch of work cost it.
struct ServerMeter: Sendable {
    /// Bytes of write-ahead log.
    let log: Double
    /// Processor time of all the server's processes, in seconds; NaN for a server on another machine.
    let processor: Double
    let commits: Double
    let deadlocks: Double

    /// Reads all of it; sessions that worked before must be closed, or their last commits are not in it yet.
    static func read(_ bench: Workbench, _ connectionString: String) async throws -> ServerMeter {
        try await bench.withConnection(to: connectionString) { connection in
            let row =
                try await connection.simpleQuery(
                    """
                    SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn, d.xact_commit, d.deadlocks, pg_backend_pid()
                    FROM pg_stat_database AS d WHERE d.datname = current_database()
                    """
                ).rows.first ?? []
            let numbers = row.map { $0.flatMap(Double.init) ?? .nan }
            guard numbers.count == 4 else { throw BenchError("the server did not say what it has used") }
            return ServerMeter(
                log: numbers[0],
                processor: ProcessTable.serverSeconds(ofBackend: Int(numbers[3])),
                commits: numbers[1],
                deadlocks: numbers[2]
            )
        }
    }

    /// What was used between an earlier reading and this one, a job.
    func cost(since earlier: ServerMeter, jobs: Int) -> (log: Double, microseconds: Double, commits: Double) {
        let jobs = Double(max(jobs, 1))
        return (
            (log - earlier.log) / jobs, (processor - earlier.processor) * 1e6 / jobs, (commits - earlier.commits) / jobs
        )
    }
}
