import AmaraSimulator
import MeshmillCore

extension Scenario {
    /// The provider's models whose every admission a window model of ours must get right.
    ///
    /// Source: KEYPOOL section 4.2. What `auto` begins with is `slots`.
    static func covered(by rule: Rule) -> [WindowModel] {
        switch rule {
        case .slots, .auto:
            [.slidingLog, .slidingLogCountingRefusals, .fixedWindow, .firstRequestWindow, .tokenBucket]
        case .paced: covered(by: .slots) + [.slidingCounterFloored, .cellRate]
        case .strict: WindowModel.allCases
        }
    }

    /// The most 429s in learning that 20 keys are to be restrained more than by `slots`.
    ///
    /// Source: KEYPOOL section 4.4, the pool-wide ladder.
    private static let ladder: [(model: WindowModel, most: Int)] = [
        (.slidingCounterFloored, 16), (.cellRate, 24), (.slidingCounterStrict, 19), (.slidingLog, 0),
        (.slidingLogCountingRefusals, 0), (.fixedWindow, 0), (.firstRequestWindow, 0), (.tokenBucket, 0),
    ]

    /// Draws the scenario of a seed.
    package init(seed: UInt64, kind: Kind) {
        var chance = Chance(seed: seed, stream: 1)
        self.seed = seed
        self.kind = kind
        let rung = chance.pick(Self.ladder)
        rule = kind == .ladder ? .auto : chance.pick([.slots, .slots, .paced, .paced, .strict, .auto])
        model = kind == .ladder ? rung.model : chance.pick(Self.covered(by: rule))
        permitted429s = kind == .ladder ? rung.most : 0
        // One storm in five is dense: more work than its windows hold, for most of the time.
        let isDense = kind == .stormy && chance.happens(0.2)
        self.isDense = isDense
        limit = kind == .ladder ? 5 : chance.pick(isDense ? [2, 3, 3, 5] : [1, 2, 3, 5, 5, 5])
        window =
            switch kind {
            case .stormy: .seconds(chance.pick(isDense ? [6, 15, 15, 60, 60, 300] : [6, 15, 15, 60, 60, 900]))
            case .saturated: .seconds(chance.pick([60, 300, 900]))
            case .long, .ladder: .seconds(900)
            }
        margin = Margin.standard(forWindow: window)
        // A server that counts in whole seconds and a clock that drifts, together below the margin.
        granularity = kind != .ladder && window >= .seconds(60) && chance.happens(0.3) ? .seconds(1) : .zero
        let mostDrift = granularity > .zero || kind == .long ? 3e-4 : 1e-3
        drift = Double.random(in: -mostDrift...mostDrift, using: &chance)
        // Some runs cross the end of a month by the database's calendar: 1 April 2026, 00:00 UTC.
        let april: Int64 = 1_775_001_600_000_000
        let beforeApril = kind == .stormy ? chance.time(.zero...window * 6) : chance.time(.zero ... .seconds(2_592_000))
        start = april - beforeApril.microseconds

        let isLong = kind == .long || kind == .ladder
        lease = isLong ? .seconds(7_200) : max(.seconds(2), window * Double.random(in: 0.4...1.2, using: &chance))
        deadline =
            isLong
            ? .seconds(60) : min(.seconds(60), max(.seconds(3), window * Double.random(in: 0.2...0.6, using: &chance)))
        grace =
            isLong
            ? .seconds(60) : min(.seconds(60), max(.seconds(1), window * Double.random(in: 0.1...0.4, using: &chance)))
        // Looking without a reason is no way to find work here: what is not announced comes late, and shows.
        idlePoll = isLong ? .seconds(600) : max(.seconds(5), window * 2)

        // Most storms are small: what is wrong mostly shows with few of everything, and many more of them can be played.
        let isSmall = kind == .stormy && !isDense
        // A round of the house that finds nothing to do is most of what a small world does; it has fewer of them.
        houseRest = kind == .stormy ? lease * 0.33...lease : lease * 0.16...lease * 0.33
        workers = chance.number(1...(isSmall ? 2 : 3))
        let keyCount = kind == .ladder ? 20 : chance.number((isDense ? 2 : 1)...(isDense ? 4 : 3))
        let orgCount = chance.number(1...2)
        // Where nobody else moves the provider's numbers, they are believed, and caps that bind show whether rightly so.
        let isAlone = kind == .stormy && chance.happens(0.4)
        self.isAlone = isAlone
        // What few jobs use up, many use up at once.
        let scale = isDense ? 3 : 1
        let isPoor = kind == .stormy && chance.happens(0.25)
        orgCredits = (0..<orgCount).map { _ in isPoor ? chance.number(3...12) * scale : 1_000_000 }
        let (window, limit) = (window, limit)
        keys = (0..<keyCount).map { index in
            var key = Key(org: index % orgCount)
            switch kind {
            case .stormy:
                key.monthlyLimit = chance.happens(0.25) ? chance.number(2...12) * scale : nil
                key.providerMonthlyLimit = chance.happens(isAlone ? 0.5 : 0.25) ? chance.number(2...12) * scale : nil
                key.monthTurnsAt = chance.time(.zero...window * 8)
                key.wasUsedRecently = chance.happens(0.1)
                key.reserveSlots = limit > 1 && chance.happens(0.15) ? chance.number(1...limit - 1) : 0
            case .saturated, .ladder: break
            case .long:
                key.monthlyLimit = chance.happens(0.3) ? chance.number(40...120) : nil
                key.providerMonthlyLimit = chance.number(40...120)
                key.monthTurnsAt = chance.time(.seconds(3_600) ... .seconds(30 * 86_400))
            }
            return key
        }
        let slots = keyCount * limit
        tenantBudgets = (0..<chance.number(1...3)).map { _ in
            kind == .stormy && chance.happens(isAlone ? 0.4 : 0.15)
                ? Int64(chance.number(isAlone ? 1...4 : 2...10) * scale) : nil
        }
        let tenants = tenantBudgets.count
        switch kind {
        case .stormy:
            let batchCount = chance.number(1...(isSmall ? 2 : 3))
            batches = (0..<batchCount).map { _ in
                let jobs = isSmall ? chance.number(1...3) : max(1, slots * 3 / batchCount)
                return Batch(
                    tenant: chance.number(0...tenants - 1),
                    jobs: jobs,
                    maxCredits: chance.happens(isAlone ? 0.6 : 0.2)
                        ? Int64(chance.number(1...(isAlone ? jobs : max(6, jobs)))) : nil,
                    onAmbiguous: chance.pick(["evidence", "evidence", "evidence", "retry", "hold", "fail"])
                )
            }
            horizon = window * 10_000
        case .saturated:
            // Slow ones run longer: a POST that would have been due at the very end is one that was not permitted.
            horizon = window * (rule == .strict ? 20 : 8)
            batches = [Batch(tenant: 0, jobs: slots * (rule == .strict ? 20 : 10) + 10)]
        case .ladder:
            horizon = window * 24
            batches = [Batch(tenant: 0, jobs: slots * 25)]
        case .long:
            horizon = .seconds(91 * 86_400)
            // More than the three months have room for, and not more than one month more has.
            let perMonth = keys.map { min($0.providerMonthlyLimit ?? 0, $0.monthlyLimit ?? .max) }.reduce(0, +)
            batches = [Batch(tenant: 0, jobs: perMonth * 3), Batch(tenant: tenants - 1, jobs: perMonth)]
        }

        let isStormy = kind == .stormy || kind == .long
        stormSteps = kind == .stormy ? chance.number(isSmall ? 200...240 : 500...800) : .max
        faultInterval =
            switch kind {
            case .stormy: window * Double.random(in: isSmall ? 0.05...0.3 : 0.03...0.2, using: &chance)
            case .saturated, .ladder: horizon * 2
            case .long: .seconds(6 * 3_600)
            }
        // With so many faults in each window, what lasted for one would be all that ever is.
        faultLength = isDense ? window / 8 : window
        statementFaultRate = isStormy ? chance.pick(isDense ? [0.01, 0.03, 0.06] : [0, 0.01, 0.03]) : 0
        isHealedByPeople = chance.happens(0.9)
        archivesAfter = kind == .stormy && chance.happens(0.1) ? chance.time(.zero...window) : nil
        retention = archivesAfter != nil && chance.happens(0.5) ? .seconds(1) : nil
        let strangers: Set<FaultKind> = isAlone ? [.foreignUse, .topUp, .orgDrained] : []
        faults = isStormy ? Self.worldly.filter { !strangers.contains($0) } : []

        var provider = ProviderConfiguration(
            keys: [],
            limit: limit,
            window: window,
            model: model,
            seed: chance.next()
        )
        provider.limiterGranularity = granularity
        provider.checkOrder = chance.pick([.limitFirst, .limitLast])
        provider.countedStatuses = chance.happens(0.7) ? [400, 402, 503] : []
        // To wait for a generation is not what a dense storm is for.
        let longest = isDense ? window / 6 : window / 2
        provider.times = ProcessingTimes(all: min(.seconds(20), window / 20)...min(.seconds(90), longest))
        let concurrency = chance.pick([2, 256])
        provider.sharesGenerationsInOrg = chance.happens(0.5)
        // On the ladder hundreds generate at a time: in a queue for two places, polls would be all that happens.
        provider.concurrency = kind == .ladder ? 256 : concurrency
        provider.refundsMonthlyUse = chance.happens(0.5)
        provider.meshBytes = 2_000
        if isStormy { provider.faults = Self.drawFaults(&chance, isLong: isLong, window: window) }
        // One failure after the other opens the breaker.
        if isDense, chance.happens(0.3) {
            provider.faults.backendErrorRate = Double.random(in: 0.3...0.8, using: &chance)
        }
        // Source: KEYPOOL section 4.4. Where a window is short, they would be most of it.
        let isSlow = !isStormy && window >= .seconds(300)
        provider.faults.arrivalLatency = .milliseconds(isSlow ? 50 : 2) ... .milliseconds(isSlow ? 1_500 : 400)
        provider.faults.answerLatency = .milliseconds(isSlow ? 50 : 2) ... .milliseconds(isSlow ? 4_000 : 900)
        provider.faults.readLatency = .milliseconds(2) ... .milliseconds(100)
        self.provider = provider
    }

    /// What the world does beside the faults that strike single requests and statements.
    private static let worldly: [FaultKind] = [
        .outage, .outage, .topUp, .orgDrained, .keyRefused, .providerLimitLowered, .foreignUse, .foreignUse,
        .foreignUse,
        .workerKilled,
        .workerKilled, .workerFrozen, .workerFrozen, .workerStopped, .workerStarted, .databaseDown, .databaseDown,
        .commitAnswerLost, .commitAnswerLost, .commitAnswerLost, .rowsHeld, .rowsHeld, .readerDied,
        .clockForward, .clockBackward, .keyPaused, .tenantPaused, .batchPaused, .switchedOff, .jobsCancelled,
        .jobsHeld, .jobsRetried, .jobsReleased, .rateLimitChanged, .windowChanged, .marginChanged, .modelChanged,
        .quotaChanged, .weightChanged, .jobsAdded,
    ]

    private static func drawFaults(_ chance: inout Chance, isLong: Bool, window: Duration) -> FaultSettings {
        var faults = FaultSettings()
        func rate(_ most: Double) -> Double {
            chance.happens(0.4) ? Double.random(in: 0...(isLong ? most / 5 : most), using: &chance) : 0
        }
        faults.lostBeforeCountingRate = rate(0.15)
        faults.lostAfterCountingRate = rate(0.15)
        faults.backendTimeoutRate = rate(0.1)
        faults.backendErrorRate = rate(0.1)
        faults.creditErrorRate = rate(0.1)
        faults.internalErrorRate = rate(0.1)
        faults.badGatewayRate = rate(0.1)
        faults.htmlRate = rate(0.05)
        faults.badJSONRate = rate(0.05)
        faults.bareRateLimitRate = rate(0.8)
        faults.absurdRetryAfterRate = chance.happens(0.7) ? Double.random(in: 0.3...1, using: &chance) : 0
        faults.absurdRetryAfterSeconds = chance.pick([-1, 0, 1_000_000_000])
        faults.generationFailureRate = rate(0.4)
        faults.endlessGenerationRate = rate(0.05)
        faults.missingRefundFlagRate = rate(0.5)
        faults.absentRefundRate = rate(0.7)
        faults.refundDelay = chance.happens(0.3) ? chance.time(.zero...window * 2) : .zero
        faults.readErrorRate = rate(0.2)
        faults.lostReadRate = rate(0.2)
        faults.truncatedFileRate = rate(0.1)
        faults.shortFileRate = rate(0.1)
        faults.corruptFileRate = rate(0.1)
        faults.htmlFileRate = rate(0.1)
        return faults
    }
}
