import Foundation
import Testing

@Suite("meshmill audit and meshmill breaker")
struct AuditCommandTests {
    @Test("audit passes a database that nothing is wrong with, and names every check")
    func clean() async throws {
        try await Workplace.with { place async throws in
            let result = try await place.run("audit", "--json", "--files")
            #expect(result.status == 0)
            let json = JSON.object(result.output)
            #expect(json["ok"] as? Bool == true)
            let checks = json["checks"] as? [[String: Any]] ?? []
            #expect(checks.count == 19)
            #expect(checks.allSatisfy { $0["ok"] as? Bool == true && ($0["rows"] as? [Any])?.isEmpty == true })
            let text = try await place.run("audit")
            #expect(text.lines.allSatisfy { $0.hasPrefix("ok ") })
        }
    }

    @Test("audit ends with 2 where something is wrong, and prints the offending rows")
    func violated() async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run("keys", "import", "-", input: "sk_a")
            try await place.sql("UPDATE meshmill.keys SET reserved = 3")
            let result = try await place.run("audit")
            #expect(result.status == 2)
            #expect(result.lines.contains { $0.hasPrefix("VIOLATED  reserves_balance") })
            #expect(result.output.contains(#""cached": 3"#))
            let json = JSON.object(try await place.run("audit", "--json").output)
            #expect(json["ok"] as? Bool == false)
        }
    }

    @Test("audit --files misses a GLB that is gone")
    func lostFile() async throws {
        try await Workplace.with { place async throws in
            try await place.sql(
                """
                INSERT INTO meshmill.batches (tenant_id, out) VALUES (1, '\(place.folder)');
                INSERT INTO meshmill.jobs (batch_id, tenant_id, state, fingerprint, input_sha256, input_format, glb_sha256, glb_bytes, completed_at)
                VALUES (1, 1, 'completed', gen_random_uuid(), '\\x00', 'png', '\\x00ff', 2, now());
                INSERT INTO meshmill.outputs (batch_id, output, job_id, source, published_at) VALUES (1, 'a.glb', 1, '/a.png', now())
                """
            )
            let json = JSON.object(try await place.run("audit", "--json", "--files").output)
            let checks = json["checks"] as? [[String: Any]] ?? []
            let rows = checks.first { $0["name"] as? String == "meshes_on_disk" }?["rows"] as? [[String: Any]]
            #expect(rows?.first?["path"] as? String == "\(place.folder)/a.glb")
        }
    }

    @Test("breaker shows why it is open, and is reset by a person with a reason")
    func breaker() async throws {
        try await Workplace.with { place async throws in
            #expect(try await place.run("breaker", "reset").output == "the breaker was closed already\n")
            try await place.sql(
                "UPDATE meshmill.breaker SET is_open = true, probe_at = now(), reason = 'BACKEND_ERROR'"
            )
            let shown = JSON.object(try await place.run("breaker", "show", "--json").output)
            #expect(shown["status"] as? String == "open" && shown["reason"] as? String == "BACKEND_ERROR")
            let reset = try await place.run("breaker", "reset", "--reason", "they called")
            #expect(reset.output == "the breaker is closed\n")
            let log = try await place.sql(
                "SELECT what, actor, reason FROM ops.audit_log ORDER BY audit_id DESC LIMIT 1"
            )
            #expect(log == ["reset_breaker|tester|they called"])
        }
    }
}
