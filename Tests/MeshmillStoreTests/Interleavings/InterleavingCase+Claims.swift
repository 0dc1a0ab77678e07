import MeshmillCore
import MeshmillStore
import PostgresClient

extension InterleavingCase {
    /// Two claims for the last of something, and claims while limits change.
    static let claims: [InterleavingCase] = [
        Self("claim x claim: one key") { yard in
            try await yard.opens(keys: 1, jobs: 2)
            return [yard.claims(), yard.claims(as: Yard.bob)]
        },
        Self("claim x claim: one job, two keys") { yard in
            try await yard.opens(keys: 2, jobs: 1)
            return [yard.claims(2), yard.claims(2, as: Yard.bob)]
        },
        Self("claim x claim: the last slot of a window") { yard in
            try await yard.opens(keys: 1, jobs: 2)
            try await yard.run("DELETE FROM meshmill.slots WHERE ordinal > 0; UPDATE meshmill.keys SET rate_limit = 1")
            return [yard.claims(), yard.claims(as: Yard.bob)]
        },
        Self("claim x claim: the org's last credit") { yard in
            try await yard.opens(keys: 2, jobs: 2)
            try await yard.run("UPDATE meshmill.orgs SET credits_remaining = 1")
            return [yard.claims(), yard.claims(as: Yard.bob)]
        },
        Self("claim x claim: the tenant's last credit") { yard in
            try await yard.opens(keys: 2, jobs: 2)
            try await yard.run("UPDATE meshmill.tenants SET monthly_budget = 1")
            return [yard.claims(), yard.claims(as: Yard.bob)]
        },
        Self("claim x claim: the batch's last credit") { yard in
            try await yard.opens(keys: 2, jobs: 2, setting: "max_credits = 1")
            return [yard.claims(), yard.claims(as: Yard.bob)]
        },
        Self("claim x claim: one is killed before its COMMIT") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            return [yard.claims().killed, yard.claims(as: Yard.bob)]
        },
        Self("claim x claim x claim: two keys, two orgs, one credit", holds: []) { yard in
            try await yard.opens(keys: 1, jobs: 3)
            try await yard.addKeys(1, org: "other")
            try await yard.run("UPDATE meshmill.tenants SET monthly_budget = 1")
            return [yard.claims(2), yard.claims(2, as: Yard.bob), yard.claims()]
        },
        Self("claim x quota lowered") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            let lower = try yard.changesKeys("lower the quota", [("org-1", { $0.monthlyLimit = .credits(0) })])
            return [yard.claims(), lower]
        },
        Self("claim x pause of the key") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            return [yard.claims(), yard.does("operator: pause", ActOnKey(.pause, name: "org-1"))]
        },
        Self("claim x removal of the key") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            return [yard.claims(), yard.does("admin: remove", RemoveKey(name: "org-1"))]
        },
        Self("claim x pause of the tenant") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            return [
                yard.claims(), yard.calls("pause_tenant('default')"),
            ]
        },
        Self("claim x pause of the org") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            return [yard.claims(), yard.calls("pause_org('org')")]
        },
        Self("claim x pause of the batch") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            return [yard.claims(), yard.does("operator: pause", SetBatchPaused(batchID: 1, isPaused: true))]
        },
        Self("claim x the switch") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            return [yard.claims(), yard.does("operator: stop", SetSubmitting(false))]
        },
        Self("claim x quota moved to the key") { yard in
            try await yard.opens(keys: 2, jobs: 1)
            try await yard.run("UPDATE meshmill.keys SET monthly_limit = id - 1")
            return [yard.claims(), yard.calls("move_quota('org-2', 'org-1', 1)")]
        },
        Self("claim x quota moved from the key") { yard in
            try await yard.opens(keys: 2, jobs: 1)
            try await yard.run("UPDATE meshmill.keys SET monthly_limit = 2 - id")
            return [yard.claims(), yard.calls("move_quota('org-1', 'org-2', 1)")]
        },
        Self("claim x cancel") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            return [yard.claims(), yard.acts(.cancel, on: [1])]
        },
        Self("claim x hold x release", holds: []) { yard in
            try await yard.opens(keys: 1, jobs: 1)
            return [yard.claims(), yard.acts(.hold, on: [1]), yard.acts(.release, on: [1])]
        },
        Self("claim x a changed margin") { yard in
            try await yard.opens(keys: 2, jobs: 2)
            return [yard.claims(2), yard.does("admin: margin", SetMargin(.seconds(1)))]
        },
        Self("claim x the batch is closed") { yard in
            try await yard.opens(keys: 1, jobs: 1)
            try await yard.run("UPDATE meshmill.batches SET submitted_at = submitted_at - interval '1 hour'")
            return [yard.claims(), yard.does("housekeeping: close", CloseBatches())]
        },
    ]
}

extension Yard {
    /// Two workers, keys of one org and queued jobs.
    func opens(keys: Int, jobs: Int, setting: String = "") async throws {
        try await greet(worker, "ada")
        try await greet(Self.bob, "bob")
        try await addKeys(keys)
        try await addJobs(jobs, setting: setting)
        try await run(
            """
            INSERT INTO meshmill.outputs (batch_id, output, job_id, source)
            SELECT j.batch_id, j.id || '.glb', j.id, '/in/' || j.id FROM meshmill.jobs AS j
            """
        )
    }
}
