import AmaraAPI
import AmaraSimulator
import Testing

@Suite("Checks of a POST")
struct ChecksTests {
    private func configuration(limit: Int = 1, credits: Int = 10) -> ProviderConfiguration {
        ProviderConfiguration(keyCount: 1, orgCredits: [credits], limit: limit)
    }

    @Test("an unknown, missing or disabled key is 401, one without scope 403, and neither counts")
    func authentication() {
        var settings = configuration()
        settings.keys.append(.simulated(2, seed: 1, org: "org-1"))
        settings.keys.append(.simulated(3, seed: 1, org: "org-1"))
        settings.keys[1].isDisabled = true
        settings.keys[2].hasMeshgenScope = false
        var bench = Bench(settings)
        let request = Result<GenerationRequest, RequestProblem>.success(Samples.request())
        for secret in [nil, "", "sk_amara_other"] {
            #expect(bench.provider.create(secret: secret, request: request, at: .zero).status == 401)
        }
        #expect(bench.post(key: 1).status == 401)
        #expect(bench.post(key: 2).status == 403)
        #expect(bench.post(key: 2).record.isCounted == false)
        #expect(bench.post(key: 0).status == 200)
    }

    @Test(
        "the limit is met before the body by default, and after the credits on request",
        arguments: CheckOrder.allCases
    )
    func order(order: CheckOrder) {
        var settings = configuration(credits: 1)
        settings.checkOrder = order
        var bench = Bench(settings)
        #expect(bench.post().verdict == "200")
        let bad = Result<GenerationRequest, RequestProblem>.failure(.image("bad"))
        let refused = bench.provider.create(secret: bench.secrets[0], request: bad, at: .zero)
        #expect(refused.status == (order == .limitFirst ? 429 : 400))
        #expect(bench.post().verdict == (order == .limitFirst ? "429 RATE_LIMIT_EXCEEDED" : "402 BILLING_ERROR"))
    }

    @Test("400, 402 and 503 count in the window unless configured otherwise", arguments: [true, false])
    func counting(counts: Bool) {
        var settings = configuration(limit: 4, credits: 0)
        if !counts { settings.countedStatuses = [] }
        var bench = Bench(settings)
        let bad = Result<GenerationRequest, RequestProblem>.failure(.body("bad"))
        #expect(bench.provider.create(secret: bench.secrets[0], request: bad, at: .zero).record.isCounted == counts)
        #expect(bench.post().verdict == "402 BILLING_ERROR")
        let topped = bench.provider.setCredits(5, ofOrg: "org-1", at: .zero)
        #expect(topped)
        #expect(bench.post(0, key: 0, at: 0, .backendError).verdict == "503 BACKEND_ERROR")
        #expect(bench.provider.state(at: .zero).keys.first?.used == (counts ? 3 : 0))
        #expect(bench.provider.state(at: .zero).orgs.first?.credits == 5)
    }

    @Test("a refusal by the limit names limit, use and the whole seconds to wait, rounded up")
    func rateLimit() {
        var bench = Bench(configuration())
        _ = bench.post(at: 0)
        let refused = bench.post(1, at: 0.5)
        #expect(refused.verdict == "429 RATE_LIMIT_EXCEEDED")
        #expect(refused.fields == ["error", "code", "rate_limit"])
        #expect(
            refused[field: "rate_limit"]
                == ["limit": 1, "used": 1, "remaining": 0, "retry_after_seconds": 900]
        )
        #expect(bench.post(1, at: 899.9)[field: "rate_limit"]?.text.contains("\"retry_after_seconds\":1}") == true)
        #expect(bench.post(1, at: 900).status == 200)
    }

    @Test("a limiter that counts in whole seconds frees a request up to a second late, never early")
    func granularity() {
        var settings = configuration()
        settings.limiterGranularity = .seconds(1)
        var bench = Bench(settings)
        #expect(bench.post(at: 0.9).status == 200)
        #expect(bench.post(1, at: 899.999).status == 429)
        #expect(bench.post(1, at: 900).status == 200)
        #expect(bench.post(2, at: 1_799.95).status == 429)
    }

    @Test("each key has its own window")
    func separateWindows() {
        var bench = Bench(ProviderConfiguration(keyCount: 2, limit: 1))
        #expect(bench.post(0, key: 0).status == 200)
        #expect(bench.post(0, key: 0).status == 429)
        #expect(bench.post(0, key: 1).status == 200)
    }
}
