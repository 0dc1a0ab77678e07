import Foundation
import TestImages
import Testing

@Suite("meshmill jobs and batches")
struct JobsCommandTests {
    /// Jobs 1 to 4, of which 1 failed and 2 is held.
    private func withJobs(_ body: (Workplace) async throws -> Void) async throws {
        try await Workplace.with { place async throws in
            for number in 0..<4 { try place.write("photos/\(number).png", TestImages.png(number)) }
            _ = try await place.run("submit", "photos", "--out", "meshes")
            try await place.sql(
                """
                UPDATE meshmill.jobs SET state = CASE id WHEN 1 THEN 'failed' ELSE 'held' END::meshmill.job_state,
                    error_code = 'x', error = 'because', completed_at = now() WHERE id < 3
                """
            )
            try await body(place)
        }
    }

    @Test("a batch that there is not is no empty answer")
    func noBatch() async throws {
        try await Workplace.with { place async throws in
            for arguments in [["list", "--batch", "99"], ["cancel", "--batch", "99", "--yes"]] {
                let result = try await place.run(["jobs"] + arguments, input: "", environment: [:])
                #expect(result.status == 64 && result.messages.contains("there is no batch 99"))
            }
        }
    }

    @Test("exports one line a job with exactly the documented fields")
    func exports() async throws {
        try await withJobs { place async throws in
            let result = try await place.run("jobs", "export", "--batch", "1")
            #expect(result.status == 0 && result.lines.count == 4)
            let fields = [
                "job_id", "batch_id", "custom_id", "tenant", "source", "status", "output", "sha256", "key",
                "generation_id", "attempts", "credits", "error_code", "error", "submitted_at", "completed_at",
            ]
            for line in result.lines { #expect(Set(JSON.object(line).keys) == Set(fields)) }
            let first = JSON.object(result.lines[0])
            #expect(first["status"] as? String == "failed" && first["error"] as? String == "because")
            #expect(first["source"] as? String == "\(place.folder)/photos/0.png")
            #expect(first["output"] as? String == "\(place.folder)/meshes/0.glb")
            #expect((first["submitted_at"] as? String)?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z/) != nil)
            #expect(try await place.run("batches", "export", "1").output == result.output)
        }
    }

    @Test("lists and shows, narrowed by batch and status, a page at a time")
    func lists() async throws {
        try await withJobs { place async throws in
            let held = JSON.objects(try await place.run("jobs", "list", "--status", "held", "--json").output)
            #expect(held.map { $0["job_id"] as? Int } == [2])
            let page = try await place.run("jobs", "list", "--batch", "1", "--after", "2", "--limit", "1")
            #expect(page.lines.count == 2 && page.messages.contains("--after 3"))
            #expect(JSON.objects(try await place.run("jobs", "list", "--json").output).count == 4)
            let show = try await place.run("jobs", "show", "1")
            #expect(show.lines.contains { $0.hasPrefix("error ") && $0.hasSuffix("because") })
            let batch = JSON.object(try await place.run("batches", "show", "1", "--json").output)
            #expect((batch["jobs"] as? [String: Int])?["queued"] == 2)
            let batches = JSON.objects(try await place.run("batches", "list", "--json").output)
            #expect(batches.count == 1 && batches[0]["out"] as? String == "\(place.folder)/meshes")
            #expect(try await place.run("batches", "list", "--open").lines.count == 2)
        }
    }

    @Test("acts on jobs, and says how many it touched and why not the others")
    func actsOnJobs() async throws {
        try await withJobs { place async throws in
            let rehearsal = try await place.run("jobs", "retry", "1", "2", "3", "--dry-run")
            #expect(rehearsal.output == "would retry 2 jobs: 1 failed, 1 held\n")
            let retry = try await place.run("jobs", "retry", "1", "3")
            #expect(retry.output == "1 jobs queued again\n" && retry.messages.contains("job 3 is queued"))
            #expect(try await place.run("jobs", "hold", "3", "4").output == "2 jobs held\n")
            #expect(try await place.run("jobs", "release", "2", "3").output == "2 jobs released\n")
            #expect(try await place.run("jobs", "cancel", "1").status == 64)
            #expect(try await place.run("jobs", "cancel", "1", "--yes").output == "1 jobs cancelled\n")
            let missing = try await place.run("jobs", "cancel", "1", "77", "--yes")
            #expect(missing.status == 64 && missing.onlyMessage?.contains("no job 77") == true)
        }
    }

    @Test("acts on batches")
    func actsOnBatches() async throws {
        try await withJobs { place async throws in
            #expect(try await place.run("batches", "hold", "1").output == "batch 1 is paused\n")
            let release = try await place.run("batches", "release", "1")
            #expect(release.output == "batch 1 is open\nbatch 1: 1 jobs released\n", "\(release.messages)")
            let rehearsal = try await place.run("batches", "cancel", "1", "--dry-run")
            #expect(rehearsal.output == "would cancel 3 jobs\n")
            #expect(try await place.run("batches", "cancel", "1").status == 64)
            #expect(try await place.run("batches", "cancel", "1", "--yes").output == "batch 1: 3 jobs cancelled\n")
            #expect(try await place.run("batches", "retry", "1", "--yes").output == "batch 1: 4 jobs queued again\n")
            for action in ["retry", "cancel", "hold", "release", "show", "wait", "export"] {
                let missing = try await place.run("batches", action, "77")
                #expect(missing.status == 64 && missing.onlyMessage?.contains("no batch 77") == true)
            }
        }
    }

    @Test("waits until all have ended: exit 1 if some failed, 75 when the time is over")
    func waits() async throws {
        try await withJobs { place async throws in
            let timeout = try await place.run("batches", "wait", "1", "--timeout", "1ms")
            #expect(timeout.status == 75 && timeout.messages.contains("2 jobs have not ended"))
            #expect(try await place.run("jobs", "wait", "3", "--timeout", "1ms").status == 75)
            #expect(try await place.run("jobs", "wait", "1", "2").status == 1)
            _ = try await place.run("batches", "cancel", "1", "--yes")
            let failed = try await place.run("batches", "wait", "1", "--json")
            #expect(failed.status == 1 && (JSON.object(failed.output)["jobs"] as? [String: Int])?["failed"] == 1)
            #expect(try await place.run("jobs", "wait", "3", "4").status == 0)
        }
    }
}
