import Testing

@Suite("Interleavings of sessions")
struct InterleavingTests {
    @Test("of claims break no rule", .serialized, .timeLimit(.minutes(10)), arguments: InterleavingCase.claims)
    func claims(_ subject: InterleavingCase) async throws { try await check(subject) }

    @Test("of answers break no rule", .serialized, .timeLimit(.minutes(10)), arguments: InterleavingCase.answers)
    func answers(_ subject: InterleavingCase) async throws { try await check(subject) }

    @Test("of leases break no rule", .serialized, .timeLimit(.minutes(10)), arguments: InterleavingCase.leases)
    func leases(_ subject: InterleavingCase) async throws { try await check(subject) }

    @Test(
        "of people's actions break no rule",
        .serialized,
        .timeLimit(.minutes(10)),
        arguments: InterleavingCase.actions
    )
    func actions(_ subject: InterleavingCase) async throws { try await check(subject) }

    /// Plays every order: each breaks no rule and ends as if the transactions had run one after the other.
    private func check(_ subject: InterleavingCase) async throws {
        try await Stage.with { stage in
            let scripts = try await subject.stage(stage.yard)
            try await stage.save()
            try await stage.withSessions(scripts.count + 1) { sessions in
                let rehearsal = Rehearsal(stage: stage, sessions: sessions)
                var judge = Judge(serial: try await rehearsal.serialOutcomes(scripts))
                try await rehearsal.playAll(scripts) { judge.hear($0) }
                for hold in subject.holds {
                    let isPassedBy = hold.isPassedBy && scripts.contains { $0.transactions.contains(where: \.mayYield) }
                    try await rehearsal.playAll(scripts, opener: hold.script) { play in
                        judge.hear(play, isComparable: !isPassedBy)
                    }
                }
                #expect(judge.schedules > 1)
            }
        }
    }
}

/// Compares plays with what the scripts do one after another.
private struct Judge {
    let serial: Set<String>
    var schedules = 0
    private var findings = 0

    init(serial: Set<String>) { self.serial = serial }

    /// Takes note of a play; one is not comparable where sessions found another row than they would have.
    mutating func hear(_ play: Rehearsal.Play, isComparable: Bool = true) {
        schedules += 1
        let isSerial = !isComparable || serial.contains(play.outcome)
        guard !isSerial || !play.violations.isEmpty, findings < 3 else { return }
        findings += 1
        let schedule = play.trace.joined(separator: " | ")
        for violation in play.violations { Issue.record("\(violation), after \(schedule)") }
        if !isSerial {
            Issue.record(
                "no serial order ends like \(schedule):\n\(play.outcome)\nbut like\n\(differences(from: play))"
            )
        }
    }

    /// For each serial outcome the lines in which it differs.
    private func differences(from play: Rehearsal.Play) -> String {
        let lines = play.outcome.split(separator: "\n")
        return serial.sorted().map { outcome in
            outcome.split(separator: "\n").filter { !lines.contains($0) }.joined(separator: "\n")
        }.joined(separator: "\nor\n")
    }
}
