/// Everything that a simulation lets go wrong, or lets people do; a campaign asserts that each did happen.
package enum FaultKind: String, Sendable, CaseIterable, Codable {
    // A POST and its answer.
    case answerLostBeforeCounting = "answer lost, not counted"
    case answerLostAfterCounting = "answer lost, counted"
    case straggler = "counted after the failure was seen"
    case answerTooLate = "answer after the deadline"
    case connectionFailed = "no connection"
    case fencePassed = "send fence passed"
    case providerUnavailable = "503"
    case outage = "provider outage"
    case internalError = "500 on a POST"
    case badGateway = "502 over a generation"
    case page = "HTML with 200"
    case badJSON = "broken JSON"
    case creditError = "402 CREDIT_ERROR"
    case bareRateLimit = "429 without a body"
    case absurdRetryAfter = "429 with an absurd wait"

    // Generations and files.
    case generationFailed = "generation failed"
    case generationEndless = "generation without end"
    case refundLate = "refund late"
    case refundAbsent = "refund announced, never made"
    case refundUnflagged = "refund not announced"
    case readFailed = "poll or download failed"
    case badFile = "damaged GLB"
    case siblingAsked = "generation asked for with a sibling key"
    case breakerProbed = "open breaker probed"

    // The provider's side of the account.
    case monthTurn = "month turned at the provider"
    case topUp = "credits topped up"
    case orgDrained = "credits spent by others"
    case keyRefused = "key refused for a while"
    case providerLimitLowered = "monthly limit lowered at the provider"
    case foreignUse = "key used by others"

    // Processes.
    case workerKilled = "worker killed"
    case workerFrozen = "worker frozen and revived"
    case workerStopped = "worker stopped in order"
    case workerStarted = "worker started"
    case answerSpooled = "answer recorded from the spool"
    case meshSpooled = "GLB fetched into the spool"
    case readerDied = "worker died while it read a GLB"
    case stopGaveUp = "stop gave up on the database"
    case writtenTogether = "writes of one worker in one batch"

    // The database.
    case statementLost = "statement never arrived"
    case commitAnswerLost = "COMMIT without an answer"
    case databaseDown = "database away"
    case databaseSlow = "slow statement"
    case rowsHeld = "rows held by others"
    case commitWarned = "COMMIT with a warning"
    case clockForward = "database clock stepped forward"
    case clockBackward = "database clock stepped back"

    // People.
    case keyPaused = "key paused"
    case tenantPaused = "tenant paused"
    case batchPaused = "batch paused"
    case switchedOff = "submitting stopped"
    case jobsCancelled = "jobs cancelled"
    case jobsHeld = "jobs held"
    case jobsRetried = "jobs retried"
    case jobsReleased = "jobs released"
    case rateLimitChanged = "rate limit changed live"
    case quotaChanged = "monthly quota changed live"
    case windowChanged = "rate window changed live"
    case marginChanged = "margin changed live"
    case modelChanged = "window model changed live"
    case weightChanged = "weight changed"
    case jobsAdded = "jobs added in mid-run"
    case jobsArchived = "ended jobs put away"

    /// The fault of a request that the simulated provider's log names; `nil` for what is none of these.
    init?(logged name: String) {
        switch name {
        case "lost_before_counting": self = .answerLostBeforeCounting
        case "lost_after_counting": self = .answerLostAfterCounting
        case "backend_timeout", "backend_error": self = .providerUnavailable
        case "outage": self = .outage
        case "credit_error": self = .creditError
        case "internal_error": self = .internalError
        case "bad_gateway": self = .badGateway
        case "html": self = .page
        case "bad_json": self = .badJSON
        case "bare_rate_limit": self = .bareRateLimit
        case "absurd_retry_after": self = .absurdRetryAfter
        case "truncated_file", "short_file", "corrupt_file", "html_file": self = .badFile
        default: return nil
        }
    }
}
