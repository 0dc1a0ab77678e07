import AmaraSimulator

/// What came of many runs.
package struct CampaignReport: Sendable, Codable {
    package var seeds = 0
    package var seedsByKind: [String: Int] = [:]
    package var seedsByModel: [String: Int] = [:]
    package var steps = 0
    package var fewestSteps = Int.max
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
    package var violations: [SeedResult] = []

    package init() {}

    /// POSTs in saturated runs ÷ those that the rule permits, by rule.
    package var utilisation: [String: Double] {
        permitted.compactMapValues { $0 > 0 ? Double($0) : nil }
            .reduce(into: [:]) { $0[$1.key] = Double(used[$1.key, default: 0]) / $1.value }
    }

    /// Faults that never struck.
    package var missingFaults: [FaultKind] { FaultKind.allCases.filter { faults[$0.rawValue, default: 0] == 0 } }

    package mutating func add(_ result: SeedResult) {
        seeds += 1
        seedsByKind[result.kind.rawValue, default: 0] += 1
        seedsByModel[result.model, default: 0] += 1
        steps += result.steps
        fewestSteps = min(fewestSteps, result.steps)
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
        for (fault, count) in result.faults { faults[fault, default: 0] += count }
        if result.violation != nil { violations.append(result) }
    }

    /// The report as a table for people.
    package var text: String {
        var lines = [
            "seeds          \(seeds) (" + Self.list(seedsByKind) + ")",
            "models         " + Self.list(seedsByModel),
            "steps          \(steps), \(statements) of them statements, at least \(fewestSteps) a seed",
            "virtual time   \(Int(virtualSeconds / 86_400)) days in \(Int(seconds)) s",
            "POSTs          \(posts), \(accepted) accepted",
            "window models  " + Self.list(seedsByRule),
            "429s           \(rateLimited - explained - learned) of our own making, \(explained) explained, "
                + "\(learned) that taught auto",
        ]
        for (rule, utilisation) in utilisation.sorted(by: { $0.key < $1.key }) {
            let share = (utilisation * 10_000).rounded() / 10_000
            let (posts, permitted) = (used[rule, default: 0], permitted[rule, default: 0])
            lines.append("utilisation    \(rule) \(share) (\(posts) POSTs of \(permitted) that the rule permits)")
        }
        lines.append("faults")
        for fault in FaultKind.allCases {
            let count = String(faults[fault.rawValue, default: 0])
            lines.append("  " + String(repeating: " ", count: max(0, 9 - count.count)) + count + "  " + fault.rawValue)
        }
        lines.append("violations     \(violations.count)")
        lines += violations.compactMap { result in result.complaint.map { "  " + $0 } }
        return lines.joined(separator: "\n")
    }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
