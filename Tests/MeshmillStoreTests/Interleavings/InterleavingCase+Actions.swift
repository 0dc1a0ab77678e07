import MeshmillCore
import MeshmillStore
import PostgresClient

extension InterleavingCase {
    /// What people do to jobs, against workers, housekeeping and each other.
    static let actions: [InterleavingCase] = [
        Self("finish x cancel") { yard in
            let attempt = try await yard.generates()
            return [yard.finishes(attempt), yard.acts(.cancel, on: [1])]
        },
        Self("finish x cancel x retry", holds: []) { yard in
            let attempt = try await yard.generates()
            return [yard.finishes(attempt), yard.acts(.cancel, on: [1]), yard.acts(.retry, on: [1])]
        },
        Self("download x cancel") { yard in
            let attempt = try await yard.generates()
            return [yard.beginsDownload(attempt).then(yard.finishes(attempt)), yard.acts(.cancel, on: [1])]
        },
        Self("cancel x cancel: overlapping jobs") { yard in
            try await yard.opens(keys: 1, jobs: 3)
            return [yard.acts(.cancel, on: [3, 1]), yard.acts(.cancel, on: [2, 3, 1])]
        },
        Self("cancel x retry") { yard in
            try await yard.opens(keys: 1, jobs: 2)
            _ = try await yard.client.query(ActOnJobs(.cancel, jobIDs: [1]))
            return [yard.acts(.cancel, on: [1, 2]), yard.acts(.retry, on: [2, 1])]
        },
        Self("promote x cancel") { yard in
            try await yard.schedules()
            return [yard.promotes(), yard.acts(.cancel, on: [1])]
        },
        Self("promote x hold") { yard in
            try await yard.schedules()
            return [yard.promotes(), yard.acts(.hold, on: [1])]
        },
        Self("promote x promote x claim", holds: []) { yard in
            try await yard.schedules()
            return [yard.promotes("ada"), yard.promotes("bob"), yard.claims()]
        },
        Self("retry x the batch is closed") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            _ = try await yard.client.query(ActOnJobs(.cancel, jobIDs: [1]))
            try await yard.run("UPDATE meshmill.batches SET submitted_at = submitted_at - interval '1 hour'")
            return [yard.acts(.retry, on: [1]), yard.does("housekeeping: close", CloseBatches())]
        },
        Self("pause x resume of a key") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            try await yard.run(
                "UPDATE meshmill.keys SET state = 'paused', paused_until = meshmill.clock() - interval '1 s'"
            )
            return [
                yard.does("housekeeping: resume", ResumePausedKeys()),
                yard.does("operator: pause", ActOnKey(.pause, name: "org-1")),
            ]
        },
        Self("quota moved x quota moved back x quotas shared out", holds: []) { yard in
            try await yard.opens(keys: 2, jobs: 1)
            try await yard.run("UPDATE meshmill.keys SET monthly_limit = 1")
            return [
                yard.calls("move_quota('org-1', 'org-2', 1)"), yard.calls("move_quota('org-2', 'org-1', 2)"),
                yard.calls("rebalance('org', 'remaining')"),
            ]
        },
        Self("pause x limits of a key x margins of all", holds: []) { yard in
            try await yard.opens(keys: 2, jobs: 1)
            let change = try yard.changesKeys(
                "limits",
                [("org-2", { $0.rateLimit = 3 }), ("org-2", { $0.rateLimit = 4 })]
            )
            return [
                yard.does("operator: pause", ActOnKey(.pause, name: "org-1")), change,
                yard.does("admin: margin", SetMargin(.seconds(1))),
            ]
        },
    ]
}

extension Yard {
    /// A job whose time has come.
    func schedules() async throws {
        try await opens(keys: 1, jobs: 1)
        try await run("UPDATE meshmill.jobs SET state = 'scheduled', run_at = meshmill.clock() - interval '1 s'")
    }
}
