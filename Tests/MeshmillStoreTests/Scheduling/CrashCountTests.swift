import Foundation
import MeshmillStore
import PostgresClient
import Testing

@Suite("Workers that die", .timeLimit(.minutes(2)))
struct CrashCountTests {
    /// A worker that reads the job's GLB when it dies, or only fetches it; and the next one, a lease later.
    private func die(
        _ yard: Yard,
        job: Int64,
        whileVerifying: Bool,
        inOrder: Bool = false
    ) async throws -> [Orphan] {
        let owner = try #require(
            UUID(uuidString: try await yard.text("SELECT worker_id FROM meshmill.jobs WHERE id = \(job)") ?? "")
        )
        let epoch = Int64(try await yard.number("SELECT lease_epoch FROM meshmill.jobs WHERE id = \(job)"))
        try await yard.beat(owner)
        _ = try await yard.client.query(
            BeginDownload(jobID: job, leaseEpoch: epoch, worker: owner, expiresIn: .seconds(3_600))
        )
        if whileVerifying {
            let marked = try await yard.client.query(
                MarkVerifying(jobID: job, leaseEpoch: epoch, worker: owner, isVerifying: true)
            )
            #expect(marked.count == 1)
        }
        if inOrder { try await yard.client.execute(HandOver(worker: owner)) }
        let heir = UUID()
        try await yard.beat(heir)
        for _ in 0..<2 {
            try await yard.pass(16, keepingLease: false)
            try await yard.beat(heir)
        }
        return try await yard.client.query(AdoptOrphans(worker: heir, lease: yard.lease, limit: 10))
    }

    private func generating(_ yard: Yard) async throws -> Int64 {
        try await yard.addKeys(1)
        try await yard.addJobs(1)
        let claim = try await yard.claim(1)
        try await yard.settle(claim, .accepted)
        try await yard.run(
            "INSERT INTO meshmill.outputs (batch_id, output, job_id, source) VALUES (1, 'a.glb', 1, '/a')"
        )
        return claim[0].jobID
    }

    @Test("FAULTS 8, LESSON 8: the third worker that dies while it reads a job's GLB has it held, with the reason")
    func poison() async throws {
        try await Yard.with { yard in
            let job = try await generating(yard)
            #expect(try await die(yard, job: job, whileVerifying: true).count == 1)
            #expect(try await die(yard, job: job, whileVerifying: true).count == 1)
            #expect(try await yard.number("SELECT crash_count FROM meshmill.jobs") == 2)
            #expect(try await die(yard, job: job, whileVerifying: true).isEmpty)
            #expect(try await yard.text("SELECT state || ' ' || error_code FROM meshmill.jobs") == "held crashes")
            #expect(try await yard.client.query(RunAudit()).filter { $0.violations > 0 }.map(\.name) == [])
            // A person has it made anew.
            try await yard.run("SELECT ops.release(ARRAY[\(job)], 'mended')")
            #expect(try await yard.text("SELECT state || ' ' || crash_count FROM meshmill.jobs") == "queued 0")
        }
    }

    @Test("FAULTS 4, 5: ten workers that die at other instants hold no innocent job")
    func randomKills() async throws {
        try await Yard.with { yard in
            let job = try await generating(yard)
            for _ in 0..<10 { #expect(try await die(yard, job: job, whileVerifying: false).count == 1) }
            #expect(try await yard.text("SELECT state || ' ' || crash_count FROM meshmill.jobs") == "downloading 0")
        }
    }

    @Test("a worker that ends in order blames nothing")
    func inOrder() async throws {
        try await Yard.with { yard in
            let job = try await generating(yard)
            #expect(try await die(yard, job: job, whileVerifying: true, inOrder: true).count == 1)
            #expect(try await yard.number("SELECT crash_count FROM meshmill.jobs") == 0)
        }
    }

    @Test("FAULTS 7: a worker that was frozen cannot mark, fetch or finish what another adopted")
    func frozen() async throws {
        try await Yard.with { yard in
            let job = try await generating(yard)
            _ = try await die(yard, job: job, whileVerifying: false)
            let late = try await yard.client.query(
                BeginDownload(jobID: job, leaseEpoch: 1, worker: yard.worker, expiresIn: nil)
            )
            let mark = try await yard.client.query(
                MarkVerifying(jobID: job, leaseEpoch: 1, worker: yard.worker, isVerifying: true)
            )
            #expect(late.isEmpty && mark.isEmpty)
        }
    }

    @Test("the switch keeps every claim back at once, and lets the next one through")
    func theSwitch() async throws {
        try await Yard.with { yard in
            try await yard.addKeys(2)
            try await yard.addJobs(5)
            try await yard.run("SELECT ops.stop_submitting('party')")
            #expect(try await yard.claim(2).isEmpty)
            try await yard.run("SELECT ops.start_submitting()")
            #expect(try await yard.claim(2).count == 2)
        }
    }
}
