import MeshmillCore
import MeshmillStore
import PostgresClient

extension InterleavingCase {
    /// Answers to POSTs, against claims, second answers, changed limits and the turn of the month.
    static let answers: [InterleavingCase] =
        [AnswerEffect.accepted, .limited, .lost, .unsent].map { effect in
            Self("settle as \(effect.outcome) x claim with the same key") { yard in
                try await yard.opens(keys: 1, jobs: 2)
                let attempt = try await yard.claim(1)
                return [yard.settles(attempt, effect), yard.claims(as: Yard.bob)]
            }
        } + [
            Self("settle x settle: one attempt, two answers") { yard in
                try await yard.opens(keys: 1, jobs: 1)
                let attempt = try await yard.claim(1)
                return [yard.settles(attempt, .accepted), yard.settles(attempt, .lost, as: Yard.bob)]
            },
            Self("settle x settle: a late answer of an unknown attempt, twice") { yard in
                try await yard.opens(keys: 1, jobs: 1)
                let attempt = try await yard.claim(1)
                try await yard.settle(attempt, .lost)
                return [yard.settles(attempt, .accepted), yard.settles(attempt, .limited, as: Yard.bob)]
            },
            Self("settle x settle: two attempts each, in opposite order") { yard in
                try await yard.opens(keys: 2, jobs: 4)
                try await yard.addKeys(2, org: "other")
                let attempts = try await yard.claim(4)
                return [
                    yard.settles([attempts[3], attempts[0]], .accepted),
                    yard.settles([attempts[1], attempts[2]], .limited, as: Yard.bob),
                ]
            },
            Self("settle x settle: killed before COMMIT, sent again") { yard in
                try await yard.opens(keys: 1, jobs: 1)
                let attempt = try await yard.claim(1)
                return [yard.settles(attempt, .accepted).killed, yard.settles(attempt, .accepted, as: Yard.bob)]
            },
            Self("settle x cancel") { yard in
                try await yard.opens(keys: 1, jobs: 1)
                let attempt = try await yard.claim(1)
                return [yard.settles(attempt, .accepted), yard.acts(.cancel, on: [1])]
            },
            Self("settle x cancel x retry", holds: []) { yard in
                try await yard.opens(keys: 1, jobs: 1)
                let attempt = try await yard.claim(1)
                return [yard.settles(attempt, .accepted), yard.acts(.cancel, on: [1]), yard.acts(.retry, on: [1])]
            },
            Self("a late answer x promote x claim", holds: []) { yard in
                try await yard.opens(keys: 2, jobs: 1)
                let attempt = try await yard.claim(1)
                try await yard.settle(attempt, .lost)
                try await yard.pass(1_000)
                try await yard.greet(Yard.bob, "bob")
                return [yard.settles(attempt, .accepted), yard.promotes(), yard.claims(as: Yard.bob)]
            },
            Self("a late answer x its doubt is charged") { yard in
                try await yard.opens(keys: 1, jobs: 1)
                let attempt = try await yard.claim(1)
                try await yard.settle(attempt, .lost)
                try await yard.pass(1_000)
                return [yard.settles(attempt, .accepted), yard.does("housekeeping: charge", ChargeDoubts())]
            },
            Self("two workers charge the same doubts") { yard in
                try await yard.opens(keys: 2, jobs: 2)
                try await yard.settle(try await yard.claim(2), .lost)
                try await yard.pass(1_000)
                return [yard.does("ada: charge", ChargeDoubts()), yard.does("bob: charge", ChargeDoubts())]
            },
            Self("settle x quota lowered") { yard in
                try await yard.opens(keys: 1, jobs: 1)
                let attempt = try await yard.claim(1)
                let lower = try yard.changesKeys("lower the quota", [("org-1", { $0.monthlyLimit = .credits(0) })])
                return [yard.settles(attempt, .accepted), lower]
            },
            Self("settle x claim x quota moved", holds: []) { yard in
                try await yard.opens(keys: 2, jobs: 3)
                try await yard.run("UPDATE meshmill.keys SET monthly_limit = 2")
                let attempt = try await yard.claim(1)
                let move = yard.calls("move_quota('org-1', 'org-2', 1)")
                return [yard.settles(attempt, .accepted), yard.claims(2, as: Yard.bob), move]
            },
            Self("settle x claim x quotas shared out anew", holds: []) { yard in
                try await yard.opens(keys: 2, jobs: 3)
                try await yard.run("UPDATE meshmill.keys SET monthly_limit = 3 * (2 - id)")
                let attempt = try await yard.claim(1)
                return [
                    yard.settles(attempt, .accepted), yard.claims(2, as: Yard.bob), yard.calls("rebalance('org')"),
                ]
            },
            Self("settle x claim x fewer slots", holds: []) { yard in
                try await yard.opens(keys: 1, jobs: 2)
                let attempt = try await yard.claim(1)
                let lower = try yard.changesKeys("fewer slots", [("org-1", { $0.rateLimit = 1 })])
                return [yard.settles(attempt, .accepted), yard.claims(as: Yard.bob), lower]
            },
            Self("settle x a longer window") { yard in
                try await yard.opens(keys: 1, jobs: 2)
                try await yard.settle(try await yard.claim(1), .accepted)
                let attempt = try await yard.claim(1)
                let longer = try yard.changesKeys("a longer window", [("org-1", { $0.rateWindow = .seconds(3_600) })])
                return [yard.settles(attempt, .limited), longer]
            },
            Self("settle x claim x more slots", holds: []) { yard in
                try await yard.opens(keys: 1, jobs: 2)
                let attempt = try await yard.claim(1)
                let raise = try yard.changesKeys("more slots", [("org-1", { $0.rateLimit = 7 })])
                return [yard.settles(attempt, .unsent), yard.claims(as: Yard.bob), raise]
            },
            Self("settle x the month turns") { yard in
                try await yard.opens(keys: 1, jobs: 2)
                try await yard.settle(try await yard.claim(1), .accepted)
                let attempt = try await yard.claim(1)
                try await yard.passesMonth()
                return [yard.settles(attempt, .accepted), yard.does("housekeeping: month", TurnMonths())]
            },
            Self("settle x claim x the month turns", holds: []) { yard in
                try await yard.opens(keys: 2, jobs: 3)
                try await yard.run("UPDATE meshmill.keys SET monthly_limit = 1")
                try await yard.run("UPDATE meshmill.tenants SET monthly_budget = 2")
                try await yard.settle(try await yard.claim(1), .accepted)
                let attempt = try await yard.claim(1)
                try await yard.passesMonth()
                return [
                    yard.settles(attempt, .accepted), yard.claims(as: Yard.bob),
                    yard.does("housekeeping: month", TurnMonths()),
                ]
            },
            Self("two workers turn the month") { yard in
                try await yard.opens(keys: 2, jobs: 1)
                try await yard.settle(try await yard.claim(1), .accepted)
                try await yard.passesMonth()
                return [yard.does("ada: month", TurnMonths()), yard.does("bob: month", TurnMonths())]
            },
        ]
}

extension AnswerEffect {
    /// What a POST does that provably never left.
    static let unsent = AnswerEffect(
        .unsent,
        slot: .free,
        credit: .release,
        job: .queue,
        code: "not_sent",
        message: "x"
    )
}

extension Yard {
    /// Moves the clock behind the end of the month.
    func passesMonth() async throws {
        try await run(
            """
            UPDATE meshmill.clock_offset SET shift = shift
                + (date_trunc('month', meshmill.clock() AT TIME ZONE 'UTC') + interval '1 month 1 hour')
                    AT TIME ZONE 'UTC' - meshmill.clock()
            """
        )
        try await greet(worker, "ada")
        try await greet(Self.bob, "bob")
    }
}
