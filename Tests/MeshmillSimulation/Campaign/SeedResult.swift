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
    /// Those until the storm was over.
    package var faultySteps = 0
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
    /// How often a statement changed rows and its worker never heard of it, by name.
    package var lostCommits: [String: Int] = [:]
    /// What must never be; `nil` when nothing was seen.
    package var violation: String?
    /// Whether it came again, the same, in a database of its own; `nil` when it was not tried.
    package var isRepeated: Bool?

    /// The violation, whose it is and how to see it again.
    package var complaint: String? {
        guard let violation else { return nil }
        let repetition =
            switch isRepeated {
            case true?: "again in a fresh database by"
            case false?: "but not in a fresh database, so what ran before it matters; not by"
            case nil: "see"
            }
        return "seed \(seed) (\(kind.rawValue), \(rule.rawValue) against \(model)): \(violation); "
            + "\(repetition) scripts/simulate --seed \(seed) --kind \(kind.rawValue)"
    }

    init(_ scenario: Scenario) {
        seed = scenario.seed
        kind = scenario.kind
        model = scenario.model.rawValue
        rule = scenario.rule
    }
}
