import MeshmillStore
import PostgresClient

extension Doctor {
    /// What was learned of the provider's windows, and why.
    func windows() async throws -> [Finding] {
        guard let model = try await client.query(ReadWindowModel()).first else { return [] }
        var findings = [windowModel(model)]
        if let now = try await client.query(ReadClock()).first {
            let cure = "nothing: the keys waited, or wait, until the provider has forgotten what was sent meanwhile"
            if let at = model.restoredAt, let restored = model.restored, at.advanced(by: .seconds(86_400)) > now {
                findings.append(.warning("restore", "\(restored), \(at.short)", cure: cure))
            }
            if let at = model.clockSteppedAt, at.advanced(by: .seconds(86_400)) > now {
                let text = "the database's clock jumped forward, \(at.short); all windows were lengthened by it"
                findings.append(.warning("clock", text, cure: "let the clock be slewed, not stepped"))
            }
        }
        return findings
    }

    private func windowModel(_ model: ReadWindowModel.Row) -> Finding {
        let scores = [
            ("a log of requests that others share", model.logScore),
            ("fixed windows", model.phaseScore), ("spaced requests", model.spacingScore),
        ]
        let hypotheses = scores.compactMap { name, score in
            score.map { "\(name) \(Int(($0 * 100).rounded())) %" }
        }
        var text = "\(model.model), " + (model.setting == "auto" ? "learned" : "pinned")
        if let reason = model.reason { text += " because of: \(reason)" }
        text += "; \(model.unexplained) of \(model.rateLimited) 429s are not explained by our own log"
        if !hypotheses.isEmpty { text += "; they look like \(hypotheses.joined(separator: ", "))" }
        if model.setting != "auto", model.unexplained > 0 {
            return .warning("window model", text, cure: "meshmill settings set window_model auto")
        }
        if model.setting == "auto", model.model != "slots" || model.unexplained > 0 {
            let cure =
                "SELECT * FROM ops.rate_limit_answers tells of each; if the provider counts otherwise now: "
                + "meshmill settings set window_model auto (learns anew), slots, paced or strict"
            return .warning("window model", text, cure: cure)
        }
        return .ok("window model", text)
    }

    /// Where the provider's numbers are not ours, and which keys seem to spend one account's credits.
    func credits() async throws -> [Finding] {
        var findings: [Finding] = []
        let drifts = try await client.query(ListCreditDrift()).filter { $0.unbooked > 0 || $0.advice != nil }
        for drift in drifts.prefix(Self.mostDrifts) {
            let thing = drift.key.map { "key \($0)" } ?? "org \(drift.org)"
            let since = drift.since.map { " since \($0.short)" } ?? ""
            findings.append(
                .warning(
                    "credits",
                    "\(drift.unbooked) credits of \(thing) were spent\(since), and not by us",
                    cure: drift.advice ?? "nothing: a day without an explanation books them as external"
                )
            )
        }
        if drifts.count > Self.mostDrifts {
            let text = "and \(drifts.count - Self.mostDrifts) more keys and orgs"
            findings.append(.warning("credits", text, cure: "meshmill ledger --drift shows all"))
        }
        for group in OrgGroups.joined(try await client.query(ProposeOrgs()).map { ($0.one, $0.other) }) {
            let text =
                "orgs \(group.joined(separator: ", ")) look like one account: "
                + "what the provider says is left of their credits goes down together"
            let cure = "if it is so, for the keys of the others: meshmill keys set KEY --org \(group[0])"
            findings.append(.warning("orgs", text, cure: cure))
        }
        return findings.isEmpty ? [.ok("credits", "the provider's numbers are ours, as far as it told any")] : findings
    }

    /// What is told of one by one.
    private static let mostDrifts = 5
}
