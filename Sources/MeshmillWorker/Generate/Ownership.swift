import MeshmillCore
package import MeshmillStore
import Synchronization

/// Whether this worker owns a generation's job: not known until the answer to its POST is recorded.
///
/// Polling does not wait for that, since results expire whether or not the database is there.
package final class Ownership: Sendable {
    package enum State: Sendable, Hashable {
        /// The answer is not recorded yet.
        case pending
        /// The job is ours, under this epoch.
        case ours(epoch: Int64)
        /// The job has another owner or fate.
        case lost
    }

    private let value: Mutex<State>

    package init(_ state: State) { value = Mutex(state) }

    package var state: State { value.withLock { $0 } }

    /// Takes in what became of the answer; `nil`: it could not be recorded.
    package func settle(_ row: SettleAnswers.Row?, claimedUnder epoch: Int64) {
        value.withLock { value in
            guard let row, row.jobState == .generating else {
                value = .lost
                return
            }
            // Recorded before, by a COMMIT whose answer was lost or from the spool, the job did not move once more.
            let isOurs = row.isMoved || !row.isAccepted && row.leaseEpoch == epoch
            value = isOurs ? .ours(epoch: row.leaseEpoch) : .lost
        }
    }
}
