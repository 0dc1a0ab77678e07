/// A job as the database has it.
struct JobRow {
    let id: Int64
    let batch: Int64
    var state: String
    var epoch: Int64
    var worker: String?
    var attempt: Int64?
    var unknowns: Int64
    /// Whether a person holds it, and not a doubt.
    var isHeldByPerson = false

    static let ended: Set<String> = ["completed", "failed", "cancelled", "held"]

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
}

/// A slot as the database has it.
struct SlotRow {
    var attempt: Int64?
    /// By the database's clock.
    var freeAt: Int64
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
    var isParked = false

    /// What answers left to be added to the row, which was busy.
    var pendingReserved: Int64 = 0
    /// Likewise, by the month that it counts in; under `nil` without months.
    var pendingUsed: [Int64?: Int64] = [:]

    var foldedReserved: Int64 = 0
    var foldedUsed: Int64 = 0
}

/// What a credit is taken from: an account, and of one that counts by the month, that month.
struct Purse: Hashable {
    let account: Account.Name
    let period: Int64?
}
