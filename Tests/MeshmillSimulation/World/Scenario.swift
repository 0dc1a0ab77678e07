import AmaraSimulator

/// What one run is like; all of it follows from the seed and the kind.
package struct Scenario: Sendable {
    /// What a run is for.
    package enum Kind: String, Sendable, CaseIterable, Codable {
        /// Faults of every kind, then quiet, until every job has ended.
        case stormy
        /// More work than slots and no fault: how much of what the rule permits is used.
        case saturated
        /// Three months with faults, month turns and quotas.
        case long
        /// No fault and a provider that counts more strictly than is assumed at first: the ladder of window models.
        case ladder
    }

    /// Whether it fills tables so much that it needs statistics, and so a database of its own: those would be another
    /// run's as well, and it might not repeat exactly.
    var isLarge: Bool { kind == .long || kind == .ladder }

    /// The window model that people pin, or `auto`.
    package enum Rule: String, Sendable, CaseIterable, Codable {
        case slots, paced, strict, auto
    }

    struct Key: Sendable {
        var org: Int
        /// Our monthly cap; `nil`: none.
        var monthlyLimit: Int?
        /// The provider's monthly limit; `nil`: none.
        var providerMonthlyLimit: Int?
        var reserveSlots = 0
        var monthTurnsAt: Duration?
        /// Others used it shortly before the start, and the admin said so.
        var wasUsedRecently = false
    }

    struct Batch: Sendable {
        var tenant: Int
        var jobs: Int
        var maxCredits: Int64?
        var onAmbiguous = "evidence"
    }

    let seed: UInt64
    let kind: Kind
    /// How the simulated provider counts.
    let model: WindowModel
    /// How we spend the slots.
    let rule: Rule
    let limit: Int
    let window: Duration
    let margin: Duration
    /// What the provider's limiter truncates its clock to.
    let granularity: Duration
    /// How much faster than the provider's the database's clock runs.
    let drift: Double
    /// The run's first instant by the database's clock, in microseconds since 1970.
    let start: Int64

    let lease: Duration
    let deadline: Duration
    let grace: Duration
    /// How long after its last round a worker keeps house again.
    let houseRest: ClosedRange<Duration>
    /// The claim loop's longest sleep.
    let idlePoll: Duration

    let workers: Int
    let keys: [Key]
    /// Credits of each org at the start.
    let orgCredits: [Int]
    /// Monthly budgets of tenants beside weights 1, 2, 3…; `nil`: none.
    let tenantBudgets: [Int64?]
    let batches: [Batch]
    /// The provider's settings, faults included.
    let provider: ProviderConfiguration
    /// When it is over: the steps after which a storm calms down, or the horizon of a saturated or long run.
    let stormSteps: Int
    let horizon: Duration
    /// Mean time between two faults of the world.
    let faultInterval: Duration
    /// About how long it lasts what ends by itself: outages, pauses, changes that are put right.
    let faultLength: Duration
    /// Probability that a statement is slow, lost, or loses its answer.
    let statementFaultRate: Double
    /// What the world may do, drawn from at each fault.
    let faults: [FaultKind]
    /// Whether nobody else moves the provider's numbers, so that what they are taken to mean must be true.
    let isAlone: Bool

    /// 429s that are not explained by anything but the provider's model, at most.
    let permitted429s: Int

    /// Whether it has so many jobs that windows are full while things go wrong.
    let isDense: Bool
    /// After how long ended jobs are put away, and dropped; `nil`: not in so short a time.
    let archivesAfter: Duration?
    let retention: Duration?

    /// What ends a storm by hand: without it, what is parked has to come back by its probes.
    let isHealedByPeople: Bool

    /// From an answer until the key's next POST, by the window model alone; zero for `slots`.
    var pace: Duration {
        switch rule {
        case .slots, .auto: .zero
        case .paced: window / limit + margin
        case .strict: (limit == 1 ? window * 2 : window / (limit - 1)) + margin
        }
    }
}
