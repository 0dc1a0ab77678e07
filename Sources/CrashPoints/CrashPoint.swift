/// A step at which a process can be told to die, so that a test kills it at this very instruction.
///
/// `MESHMILL_CRASH_AT=NAME` kills the process by SIGKILL when it reaches the point first, `NAME:3` the third time.
/// Points are part of every build and do nothing unless that variable is set: what is killed in tests is the binary that
/// ships, and whoever can set the variable could kill the process anyway. Reaching a point costs one comparison.
package enum CrashPoint: String, CaseIterable, Sendable {
    /// A worker is about to ask for slots and jobs.
    case beforeClaim = "before-claim"
    /// Slots and jobs are granted and committed; nothing was sent.
    case afterClaim = "after-claim"
    /// The connection to the provider is open; the body of the POST is about to leave.
    case beforePost = "before-post"
    /// The body of the POST was handed to the connection; its answer was not read.
    case afterPost = "after-post"
    /// The POST is answered; the answer is not recorded.
    case beforeSettle = "before-settle"
    /// The answer is recorded; nothing was done about it.
    case afterSettle = "after-settle"
    /// The first piece of a GLB is in its hidden file.
    case duringDownload = "during-download"
    /// The GLB is whole, verified and hidden.
    case beforeRename = "before-rename"
    /// The GLB has its name; the database does not know.
    case afterRename = "after-rename"
    /// The end of a generation is recorded.
    case afterFinish = "after-finish"
    /// A worker renewed its lease.
    case afterHeartbeat = "after-heartbeat"
    /// Jobs of another worker were taken over; nothing was done about them.
    case afterAdopt = "after-adopt"
    /// An orderly stop is done but for the lease's end.
    case beforeHandOver = "before-hand-over"
    /// Images of a submission are prepared and stored; their jobs are not.
    case beforeIntake = "before-intake"
    /// Jobs of a submission are committed; the submission was not told.
    case afterIntake = "after-intake"

    /// Does nothing, or ends the process, if that is what its environment asks for.
    package func reached() {
        CrashPlan.ofProcess?.reached(self)
    }
}
