import AmaraSimulator

/// What came of many runs.
package struct CampaignReport: Sendable, Codable {
    package var seeds = 0
    package var seedsByKind: [String: Int] = [:]
    package var seedsByModel: [String: Int] = [:]
    package var steps = 0
    package var faultySteps = 0
    /// Of the storms.
    package var fewestFaultySteps = Int.max
    package var statements = 0
    package var virtualSeconds = 0.0
    package var seconds = 0.0
    package var posts = 0
    package var accepted = 0
    package var rateLimited = 0
    package var explained = 0
    package var learned = 0
    package var seedsByRule: [String: Int] = [:]
    package var used: [String: Int] = [:]
    package var permitted: [String: Int] = [:]
    package var faults: [String: Int] = [:]
    package var lostCommits: [String: Int] = [:]
    /// Seeds in which each fault struck.
    package var seedsByFault: [String: Int] = [:]
    package var storms = 0
    /// How many storms sent so many POSTs.
    package var stormsByPosts: [Int: Int] = [:]
    package var violations: [SeedResult] = []

    package init() {}

    /// POSTs in saturated runs ÷ those that the rule permits, by rule.
    package var utilisation: [String: Double] {
        permitted.compactMapValues { $0 > 0 ? Double($0) : nil }
            .reduce(into: [:]) { $0[$1.key] = Double(used[$1.key, default: 0]) / $1.value }
    }

    /// Faults that never struck.
    package var missingFaults: [FaultKind] { FaultKind.allCases.filter { faults[$0.rawValue, default: 0] == 0 } }

    /// Statements of which no COMMIT lost its answer.
    package var missingLostCommits: [String] { World.commits.filter { lostCommits[$0, default: 0] == 0 } }

    /// What a campaign of three hundred seeds or more must have seen, and has not.
    package var gaps: [String] {
        missingFaults.map { "never struck: \($0.rawValue)" }
            + missingLostCommits.map { "no COMMIT lost its answer: \($0)" }
            + ["slots", "paced"].filter { utilisation[$0] == nil }.map { "use was not measured: \($0)" }
            + (storms > 0 && fewestFaultySteps < 200 ? ["a storm of \(fewestFaultySteps) faulty steps"] : [])
    }

    package mutating func add(_ result: SeedResult) {
        seeds += 1
        seedsByKind[result.kind.rawValue, default: 0] += 1
        seedsByModel[result.model, default: 0] += 1
        steps += result.steps
        faultySteps += result.faultySteps
        if result.kind == .stormy, result.violation == nil {
            storms += 1
            stormsByPosts[result.posts, default: 0] += 1
            fewestFaultySteps = min(fewestFaultySteps, result.faultySteps)
        }
        statements += result.statements
        virtualSeconds += result.virtualSeconds
        posts += result.posts
        accepted += result.accepted
        rateLimited += result.rateLimited
        explained += result.explained
        learned += result.learned
        seedsByRule[result.rule.rawValue, default: 0] += 1
        if result.kind == .saturated, result.violation == nil {
            permitted[result.rule.rawValue, default: 0] += result.permitted
            used[result.rule.rawValue, default: 0] += result.used
        }
        for (fault, count) in result.faults {
            faults[fault, default: 0] += count
            seedsByFault[fault, default: 0] += 1
        }
        for (name, count) in result.lostCommits { lostCommits[name, default: 0] += count }
        if result.violation != nil { violations.append(result) }
    }

    /// The report as a table for people.
    package var text: String {
        var lines = [
            "seeds          \(seeds) (" + Self.list(seedsByKind) + ")",
            "models         " + Self.list(seedsByModel),
            "steps          \(steps), \(statements) of them statements, \(faultySteps) faulty ones, "
                + "at least \(storms > 0 ? fewestFaultySteps : 0) of these a storm",
            "virtual time   \(Int(virtualSeconds / 86_400)) days in \(Int(seconds)) s",
            "POSTs          \(posts), \(accepted) accepted; a storm sent \(meanPosts) of them, one in ten \(manyPosts) or more",
            "window models  " + Self.list(seedsByRule),
            "429s           \(rateLimited - explained - learned) of our own making, \(explained) explained, "
                + "\(learned) that taught auto",
        ]
        for (rule, utilisation) in utilisation.sorted(by: { $0.key < $1.key }) {
            let share = (utilisation * 10_000).rounded() / 10_000
            let (posts, permitted) = (used[rule, default: 0], permitted[rule, default: 0])
            lines.append("utilisation    \(rule) \(share) (\(posts) POSTs of \(permitted) that the rule permits)")
        }
        lines.append("faults         how often, and in how many seeds")
        for fault in FaultKind.allCases {
            let count = String(faults[fault.rawValue, default: 0])
            let seeds = String(seedsByFault[fault.rawValue, default: 0])
            lines.append("  " + Self.right(count, 9) + Self.right(seeds, 9) + "  " + fault.rawValue)
        }
        lines.append("lost COMMITs   " + Self.list(lostCommits))
        lines.append("violations     \(violations.count)")
        lines += violations.compactMap { result in result.complaint.map { "  " + $0 } }
        return lines.joined(separator: "\n")
    }

    /// POSTs of the mean storm.
    private var meanPosts: Double {
        let posts = stormsByPosts.reduce(0) { $0 + $1.key * $1.value }
        return (Double(posts) * 10 / Double(max(1, storms))).rounded() / 10
    }

    /// What one storm in ten reaches.
    private var manyPosts: Int {
        var above = 0
        for (posts, storms) in stormsByPosts.sorted(by: { $0.key > $1.key }) {
            above += storms
            if above * 10 >= self.storms { return posts }
        }
        return 0
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
