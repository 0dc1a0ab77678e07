import MeshmillStore
import PostgresClient

/// A change of many jobs: counted and shown before, then done in pieces to exactly those that were shown.
struct JobsChange {
    /// Jobs of one transaction.
    static let pieceSize = 1_000
    /// The most jobs of one command.
    static let limit = 1_000_000

    /// What is done, after "would" and before a number of jobs.
    var verb: String
    /// What was done, after a number of jobs.
    var done: String
    /// The statuses of jobs that it applies to.
    var statuses: Set<String>
    /// Changes jobs, and returns the ids of those that it applied to.
    var apply: @Sendable (_ ids: [Int64], _ connection: PostgresConnection) async throws -> [Int64]

    /// What became of the jobs.
    struct Outcome {
        /// How many were changed.
        var changed = 0
        /// Those that it no longer applied to.
        var skipped: [Int64] = []
        /// Those that could not be changed, with the reason.
        var failed: [(id: Int64, error: String)] = []
    }

    /// One of the actions on jobs.
    static func action(_ action: JobAction, reason: String?) -> JobsChange {
        JobsChange(
            verb: action.rawValue,
            done: action.done,
            // A held job may be retried as well as released.
            statuses: action == .retry ? action.statuses.union(["held"]) : action.statuses
        ) { ids, connection in
            try await connection.query(ActOnJobs(action, jobIDs: ids, reason: reason))
        }
    }

    /// Changes these jobs, a piece at a time, so that no transaction is long.
    ///
    /// A piece that the database refuses is halved until the job is found that it cannot be done to.
    ///
    /// - Throws: `PostgresError` for what is no single job's fault; `CancellationError`. What was done stays done.
    func run(on ids: [Int64], in installation: Installation) async throws -> Outcome {
        var outcome = Outcome()
        var pieces = stride(from: 0, to: ids.count, by: Self.pieceSize)
            .map { ids[$0..<min($0 + Self.pieceSize, ids.count)] }
        pieces.reverse()
        while let piece = pieces.popLast() {
            do {
                let changed = Set(try await installation.act { try await apply(Array(piece), $0) })
                outcome.changed += changed.count
                outcome.skipped += piece.filter { !changed.contains($0) }
            } catch let error as PostgresError where Self.isOfOneJob(error) {
                if piece.count == 1, let id = piece.first {
                    outcome.failed.append((id, "\(error)"))
                } else {
                    let middle = piece.startIndex + piece.count / 2
                    pieces += [piece[middle...], piece[..<middle]]
                }
            }
        }
        return outcome
    }

    /// Whether a row's own values were refused.
    private static func isOfOneJob(_ error: PostgresError) -> Bool {
        guard let state = error.sqlState?.classState else { return false }
        return state == .integrityConstraintViolation || state == .dataException
    }
}
