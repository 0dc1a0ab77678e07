/// Everything that a forecast knows: the keys, who asks, what waits, and how long things take; all times from now.
package struct ForecastInput: Sendable {
    package var keys: [ForecastKey] = []
    package var orgs: [ForecastOrg] = []
    package var tenants: [ForecastTenant] = []
    package var batches: [ForecastBatch] = []
    package var pace = ForecastPace()

    package init() {}
}

/// An account at the provider.
package struct ForecastOrg: Sendable {
    package var name: String
    /// Credits that its keys share; nil: not known, taken as enough.
    package var creditsLeft: Int?

    package init(name: String, creditsLeft: Int? = nil) {
        self.name = name
        self.creditsLeft = creditsLeft
    }
}

/// Who asks.
package struct ForecastTenant: Sendable {
    package var name: String
    package var pool: Int64
    package var weight: Double
    /// Its start tag: the least goes first.
    package var virtualTime: Double
    /// Whether it had work at the last claim; otherwise it starts at the others' tags.
    package var isBacklogged: Bool
    /// Credits of this month that are left; nil: no budget.
    package var budgetLeft: Int?

    package init(
        name: String,
        pool: Int64,
        weight: Double = 1,
        virtualTime: Double = 0,
        isBacklogged: Bool = false,
        budgetLeft: Int? = nil
    ) {
        self.name = name
        self.pool = pool
        self.weight = weight
        self.virtualTime = virtualTime
        self.isBacklogged = isBacklogged
        self.budgetLeft = budgetLeft
    }
}

/// Work of one tenant that ends together.
package struct ForecastBatch: Sendable {
    /// The batch's id; nil: one that is only thought of.
    package var id: Int64?
    /// Position in ``ForecastInput/tenants``.
    package var tenant: Int
    package var priority: Int
    /// Jobs that need a POST.
    package var waiting: Int
    /// Jobs whose generation is under way.
    package var running: Int
    /// Credits that its cap still allows; nil: no cap.
    package var creditsLeft: Int?

    package init(id: Int64?, tenant: Int, priority: Int = 0, waiting: Int, running: Int = 0, creditsLeft: Int? = nil) {
        self.id = id
        self.tenant = tenant
        self.priority = priority
        self.waiting = waiting
        self.running = running
        self.creditsLeft = creditsLeft
    }
}

/// How long things take and how often they fail, as measured or assumed.
package struct ForecastPace: Sendable, Hashable {
    /// From a POST to its answer.
    package var answer: Duration
    /// From an accepted POST to the finished file; a sample, ascending, of at least one.
    package var generations: [Duration]
    /// Share of POSTs that come to nothing and are tried again, below 1.
    package var wasted: Double
    /// From a POST that came to nothing until its job may run again.
    package var retryAfter: Duration

    /// - Parameters: as measured; empty `generations` are taken as the reference's fast mode.
    package init(
        answer: Duration = .seconds(1),
        generations: [Duration] = [],
        wasted: Double = 0,
        retryAfter: Duration = .seconds(30)
    ) {
        self.answer = answer
        self.generations = generations.isEmpty ? Self.fast : generations.sorted()
        self.wasted = min(max(wasted, 0), 0.9)
        self.retryAfter = retryAfter
    }

    /// Thirty seconds to two minutes.
    ///
    /// Source: the provider's reference, generation modes.
    package static let fast = range(30...120)
    /// Two to four minutes.
    ///
    /// Source: the same.
    package static let standard = range(120...240)
    /// Four to eight minutes.
    ///
    /// Source: the same.
    package static let detailed = range(240...480)

    private static func range(_ seconds: ClosedRange<Int>) -> [Duration] {
        stride(from: seconds.lowerBound, through: seconds.upperBound, by: 10).map { .seconds($0) }
    }

    /// The sample's value for the n-th generation: spread evenly, so that few of them already span the sample.
    func generation(_ number: Int) -> Duration {
        // The golden ratio's multiples leave the largest possible gaps between any first n.
        let position = (Double(number) * 0.618_033_988_749_894_9).truncatingRemainder(dividingBy: 1)
        return generations[min(Int(position * Double(generations.count)), generations.count - 1)]
    }
}
