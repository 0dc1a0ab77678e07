import Foundation
import Testing

@Suite("meshmill status, stop, start and settings")
struct StatusCommandTests {
    @Test("tell programs the documented fields")
    func fields() async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run("keys", "import", "-", input: "sk_a")
            let result = try await place.run("status", "--json")
            let json = JSON.object(result.output)
            for name in ["jobs", "keys", "tenants", "workers", "breaker", "window_model", "capped"] {
                #expect(json[name] != nil, "\(name)")
            }
            #expect((json["jobs"] as? [String: Int])?["queued"] == 0)
            #expect((json["keys"] as? [Any])?.count == 1 && (json["tenants"] as? [Any])?.count == 1)
            #expect((json["breaker"] as? [String: Any])?["status"] as? String == "closed")
            let text = try await place.run("status")
            #expect(text.lines.first == "jobs: none" && !text.output.contains("\u{1B}"))
        }
    }

    @Test("turn the switch, once, in the audit log")
    func turnTheSwitch() async throws {
        try await Workplace.with { place async throws in
            #expect(try await place.run("stop", "--reason", "party").output == "submitting is stopped\n")
            #expect(try await place.run("stop").output == "submitting was stopped already\n")
            #expect(try await place.run("status").output.hasPrefix("SUBMITTING IS STOPPED"))
            #expect(try await place.run("start").output == "submitting is started\n")
            let log = try await place.sql("SELECT what, actor, reason FROM ops.audit_log ORDER BY audit_id")
            #expect(log == ["stop_submitting|tester|party", "start_submitting|tester|"])
        }
    }

    @Test("list and set what all processes go by")
    func set() async throws {
        try await Workplace.with { place async throws in
            _ = try await place.run("keys", "import", "-", input: "sk_a")
            #expect(try await place.run("settings", "set", "lease", "10s").output == "lease is 10s\n")
            #expect(try await place.run("settings", "set", "margin", "2s").status == 0)
            #expect(try await place.sql("SELECT margin FROM meshmill.keys") == ["00:00:02"])
            let list = JSON.objects(
                try await place.run("settings", "list", "--json", environment: ["MESHMILL_GRACE": "5s"]).output
            )
            let values = Dictionary(
                uniqueKeysWithValues: list.map { ($0["name"] as? String ?? "", $0["from"] as? String ?? "") }
            )
            #expect(values["lease"] == "settings" && values["margin"] == "settings")
            #expect(values["request_deadline"] == "default" && values["grace"] == "MESHMILL_GRACE")
            #expect(try await place.run("settings", "set", "margin", "default").status == 0)
            #expect(try await place.sql("SELECT margin FROM meshmill.keys") == ["00:00:03"])
        }
    }
}
