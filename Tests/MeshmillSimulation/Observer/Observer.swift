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
    /// In the same order.
    var attemptsOfKey: [Int64: [Int64]] = [:]
    /// By key, then ordinal.
    var slots: [Int64: [Int64: SlotRow]] = [:]
    var accounts: [Account.Name: Account] = [:]
    var keyNames: [Int64: String] = [:]
    var keyStates: [Int64: String] = [:]
    var keyRateLimits: [Int64: Int64] = [:]
    var keyOrgs: [Int64: Int64] = [:]
    var batchStates: [Int64: String] = [:]
    /// What each batch wants done about doubts, and how many failures of its own fail a job.
    var policies: [Int64: String] = [:]
    var mostFailures: [Int64: Int] = [:]
    /// By worker, in lower case.
    var leases: [String: LeaseRow] = [:]
    /// The longest time between two beats of a worker.
    var longestSilence: Duration = .zero
    /// The epochs under which the statement that is being executed moves jobs.
    var carriedEpochs: [Int64: Int64] = [:]
    /// Whether it records an answer that lay in a file.
    var isFromSpool = false
    var isSubmitting = true
    var stoppedAt: Duration?
    var isBreakerOpen = false
    /// When the breaker closed; `nil` while it is open, or was never.
    var rampSince: Duration?
    /// The last probe that was claimed while the breaker was open.
    var breakerProbe: Int64?
    /// Answers of 503 in a row, in the order in which they were recorded.
    var failuresInRow = 0
    /// How many attempts are `submitting`.
    var submittingCount = 0
    /// The window model in force.
    var windowModel = "slots"
    /// By the database's clock: the last step of it that workers took notice of.
    var noticedStep: Int64?
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
    /// Each key's window as it would be, had nobody else used the key.
    var ownWindows: [String: any RateWindow] = [:]
    /// What reached the provider, by attempt.
    var postOfAttempt: [Int64: Post] = [:]
    var imageOfGeneration: [String: String] = [:]
    /// How long each key has to wait for what a 429 said, by the run's own clock.
    var holds: [Int64: Duration] = [:]
    /// Credits that the provider keeps, by what they count against.
    var kept: [Purse: Int64] = [:]
    /// Attempts that the provider charged while a refund that nobody had heard of made up for it.
    var hiddenCharges: Set<Int64> = []
    /// What each attempt's credit counts against, and the limits at its claim.
    var purses: [Int64: [(purse: Purse, limit: Int64?)]] = [:]
    var delivered: Set<String> = []
    var clockSteps: [ClockStep] = []
    /// How far the database's clock had been stepped when it was last looked at.
    var lastSkew: Duration = .zero
    /// When it was first seen to have been stepped so far.
    var lastStepped: Duration?

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
        let clock = databaseInstant(now, skew: skew)
        var touched = Touched()
        for change in changes {
            switch change.table {
            case "jobs": seeJob(change, by: worker, at: clock, &touched)
            case "attempts": seeAttempt(change, by: worker, at: now, &touched)
            case "slots": seeSlot(change, &touched)
            case "keys", "orgs", "tenants", "batches": seeAccount(change, &touched)
            case "ledger": seeLedger(change, &touched)
            case "pending_balances": seePending(change, &touched)
            case "workers": seeWorker(change)
            case "installation": seeInstallation(change, at: now)
            case "breaker": seeBreaker(change, at: now)
            case "window_profile": seeProfile(change, skew: skew)
            default: break
            }
        }
        if lastSkew != skew { (lastSkew, lastStepped) = (skew, now) }
        for name in touched.accounts { checkBalance(name) }
        for attempt in touched.claimed {
            checkLimits(attempt)
            checkStops(attempt, at: now, clock: clock)
            checkNextPost(attempt, at: now, clock: clock)
        }
        if !touched.claimed.isEmpty { noteClaimAfterSteps() }
        checkFailuresInRow(touched.settled)
        for id in touched.ended { if let job = jobs[id] { checkCause(job, at: now, clock: clock) } }
        for key in touched.keys { checkSlots(key, at: now, skew: skew) }
    }

    /// What one statement touched, in order.
    struct Touched {
        private(set) var accounts: [Account.Name] = []
        private(set) var keys: [Int64] = []
        var claimed: [AttemptRow] = []
        /// Attempts whose answers were recorded.
        var settled: [AttemptRow] = []
        /// Jobs that failed or went on hold, and not by a person.
        var ended: [Int64] = []

        mutating func note(_ account: Account.Name) { if !accounts.contains(account) { accounts.append(account) } }
        mutating func note(key: Int64) { if !keys.contains(key) { keys.append(key) } }
    }

    var isByPerson: Bool { action != nil }
}
