import AmaraSimulator
import Foundation

/// Judges a run by the provider's log and the database's rows alone; shares no rule with the product's code.
///
/// It keeps the rows as they stand, by following each change, and compares after each step.
final class Observer {
    let scenario: Scenario
    var violation: Violation?

    // The database.
    var jobs: [Int64: JobRow] = [:]
    var jobIDs: [Int64] = []
    var tenantOfJob: [Int64: Int64] = [:]
    var attempts: [Int64: AttemptRow] = [:]
    /// In the order of their claims.
    var attemptsOfJob: [Int64: [Int64]] = [:]
    var newestOfKey: [Int64: Int64] = [:]
    /// By key, then ordinal.
    var slots: [Int64: [Int64: SlotRow]] = [:]
    var accounts: [Account.Name: Account] = [:]
    var keyNames: [Int64: String] = [:]
    var keyStates: [Int64: String] = [:]
    var keyRateLimits: [Int64: Int64] = [:]
    var keyOrgs: [Int64: Int64] = [:]
    /// Attempts whose reserve was neither charged nor released, by the ledger.
    var openReserves: Set<Int64> = []
    /// Attempts that hold a reserved credit, by their rows.
    var reservedCount = 0
    /// Jobs that have not ended and wait for nobody.
    var unfinishedCount = 0

    // The provider's log.
    var jobOfImage: [String: Int64] = [:]
    /// Counted POSTs of ours in the last windows, by key.
    var counted: [String: [Duration]] = [:]
    /// POSTs of others, by key.
    var foreign: [String: [Duration]] = [:]
    /// Generations that were accepted for a job, with the attempt that each was an answer to.
    var accepted: [Int64: [(generation: String, attempt: Int64)]] = [:]
    var imageOfGeneration: [String: String] = [:]
    /// Credits that the provider keeps, by what they count against.
    var kept: [Purse: Int64] = [:]
    /// What each attempt's credit counts against, and the limits at its claim.
    var purses: [Int64: [(purse: Purse, limit: Int64?)]] = [:]
    var delivered: Set<String> = []
    var clockSteps: [Duration] = []

    // What came of it.
    var posts = 0
    var acceptedCount = 0
    var rateLimited = 0
    var explained429 = 0
    /// 429s that taught how the provider counts.
    var learned429 = 0
    var lastLearned429: Duration = .zero
    /// When POSTs were sent and how long their answers took, by key: what an ideal scheduler is compared with.
    var exchanges: [String: [(sent: Duration, took: Duration)]] = [:]
    /// The action of the person in whose name the next change is made.
    private var action: String?

    init(_ scenario: Scenario) { self.scenario = scenario }

    // MARK: Time

    /// What the database's clock says at an instant of the run.
    func databaseInstant(_ now: Duration, skew: Duration) -> Int64 {
        scenario.start + now.microseconds + Int64(Double(now.microseconds) * scenario.drift) + skew.microseconds
    }

    /// When the database's clock will say this, unless it is stepped again.
    func instant(ofDatabase time: Int64, skew: Duration) -> Duration {
        .microseconds(Int64(Double(time - scenario.start - skew.microseconds) / (1 + scenario.drift)))
    }

    func noteClockStep(at now: Duration) { clockSteps.append(now) }

    func noteAction(_ action: String) { self.action = action }

    func noteImage(_ digest: [UInt8], ofJob job: Int64) { jobOfImage[text(digest)] = job }

    /// Lower-case hexadecimal.
    func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    func keyState(named name: String) -> String? {
        keyNames.first { $0.value == name }.flatMap { keyStates[$0.key] }
    }

    // MARK: Judgement

    func report(_ rule: Violation.Rule, _ details: @autoclosure () -> String) {
        if violation == nil { violation = Violation(rule, details()) }
    }

    /// - Throws: the first ``Violation`` that was seen.
    func verdict() throws {
        if let violation { throw violation }
    }

    /// Takes in what one statement changed, which is all or nothing, and checks what it touched.
    func see(_ changes: [RowChange], by worker: UUID?, at now: Duration, skew: Duration) {
        defer { action = nil }
        var touched = Touched()
        for change in changes {
            switch change.table {
            case "jobs": seeJob(change, by: worker, &touched)
            case "attempts": seeAttempt(change, at: now, &touched)
            case "slots": seeSlot(change, &touched)
            case "keys", "orgs", "tenants", "batches": seeAccount(change, &touched)
            case "ledger": seeLedger(change, &touched)
            case "pending_balances": seePending(change, &touched)
            default: break
            }
        }
        for name in touched.accounts { checkBalance(name) }
        for attempt in touched.claimed { checkLimits(attempt) }
        for key in touched.keys { checkSlots(key, at: now, skew: skew) }
    }

    /// What one statement touched, in order.
    struct Touched {
        private(set) var accounts: [Account.Name] = []
        private(set) var keys: [Int64] = []
        var claimed: [AttemptRow] = []

        mutating func note(_ account: Account.Name) { if !accounts.contains(account) { accounts.append(account) } }
        mutating func note(key: Int64) { if !keys.contains(key) { keys.append(key) } }
    }

    var isByPerson: Bool { action != nil }
}
