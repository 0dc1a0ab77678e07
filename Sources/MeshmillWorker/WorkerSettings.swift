/// What a worker is allowed and how long it waits.
package struct WorkerSettings: Sendable {
    /// How long a worker owns its jobs after its last heartbeat (`MESHMILL_LEASE`, default 30 s, at least 2 s).
    package var lease: Duration = .seconds(30)
    /// How long after the claim a POST may take (`MESHMILL_REQUEST_DEADLINE`, default 60 s).
    package var requestDeadline: Duration = .seconds(60)
    /// How long after its deadline a request may still be counted by the provider (`MESHMILL_GRACE`, default 60 s).
    package var grace: Duration = .seconds(60)
    /// Most generations in flight at a time.
    package var concurrency = 20_000
    /// Only this pool's keys and tenants; `nil` is every pool.
    package var pool: Int64?
    /// Only this batch is submitted; `nil` is every batch.
    ///
    /// Orphans are adopted whatever their batch.
    package var batch: Int64?
    /// How long a generation may take before it is given up.
    package var generationLimit: Duration = .seconds(7_200)
    /// How long a generation may take before that is pointed out: three times what the slowest mode takes.
    package var slowGeneration: Duration = .seconds(3 * 480)
    /// Absolute path of the folder for what the database cannot take while it is away; `nil`: memory alone.
    package var spoolFolder: String?
    /// Downloads at a time.
    package var downloads = 16
    /// How often a generation is asked after, once it is not new any more.
    package var pollInterval: Duration = .seconds(5)
    /// Polls at a time.
    package var polls = 200
    /// The longest sleep of the claim loop when nothing is known to come: the poll that is the truth behind NOTIFY.
    package var idlePoll: Duration = .seconds(1)

    /// From the claim to the first byte of the POST; later it is not sent.
    ///
    /// Source: RULINGS, "Send fence".
    package static let sendFence: Duration = .seconds(2)
    /// How long the record of an answer may take before the answer is kept in the spool as well.
    package static let spoolAfter: Duration = .seconds(1)
    /// How long after the last POST's deadline an orderly stop waits for the database.
    static let stopPatience: Duration = .seconds(2)
    /// Most slots taken by one claim.
    package static let claimLimit = 100

    package init() {}
}
