/// Something that must never be, seen by the observer.
package struct Violation: Error, Sendable, CustomStringConvertible {
    /// What was violated.
    package enum Rule: String, Sendable, CaseIterable, Codable {
        case unexplained429 = "a 429 of our own making"
        case slotsTooEarly = "slots would let more POSTs out than the window holds"
        case postWithoutIntent = "a POST without an intent in the database"
        case overlappingPosts = "a POST arrived after the key's next was claimed"
        case generatedTwice = "an attempt was sent twice"
        case overspent = "used and reserved above a limit"
        case ledgerDrift = "a cached balance is not the fold of its ledger"
        case badMove = "a job moved in a way that it must not"
        case zombieWrite = "a worker moved a job that it did not own"
        case completedWithoutFile = "a job is completed whose GLB was not delivered"
        case wrongMesh = "a job got another job's mesh"
        case boughtAgain = "a job was sent again though it had a good generation"
        case sentTooSoon = "a job or key sent again while its last POST could still be counted"
        case againstPolicy = "a job was sent again against its batch's policy for doubts"
        case answerForgotten = "an answer that was read is not what was recorded"
        case unsentButCounted = "a POST that is recorded as never sent reached the provider"
        case endedWithoutCause = "a job ended without a cause"
        case noLease = "a worker without a lease took a job"
        case adoptedFromLiving = "a job was taken from a worker that had not lost its lease"
        case adoptedTooSoon = "a job was adopted by a worker that had been cut off itself"
        case stopPassed = "a POST went past a stop"
        case holdPassed = "a key sent before a 429's wait was over"
        case breakerClosed = "the breaker is closed after three failures in a row"
        case tooMany = "more POSTs of ours in a window than its limit"
        case tooClose = "POSTs closer together than the window model lets them be"
        case paidTwiceHidden = "a job was paid for twice, and it is not shown"
        case stepUnnoticed = "a jump of the database's clock that workers did not notice"
        case uncounted = "the provider took a credit of which nothing is known"
        case stuck = "jobs that nothing will move"
        case openReserve = "a credit that stays reserved"
        case statementFailed = "a statement failed"
        case unlearned = "the window model was not learned in time"
        case auditFailed = "the product's own audit found something"
        case wastedSlots = "less was used than the rule permits"
    }

    package let rule: Rule
    package let details: String

    init(_ rule: Rule, _ details: String) {
        self.rule = rule
        self.details = details
    }

    package var description: String { "\(rule.rawValue): \(details)" }
}
