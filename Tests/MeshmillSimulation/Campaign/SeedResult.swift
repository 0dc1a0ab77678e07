import AmaraSimulator

/// What came of one run.
package struct SeedResult: Sendable, Codable {
    package let seed: UInt64
    package let kind: Scenario.Kind
    /// How the simulated provider counted.
    package let model: String
    /// How we spent the slots.
    package let rule: Scenario.Rule
    package var steps = 0
    package var statements = 0
    package var virtualSeconds = 0.0
    package var posts = 0
    package var accepted = 0
    package var rateLimited = 0
    /// 429s that others' use or a stepped clock explain.
    package var explained = 0
    /// 429s that taught `auto` how the provider counts.
    package var learned = 0
    /// POSTs that the rule permitted, in a saturated run, and those of them that were sent.
    package var permitted = 0
    package var used = 0
    /// How often each fault struck, by its words.
    package var faults: [String: Int] = [:]
    /// What must never be; `nil` when nothing was seen.
    package var violation: String?

    /// The violation and whose it is, in one line.
    package var complaint: String? {
        violation.map { "seed \(seed) (\(kind.rawValue), \(rule.rawValue) against \(model)): \($0)" }
    }

    init(_ scenario: Scenario) {
        seed = scenario.seed
        kind = scenario.kind
        model = scenario.model.rawValue
        rule = scenario.rule
    }
}
