import MeshmillCore
import MeshmillStore
import PostgresClient

extension InterleavingCase {
    /// Workers that die, or seem to, while others adopt their jobs.
    static let leases: [InterleavingCase] = [
        Self("a dead worker's answer x adopt and settle as lost") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            let attempt = try await yard.claim(1)
            try await yard.dies()
            return [yard.settles(attempt, .accepted), yard.adopts().then(yard.settles(attempt, .lost, as: Yard.bob))]
        },
        Self("a dead worker finishes x adopt") { yard in
            let attempt = try await yard.generates()
            try await yard.dies()
            return [yard.finishes(attempt), yard.adopts()]
        },
        Self("a dead worker finishes x adopt and finish") { yard in
            let attempt = try await yard.generates()
            try await yard.dies()
            return [
                yard.finishes(attempt),
                yard.adopts().then(yard.finishes(attempt, as: Yard.bob, epoch: attempt.leaseEpoch + 1)),
            ]
        },
        Self("a dead worker reports a refund x adopt and report it") { yard in
            let attempt = try await yard.generates()
            try await yard.dies()
            let failed = GenerationResult.End.failed(.queue, count: .provider, code: "x", message: "x")
            let heir = yard.finishes(attempt, failed, as: Yard.bob, epoch: attempt.leaseEpoch + 1, refunded: true)
            return [yard.finishes(attempt, failed, refunded: true), yard.adopts().then(heir)]
        },
        Self("a dead worker begins its download x adopt") { yard in
            let attempt = try await yard.generates()
            try await yard.dies()
            return [yard.beginsDownload(attempt), yard.adopts()]
        },
        Self("heartbeat x adopt x finish", holds: []) { yard in
            let attempt = try await yard.generates()
            try await yard.dies()
            return [yard.beats(), yard.adopts(), yard.finishes(attempt)]
        },
        Self("heartbeat x adopt") { yard in
            _ = try await yard.generates()
            try await yard.dies()
            return [yard.beats(), yard.adopts()]
        },
        Self("hand over x adopt x settle", holds: []) { yard in
            try await yard.opens(keys: 1, jobs: 1)
            let attempt = try await yard.claim(1)
            return [yard.settles(attempt, .accepted).then(yard.handsOver()), yard.adopts()]
        },
        Self("adopt x adopt") { yard in
            _ = try await yard.generates(2)
            try await yard.dies()
            return [yard.adopts(), yard.adopts()]
        },
        Self("adopt x cancel") { yard in
            _ = try await yard.generates()
            try await yard.dies()
            return [yard.adopts(), yard.acts(.cancel, on: [1])]
        },
        Self("adopt x claim by the one who seemed dead") { yard in
            _ = try await yard.generates()
            try await yard.addJobs(1)
            try await yard.dies()
            return [yard.adopts(), yard.beats().then(yard.claims())]
        },
        Self("finish x finish") { yard in
            let attempt = try await yard.generates()
            return [yard.finishes(attempt), yard.finishes(attempt)]
        },
    ]
}

extension Yard {
    /// A generation that ada polls.
    func generates(_ count: Int = 1) async throws -> ClaimedAttempt {
        try await opens(keys: count, jobs: count)
        let attempts = try await claim(count)
        try await settle(attempts, .accepted)
        return attempts[0]
    }

    /// Lets ada's lease run out, while bob was in touch for more than a whole one.
    func dies() async throws {
        for _ in 0..<2 {
            try await pass(20, keepingLease: false)
            try await greet(Self.bob, "bob")
        }
    }
}
