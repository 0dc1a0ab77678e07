/// Tenants that share the slots of some keys, and what happens meanwhile.
package struct FairnessScenario: Sendable, CustomStringConvertible {
    /// One tenant.
    package struct Tenant: Sendable {
        package var weight: Double
        /// Jobs that it has queued from the start.
        package var jobs: Int
        /// The priority of its jobs, which must not matter between tenants.
        package var priority = 0

        package init(weight: Double, jobs: Int = 100_000, priority: Int = 0) {
            self.weight = weight
            self.jobs = jobs
            self.priority = priority
        }
    }

    /// Something that happens before a round.
    package enum Event: Sendable {
        /// So many jobs are queued for a tenant, counted from 0.
        case submits(tenant: Int, jobs: Int)
        case changesWeight(tenant: Int, to: Double)
    }

    package var name: String
    package var tenants: [Tenant]
    /// Slots that come free together in each round.
    package var freeing: Int
    /// Workers that claim at the same time.
    package var claimers = 1
    package var rounds: Int
    /// What happens, by the round before which it does.
    package var events: [Int: [Event]] = [:]

    package var description: String { name }

    /// The most by which two tenants with work may differ, in slots of the lighter one: one for each claimer.
    package var bound: Double { Double(claimers) }

    /// Jobs of a tenant, capped at what could be run of them, so that nobody waits for rows that nobody reads.
    func queued(_ jobs: Int) -> Int { min(jobs, freeing * rounds + 1) }
}

extension FairnessScenario {
    /// The scenarios of `scripts/simulate --fairness`.
    ///
    /// - Parameter scale: a share of the rounds; small ones are a test.
    /// - Returns: tenants that stay as they are first, then those that change.
    package static func all(scale: Double = 1) -> [FairnessScenario] {
        [steady, changing].flatMap { $0(scale) }
    }

    private static func steady(_ scale: Double) -> [FairnessScenario] {
        let weighted = [1.0, 2, 5].map { Tenant(weight: $0) }
        let lopsided = [1.0, 100].map { Tenant(weight: $0) }
        let zipf = (1...20).map { 1 / Double($0) }
        return [
            Self(name: "1:2:5, one by one", tenants: weighted, freeing: 1, rounds: rounds(400, scale)),
            Self(name: "1:2:5, many at once", tenants: weighted, freeing: 37, rounds: rounds(30, scale)),
            Self(
                name: "1:2:5, four claimers at once",
                tenants: weighted,
                freeing: 37,
                claimers: 4,
                rounds: rounds(30, scale)
            ),
            Self(name: "1:100, one by one", tenants: lopsided, freeing: 1, rounds: rounds(600, scale)),
            Self(name: "1:100, many at once", tenants: lopsided, freeing: 37, rounds: rounds(30, scale)),
            Self(
                name: "20 tenants, weights by Zipf",
                tenants: zipf.map { Tenant(weight: $0) },
                freeing: 7,
                rounds: rounds(100, scale)
            ),
            Self(
                name: "20 tenants alike, backlogs by Zipf",
                tenants: zipf.map { Tenant(weight: 1, jobs: Int((700 * scale * $0).rounded(.up))) },
                freeing: 7,
                rounds: rounds(200, scale)
            ),
            Self(
                name: "1:1, one with priority 100",
                tenants: [Tenant(weight: 1), Tenant(weight: 1, priority: 100)],
                freeing: 3,
                rounds: rounds(60, scale)
            ),
        ]
    }

    private static func changing(_ scale: Double) -> [FairnessScenario] {
        let long = rounds(300, scale)
        let late = Self(
            name: "1:2:5:1, three of them join late",
            tenants: [
                Tenant(weight: 1), Tenant(weight: 2, jobs: 0), Tenant(weight: 5, jobs: 0), Tenant(weight: 1, jobs: 0),
            ],
            freeing: 1,
            rounds: long,
            events: [
                long / 4: [.submits(tenant: 1, jobs: 100_000)], long / 2: [.submits(tenant: 2, jobs: 100_000)],
                long * 3 / 4: [.submits(tenant: 3, jobs: 100_000)],
            ]
        )
        let idle = Self(
            name: "1:1:2, two come and go",
            tenants: [Tenant(weight: 1), Tenant(weight: 1, jobs: 10), Tenant(weight: 2, jobs: 10)],
            freeing: 5,
            rounds: long,
            events: Dictionary(
                uniqueKeysWithValues: stride(from: long / 6, to: long, by: max(long / 6, 1)).map {
                    ($0, [.submits(tenant: 1, jobs: 20), .submits(tenant: 2, jobs: 30)])
                }
            )
        )
        let reweighted = Self(
            name: "1:1:1, then 5:1:1, then 1:1:100",
            tenants: [1.0, 1, 1].map { Tenant(weight: $0) },
            freeing: 3,
            rounds: long,
            events: [
                long / 3: [.changesWeight(tenant: 0, to: 5)],
                long * 2 / 3: [.changesWeight(tenant: 0, to: 1), .changesWeight(tenant: 2, to: 100)],
            ]
        )
        return [late, idle, reweighted]
    }

    private static func rounds(_ count: Int, _ scale: Double) -> Int { max(6, Int(Double(count) * scale)) }
}
