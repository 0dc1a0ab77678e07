import AmaraSimulator
import Testing

@Suite("Credits")
struct CreditsTests {
    private func bench(
        credits: Int = 3,
        monthlyLimit: Int? = nil,
        _ change: (inout ProviderConfiguration) -> Void = { _ in }
    )
        -> Bench
    {
        var settings = ProviderConfiguration(
            keyCount: 2,
            monthlyLimits: [monthlyLimit],
            orgCredits: [credits],
            limit: 100
        )
        settings.times = ProcessingTimes(all: .seconds(60) ... .seconds(60))
        change(&settings)
        return Bench(settings)
    }

    @Test("a POST takes one credit of the org, whichever of its keys asks, until none is left")
    func orgCredits() {
        var bench = bench(credits: 2)
        let first = bench.post(key: 0)
        #expect(first[field: "credits_used"] == 1)
        #expect(first[field: "credits_remaining"] == 1)
        #expect(bench.post(1, key: 1)[field: "credits_remaining"] == 0)
        let refused = bench.post(2, key: 0)
        #expect(refused.verdict == "402 BILLING_ERROR")
        #expect(refused.fields == ["error", "code", "credits_required", "credits_remaining"])
        #expect(refused[field: "error"] == "Insufficient credits. Required: 1, Available: 0")
    }

    @Test("monthly numbers appear only with a monthly limit, which is the key's own")
    func monthlyLimit() {
        var unlimited = bench()
        #expect(unlimited.post().fields.contains("key_monthly_used") == false)
        var bench = bench(credits: 10, monthlyLimit: 2)
        #expect(bench.post(0)[field: "key_monthly_used"] == 1)
        let second = bench.post(1)
        #expect(second[field: "key_monthly_used"] == 2)
        #expect(second[field: "key_monthly_limit"] == 2)
        #expect(bench.post(2).verdict == "402 KEY_LIMIT_EXCEEDED")
        #expect(bench.post(2, key: 1).status == 200)
    }

    @Test("a month turns at its instant and again each month after, whenever somebody looks")
    func monthTurns() {
        var bench = bench(credits: 10, monthlyLimit: 1) { settings in
            settings.keys[0].monthlyUsed = 1
            settings.keys[0].monthTurnsAt = .seconds(100)
            settings.monthLength = .seconds(1_000)
        }
        #expect(bench.post(at: 99.999999).verdict == "402 KEY_LIMIT_EXCEEDED")
        #expect(bench.post(at: 100)[field: "key_monthly_used"] == 1)
        #expect(bench.post(1, at: 1_099).status == 402)
        #expect(bench.post(1, at: 5_100)[field: "key_monthly_used"] == 1)
        #expect(bench.post(2, at: 6_099).status == 402)
        #expect(bench.post(2, at: 6_100).status == 200)
    }

    @Test("a 503 gives the credit back at once and says so")
    func refundOfUnavailable() {
        var bench = bench(credits: 3, monthlyLimit: 5)
        for fault in [AnswerFault.backendTimeout, .backendError] {
            let answer = bench.post(0, key: 0, at: 0, fault)
            #expect(answer.fields == ["error", "code", "credits_refunded"])
            #expect(answer[field: "credits_refunded"] == true)
        }
        #expect(bench.post()[field: "credits_remaining"] == 2)
        #expect(bench.provider.state(at: .zero).keys.first?.monthlyUsed == 1)
    }

    @Test("a failed generation gives its credit back when it fails, not before")
    func refundOfFailure() throws {
        var bench = bench(credits: 3)
        bench.provider.faults.generationFailureRate = 1
        let id = try bench.start()
        #expect(bench.credits(at: 59.999) == 2)
        let failed = bench.status(id, at: 60)
        #expect(failed.fields == ["generation_id", "status", "error", "credits_refunded"])
        #expect(failed[field: "credits_refunded"] == true)
        #expect(bench.credits(at: 60) == 3)
    }

    @Test("refunds may be late, absent or unreported")
    func oddRefunds() throws {
        var late = bench()
        late.provider.faults.generationFailureRate = 1
        late.provider.faults.refundDelay = .seconds(30)
        _ = try late.start()
        #expect(late.credits(at: 89.999) == 2)
        #expect(late.credits(at: 90) == 3)

        var absent = bench()
        absent.provider.faults.absentRefundRate = 1
        #expect(absent.post(0, key: 0, at: 0, .backendError)[field: "credits_refunded"] == true)
        #expect(absent.credits(at: 1e6) == 2)

        var silent = bench()
        silent.provider.faults.missingRefundFlagRate = 1
        #expect(silent.post(0, key: 0, at: 0, .backendError).fields == ["error", "code"])
        #expect(silent.credits(at: 0) == 3)
    }

    @Test("a refund leaves the month alone where the provider is set so")
    func refundKeepsMonth() {
        var bench = bench(monthlyLimit: 5) { $0.refundsMonthlyUse = false }
        _ = bench.post(0, key: 0, at: 0, .backendError)
        #expect(bench.provider.state(at: .zero).keys.first?.monthlyUsed == 1)
    }

    @Test("a failed deduction costs nothing")
    func creditError() {
        var bench = bench()
        #expect(bench.post(0, key: 0, at: 0, .creditError).verdict == "402 CREDIT_ERROR")
        #expect(bench.credits(at: 0) == 3)
    }
}
