import AmaraSimulator
import Foundation
import MeshmillCore
import Synchronization
import Testing

/// Workers against a provider that counts, over HTTP: whatever gets lost on the way, both sides' books agree at the end.
@Suite("Credits, with a provider that counts", .timeLimit(.minutes(3)))
struct CreditTests {
    private func provider(keys: Int = 1, monthlyLimit: Int? = 100, credits: Int = 1_000) -> ProviderConfiguration {
        var provider = ProviderConfiguration(
            keyCount: keys,
            monthlyLimits: [monthlyLimit],
            orgCredits: [credits],
            limit: 5,
            window: .seconds(2),
            seed: 7
        )
        provider.times = ProcessingTimes(all: .milliseconds(50) ... .milliseconds(100))
        return provider
    }

    /// Our books against the provider's, and against themselves.
    private func expectAgreement(_ mill: Mill) async throws {
        let state = mill.simulator.withProvider { provider, now in provider.state(at: now) }
        let used = state.keys.reduce(0) { $0 + $1.monthlyUsed }
        #expect(try await mill.number("SELECT sum(monthly_used + monthly_outside) FROM meshmill.keys") == used)
        #expect(try await mill.number("SELECT sum(credits_remaining) FROM meshmill.orgs") == state.orgs[0].credits)
        #expect(try await mill.number("SELECT count(*) FROM meshmill.check_ledger()") == 0)
        #expect(try await mill.number("SELECT sum(reserved) FROM meshmill.keys") == 0)
    }

    @Test("FAULTS 3: a lost answer is told charged from not charged by the next one, with and without a monthly limit")
    func lostAnswers() async throws {
        for isCharged in [true, false] {
            for monthlyLimit in [100, nil] {
                try await Mill.with(provider(monthlyLimit: monthlyLimit)) { mill in
                    try mill.paint(0..<8)
                    try await mill.submit()
                    let isPlanned = Once()
                    try await mill.work(1) { mill in
                        let done = try await mill.counts()[.completed, default: 0]
                        if done >= 2, isPlanned.first() {
                            var faults = FaultSettings()
                            if isCharged { faults.lostAfterCountingRate = 1 } else { faults.lostBeforeCountingRate = 1 }
                            faults.budget = 1
                            mill.simulator.setFaults(faults)
                        }
                        return done == 8
                    }
                    let evidence = monthlyLimit == nil ? "credits_remaining" : "key_monthly_used"
                    let told = try await mill.number(
                        """
                        SELECT count(*) FROM meshmill.attempts WHERE state = 'unknown' AND evidence = '\(evidence)'
                            AND credits = \(isCharged ? 1 : 0) AND paid_twice = \(isCharged)
                        """
                    )
                    #expect(told >= 1, "charged: \(isCharged), limit: \(monthlyLimit ?? 0)")
                    #expect(try await mill.number("SELECT count(*) FROM meshmill.drifts") == 0)
                    if monthlyLimit != nil { try await expectAgreement(mill) }
                }
            }
        }
    }

    @Test("FAULTS 19: refunds that are late or not told of do not become drift")
    func lateRefunds() async throws {
        var provider = provider(keys: 2)
        provider.faults.backendErrorRate = 0.3
        provider.faults.missingRefundFlagRate = 0.5
        provider.faults.refundDelay = .milliseconds(300)
        try await Mill.with(provider) { mill in
            try mill.paint(0..<12)
            try await mill.submit()
            try await mill.work(2) { mill in
                if try await mill.counts()[.completed, default: 0] >= 8 { mill.simulator.setFaults(FaultSettings()) }
                return try await mill.counts()[.completed] == 12
            }
            #expect(
                try await mill.number("SELECT coalesce(sum(amount), 0) FROM meshmill.drifts WHERE key_id IS NOT NULL")
                    == 0
            )
            #expect(try await mill.number("SELECT count(*) FROM meshmill.check_ledger()") == 0)
        }
    }

    @Test("KEYPOOL 9.3: others on our keys and top-ups are seen, and nothing of ours is held up")
    func outsider() async throws {
        try await Mill.with(provider()) { mill in
            try mill.paint(0..<10)
            try await mill.submit()
            let hasPosted = Once()
            try await mill.work(1) { mill in
                let done = try await mill.counts()[.completed, default: 0]
                if done >= 3, hasPosted.first() {
                    mill.simulator.withProvider { provider, now in
                        let state = provider.state(at: now)
                        _ = provider.changeKey("sim-1", KeyChange(monthlyUsed: state.keys[0].monthlyUsed + 7), at: now)
                        _ = provider.setCredits(state.orgs[0].credits - 7 + 500, ofOrg: "org-1", at: now)
                    }
                }
                return done == 10
            }
            #expect(try await mill.number("SELECT amount FROM meshmill.drifts WHERE key_id IS NOT NULL") == 7)
            #expect(try await mill.number("SELECT amount FROM meshmill.ledger WHERE kind = 'adjust'") == 500)
            try await expectAgreement(mill)
        }
    }

    @Test("FAULTS 18: an account without credits stops without spending, and goes on when it is topped up")
    func topUp() async throws {
        try await Mill.with(provider(keys: 2, credits: 4)) { mill in
            try mill.paint(0..<8)
            try await mill.submit()
            let isFilled = Once()
            try await mill.work(2) { mill in
                let done = try await mill.counts()[.completed, default: 0]
                if done == 4,
                    try await mill.number("SELECT count(*) FROM meshmill.orgs WHERE parked_until IS NOT NULL") == 1,
                    isFilled.first()
                {
                    mill.simulator.withProvider { provider, now in _ = provider.setCredits(50, ofOrg: "org-1", at: now)
                    }
                }
                return done == 8
            }
            #expect(mill.simulator.report().accepted == 8)
            try await expectAgreement(mill)
        }
    }

    @Test("KEYPOOL 9.4, FAULTS 35: a month that turns when nobody expects it brings its keys back within a probe")
    func monthTurn() async throws {
        var provider = provider(keys: 2, monthlyLimit: 3)
        provider.monthLength = .seconds(8)
        for index in provider.keys.indices { provider.keys[index].monthTurnsAt = .seconds(10) }
        try await Mill.with(provider) { mill in
            try mill.paint(0..<10)
            try await mill.submit()
            try await mill.work(2) { try await $0.counts()[.completed] == 10 }
            #expect(mill.simulator.report().accepted == 10)
            #expect(mill.simulator.report().rateLimited == 0)
            #expect(try await mill.number("SELECT sum(month) FROM meshmill.keys") >= 2)
            #expect(try await mill.number("SELECT count(*) FROM meshmill.check_ledger()") == 0)
            let drifts = """
                SELECT string_agg(concat_ws(' ', d.key_id, d.key_month, d.attempt_id, d.found, d.amount, d.is_open), ', ')
                    || ' of ' || (SELECT string_agg(concat_ws(' ', a.id, a.key_id, a.state, a.http_status,
                    a.key_monthly_used, a.credits_remaining), ', ' ORDER BY a.id) FROM meshmill.attempts AS a)
                FROM meshmill.drifts AS d
                """
            #expect(try await mill.text(drifts) == "")
        }
    }

    @Test("KEYPOOL 9.2: with one credit in the batch, many workers and keys send exactly one POST")
    func oneCredit() async throws {
        try await Mill.with(provider(keys: 6)) { mill in
            try mill.paint(0..<6)
            let batch = try await mill.submit().batchID
            #expect(
                try await mill.number("UPDATE meshmill.batches SET max_credits = 1 WHERE id = \(batch) RETURNING 1")
                    == 1
            )
            let since = ContinuousClock.now
            try await mill.work(4) { mill in
                try await mill.counts()[.completed, default: 0] >= 1 && ContinuousClock.now - since > .seconds(2)
            }
            #expect(mill.simulator.report().posts == 1)
        }
    }
}

/// True once.
private final class Once: Sendable {
    private let isTaken = Mutex(false)

    func first() -> Bool {
        isTaken.withLock { isTaken in
            defer { isTaken = true }
            return !isTaken
        }
    }
}
