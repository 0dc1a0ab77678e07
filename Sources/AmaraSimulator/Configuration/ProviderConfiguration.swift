/// What the simulated provider is like.
///
/// Times are in one unit throughout; ``scaled(by:)`` turns the provider's times into a faster clock's.
package struct ProviderConfiguration: Sendable {
    /// Decides ids, secrets, window phases, processing times and faults.
    package var seed: UInt64
    package var keys: [KeyConfiguration]
    /// Organizations with a known balance; a key's org that is missing here gets ``defaultOrgCredits``.
    package var orgs: [OrgConfiguration] = []
    package var defaultOrgCredits = 1_000_000

    /// POSTs per window and key.
    package var limit: Int
    /// Length of the window.
    package var window: Duration
    package var model: WindowModel
    /// The rate limiter's clock is truncated to this; zero is exact, 1 s a server that counts in whole seconds.
    package var limiterGranularity: Duration = .zero
    package var checkOrder: CheckOrder = .limitFirst
    /// Statuses of refused POSTs that count in the window all the same; the reference does not say.
    package var countedStatuses: Set<Int> = [400, 402, 503]

    package var times = ProcessingTimes()
    /// Generations that the backend works on at once; the others are `queued`.
    package var concurrency = 256
    /// Time from the completion until a generation's files are gone.
    package var fileLifetime: Duration = .seconds(3_600)
    /// Length of every month after a key's first.
    package var monthLength: Duration = .seconds(30 * 86_400)
    /// Whether a refund also lowers the key's monthly number; the reference does not say.
    package var refundsMonthlyUse = true
    /// Whether a generation answers to every key of its org, or only to the key that made it.
    package var sharesGenerationsInOrg = false
    /// Generations that are remembered; the oldest is forgotten for each one more.
    package var maximumGenerations = 1_000_000
    /// Size that a GLB is made to have, about.
    package var meshBytes = 40_000
    package var faults = FaultSettings()

    package init(
        keys: [KeyConfiguration],
        limit: Int = 5,
        window: Duration = .seconds(900),
        model: WindowModel = .slidingLog,
        seed: UInt64 = 1
    ) {
        self.keys = keys
        self.limit = limit
        self.window = window
        self.model = model
        self.seed = seed
    }

    /// Makes keys `sim-1`… that belong to `orgs` organizations in turn.
    ///
    /// The organizations are named `org-1`…, at least one. The keys take the monthly limits in turn, `nil` standing
    /// for none, and the organizations take the credits in turn; an empty list stands for the default.
    package init(
        keyCount: Int = 3,
        orgs: Int = 1,
        monthlyLimits: [Int?] = [],
        orgCredits: [Int] = [],
        limit: Int = 5,
        window: Duration = .seconds(900),
        model: WindowModel = .slidingLog,
        seed: UInt64 = 1
    ) {
        let orgCount = max(1, orgs)
        let keys = (0..<max(0, keyCount)).map { index in
            var key = KeyConfiguration.simulated(index + 1, seed: seed, org: "org-\(index % orgCount + 1)")
            if !monthlyLimits.isEmpty { key.monthlyLimit = monthlyLimits[index % monthlyLimits.count] }
            return key
        }
        self.init(keys: keys, limit: limit, window: window, model: model, seed: seed)
        self.orgs = (0..<orgCount).map { index in
            let credits = orgCredits.isEmpty ? defaultOrgCredits : orgCredits[index % orgCredits.count]
            return OrgConfiguration(name: "org-\(index + 1)", credits: credits)
        }
    }

    /// The same provider on a clock that runs `speed` times as fast: every time but those of faults is divided.
    package func scaled(by speed: Double) -> ProviderConfiguration {
        guard speed > 0, speed != 1 else { return self }
        func scale(_ duration: Duration) -> Duration { duration / speed }
        var scaled = self
        scaled.window = scale(window)
        scaled.times = times.mapped(scale)
        scaled.fileLifetime = scale(fileLifetime)
        scaled.monthLength = scale(monthLength)
        for index in scaled.keys.indices {
            scaled.keys[index].window = keys[index].window.map(scale)
            scaled.keys[index].monthTurnsAt = keys[index].monthTurnsAt.map(scale)
        }
        return scaled
    }
}
