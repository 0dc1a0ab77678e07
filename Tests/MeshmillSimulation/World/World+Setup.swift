import AmaraSimulator
import Foundation
import MeshmillStore
import MeshmillWorker

extension World {
    /// Puts keys, tenants, batches and jobs into the database, and starts the workers.
    func prepare() async throws {
        try await database.reset(at: databaseInstant, seed: scenario.seed, putsAway: scenario.archivesAfter != nil)
        for (index, budget) in scenario.tenantBudgets.enumerated() where index > 0 {
            try await execute(
                """
                INSERT INTO meshmill.tenants (name, pool_id, weight, monthly_budget)
                VALUES ('\(Self.tenant(index))', 1, \(index + 1), \(budget.map(String.init) ?? "NULL"))
                """
            )
        }
        if let budget = scenario.tenantBudgets.first ?? nil {
            try await execute("UPDATE meshmill.tenants SET monthly_budget = \(budget) WHERE name = 'default'")
        }
        try await addKeys()
        try await execute("SELECT meshmill.set_window_model('\(scenario.rule.rawValue)', NULL)")
        for (index, batch) in scenario.batches.enumerated() {
            let opened = try await execute(
                OpenBatch(
                    tenant: Self.tenant(batch.tenant),
                    out: "/out/\(index)",
                    maxCredits: batch.maxCredits,
                    maxAttempts: 3,
                    onAmbiguous: batch.onAmbiguous
                ),
                for: nil
            )
            guard let id = opened.first?.batchID else { continue }
            batchIDs.append(id)
            try await addJobs(batch.jobs, to: id)
        }
        if scenario.isLarge { try await database.analyze() }
        if let rest = scenario.archivesAfter {
            let rests = [("archive_after", rest), ("retention", scenario.retention)]
            for case (let name, let rest?) in rests {
                try await execute("SELECT meshmill.set_setting('\(name)', '\(rest.microseconds) microseconds', NULL)")
            }
        }
        for (index, key) in scenario.keys.enumerated() {
            guard let turn = key.monthTurnsAt, key.providerMonthlyLimit != nil else { continue }
            watchMonth(ofKey: index, from: .zero, until: turn)
        }
        for _ in 0..<scenario.workers { startWorker() }
        if !scenario.faults.isEmpty { befallLater() }
        if scenario.kind == .stormy { submitLater() }
    }

    private static func tenant(_ index: Int) -> String { index == 0 ? "default" : "tenant-\(index)" }

    private func addKeys() async throws {
        let keys = scenario.keys.enumerated().map { index, key in
            """
            {"id": \(index + 1), "name": "sim-\(index + 1)", "org": "org-\(key.org + 1)",
             "rate_limit": \(scenario.limit), "rate_window": "\(scenario.window.microseconds) microseconds",
             "margin": "\(scenario.margin.microseconds) microseconds", "reserve_slots": \(key.reserveSlots),
             "monthly_limit": \(key.monthlyLimit.map(String.init) ?? "null"),
             "used_recently": \(key.wasUsedRecently), "fingerprint": "\(index)", "master_key_id": "m",
             "sealed": "00"}
            """
        }
        try await execute("SELECT * FROM meshmill.store_keys('[\(keys.joined(separator: ","))]', NULL)")
        // Not where nobody else is to move the provider's numbers: what fails of theirs is refunded later.
        for (index, key) in scenario.keys.enumerated() where key.wasUsedRecently && !scenario.isAlone {
            for _ in 0..<chance.number(1...scenario.limit) { useElsewhere(key: index) }
        }
    }

    /// Submits jobs for images that nobody had before.
    func addJobs(_ count: Int, to batch: Int64) async throws {
        for first in stride(from: 0, to: count, by: AddJobs.maximumJobs) {
            var inputs: [StoredInput] = []
            var jobs: [AddJobs.Job] = []
            for _ in first..<min(count, first + AddJobs.maximumJobs) {
                nextImage += 1
                let digest = Self.digest(nextImage)
                inputs.append(
                    StoredInput(
                        sourceSHA256: digest,
                        inputSHA256: digest,
                        format: "png",
                        bytes: 100,
                        width: 10,
                        height: 10
                    )
                )
                jobs.append(
                    AddJobs.Job(
                        fingerprint: chance.uuid(),
                        inputSHA256: digest,
                        inputFormat: "png",
                        mode: "fast",
                        seed: 42,
                        decimationTarget: 300_000,
                        textureSize: 2_048,
                        prompt: nil,
                        priority: chance.number(0...2),
                        customID: nil,
                        source: "/in/\(nextImage).png",
                        output: "\(nextImage).glb"
                    )
                )
            }
            try await execute(RecordInputs(inputs), for: nil)
            let rows = try await execute(AddJobs(batchID: batch, isReplacing: false, jobs: jobs), for: nil)
            for (job, row) in zip(jobs, rows) { observer.noteImage(job.inputSHA256, ofJob: row.jobID) }
        }
        wakeAll()
    }

    /// 32 bytes that differ from image to image; ours start with a zero, those of others do not.
    static func digest(_ number: Int) -> [UInt8] {
        (0..<32).map { $0 < 24 ? 0 : UInt8(truncatingIfNeeded: number >> (8 * (31 - $0))) }
    }

    func startWorker() {
        let worker = SimulatedWorker("w\(workers.count + 1)", in: self)
        workers.append(worker)
        after(chance.time(.zero ... .milliseconds(200)), worker, "starts") { worker.begin() }
    }

    /// What a notification does.
    func wakeAll() {
        for worker in workers where worker.isAlive {
            worker.cursors.rewind()
            worker.wake()
        }
    }
}
