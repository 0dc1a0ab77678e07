/// Something that must never be, seen by the observer.
package struct Violation: Error, Sendable, CustomStringConvertible {
    /// What was violated.
    package enum Rule: String, Sendable, CaseIterable, Codable {
        case unexplained429 = "a 429 of our own making"
        case slotsTooEarly = "slots would let more POSTs out than the window holds"
        case postWithoutIntent = "a POST without an intent in the database"
        case overlappingPosts = "a POST arrived after the key's next was claimed"
        case generatedTwice = "a job generated again though no attempt was in doubt"
        case overspent = "used and reserved above a limit"
        case ledgerDrift = "a cached balance is not the fold of its ledger"
        case badMove = "a job moved in a way that it must not"
        case zombieWrite = "a worker moved a job that it did not own"
        case completedWithoutFile = "a job is completed whose GLB was not delivered"
        case wrongMesh = "a job got another job's mesh"
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
