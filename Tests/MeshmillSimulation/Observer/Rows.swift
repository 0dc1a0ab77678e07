/// A job as the database has it.
struct JobRow {
    let id: Int64
    let batch: Int64
    var state: String
    var epoch: Int64
    /// Lower case, as the database writes it.
    var worker: String?
    var attempt: Int64?
    var unknowns: Int64
    /// Whether a person holds it, and not a doubt.
    var isHeldByPerson = false
    /// Whether a person ever did something to it.
    var isTouched = false
    /// The newest attempt when a person last ran it anew: those up to it count against it no more.
    var forgiven: Int64 = 0

    static let ended: Set<String> = ["completed", "failed", "cancelled"]
    /// Those in which a worker owns it.
    static let inFlight: Set<String> = ["submitting", "generating", "downloading"]

    var hasEnded: Bool { Self.ended.contains(state) }
}

/// An attempt as the database has it; times are the database's.
struct AttemptRow {
    let id: Int64
    let job: Int64
    let key: Int64
    let batch: Int64
    var state: String
    var credits: Int64
    let claimedAt: Int64
    let countedBy: Int64
    var generation: String?
    let isProbe: Bool
    var isReserved: Bool
    var isPaidTwice: Bool

    /// When it was claimed, by the run's own clock.
    var claimed: Duration = .zero
    /// Who claimed it.
    var worker: String?
    /// The window model in force at its claim.
    var model = "slots"
    /// When it was first put in doubt, by the run's own clock.
    var doubted: Duration?
    /// Whether somebody else than its worker put it in doubt.
    var isWorkerLost = false

    /// Whether the database still waits for its answer, or has given that up.
    var isUnanswered: Bool { state == "submitting" || state == "unknown" }
    /// Whether it is in doubt, and not known to have cost nothing.
    var isDoubt: Bool { state == "unknown" && (isReserved || credits > 0) }
    /// Whether its answer was lost, and it is known to have cost nothing.
    var isFree: Bool { state == "unknown" && !isReserved && credits == 0 }
}

/// A slot as the database has it.
struct SlotRow {
    var attempt: Int64?
    /// By the database's clock.
    var freeAt: Int64
}

/// A worker's lease as the database has it; times are the database's.
struct LeaseRow {
    var until: Int64
    /// Since when it never ran out.
    var unbrokenSince: Int64
    /// How often it was written.
    var beats: Int
    var isStopped: Bool
}

/// Something that credits are counted against, as its row says and as its ledger adds up.
struct Account {
    enum Name: Hashable {
        case key(Int64), org(Int64), tenant(Int64), batch(Int64)
    }

    var reserved: Int64 = 0
    var used: Int64?
    /// Our cap.
    var limit: Int64?
    /// What the provider said.
    var providerLimit: Int64?
    var providerUsed: Int64?
    var period: Int64?
    /// Until when an org waits, by the database's clock; `nil`: it does not.
    var parkedUntil: Int64?
    var isPaused = false

    /// What answers left to be added to the row, which was busy.
    var pendingReserved: Int64 = 0
    /// Likewise, by the month that it counts in; under `nil` without months.
    var pendingUsed: [Int64?: Int64] = [:]

    var foldedReserved: Int64 = 0
    var foldedUsed: Int64 = 0

    /// What is spent or promised of the present month, what is not in the row yet included.
    var spoken: Int64 { (used ?? 0) + pendingUsed[period, default: 0] + reserved + pendingReserved }
}

/// What a credit is taken from: an account, and of one that counts by the month, that month.
struct Purse: Hashable {
    let account: Account.Name
    let period: Int64?
}

/// One POST as it reached the provider, and what its worker read of the answer.
struct Post {
    let arrived: Duration
    let status: Int?
    /// The generation that it made, if any, and how that ends.
    let generation: Generation?
    /// What a 429 told to wait, from 1 s to one window; a whole window where it told nothing of use.
    let wait: Duration
    /// Whether the answer was whole and in order.
    let isPlain: Bool
    /// Whether its worker has read the answer.
    var isHeard = false
}

/// A generation as the provider's log has it.
struct Generation {
    let id: String
    let hasFailed: Bool
    let isEndless: Bool
    /// When it ends, and when its files are gone.
    let ends: Duration
    let expires: Duration
}
