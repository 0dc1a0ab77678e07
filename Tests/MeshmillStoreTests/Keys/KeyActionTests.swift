import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Acting on keys")
struct KeyActionTests {
    private func withKey(_ body: (StoreTestDatabase) async throws -> Void) async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.importKeys([KeyFileRow(line: 1, secret: Secret("sk_a"), name: "one")])
            try await body(database)
        }
    }

    @Test("pauses, resumes, drains and removes by name, each in the audit log")
    func acts() async throws {
        try await withKey { database async throws in
            var statuses: [String] = []
            for action in [ActOnKey.Action.pause, .resume, .drain] {
                statuses += try await database.client.query(ActOnKey(action, name: "one", reason: "test"))
            }
            statuses += try await database.client.query(RemoveKey(name: "one", reason: "test"))
            #expect(statuses == ["paused", "active", "draining", "removed"])
            let log = try await database.sql(
                "SELECT what, after ->> 'state', reason FROM ops.audit_log WHERE what <> 'add_key' ORDER BY audit_id"
            )
            #expect(
                log == [
                    "pause_key|paused|test", "resume_key|active|test", "drain_key|draining|test",
                    "remove_key|removed|test",
                ]
            )
        }
    }

    @Test(
        "a parked key that was paused is tried again when the pause is taken back",
        arguments: ["parked", "disabled"]
    )
    func undoneIsProbed(state: String) async throws {
        try await withKey { database async throws in
            try await database.sql("UPDATE meshmill.keys SET state = '\(state)', probe_at = now() + interval '1 hour'")
            _ = try await database.client.query(ActOnKey(.pause, name: "one"))
            try await database.sql("SELECT ops.undo(max(audit_id)) FROM ops.audit_log")
            #expect(
                try await database.sql("SELECT state, probe_at <= meshmill.clock() FROM meshmill.keys") == [
                    "\(state)|t"
                ]
            )
        }
    }

    @Test("says which key there is not")
    func namesUnknownKeys() async throws {
        try await withKey { database async throws in
            let error = await #expect(throws: PostgresError.self) {
                try await database.client.query(ActOnKey(.pause, name: "two"))
            }
            #expect(error?.sqlState == SQLState("P0002"))
            #expect(error?.description.contains("there is no key two") == true)
        }
    }

    @Test("ends a pause with an end by itself")
    func pauseEnds() async throws {
        try await withKey { database async throws in
            let now = try #require(try await database.client.query(ReadClock()).first)
            let until = PostgresTimestamp(microseconds: now.microseconds + 60_000_000)
            _ = try await database.client.query(ActOnKey(.pause, name: "one", until: until))
            #expect(try await database.sql("SELECT meshmill.resume_paused_keys()") == ["0"])
            try await database.advance(61)
            #expect(try await database.sql("SELECT meshmill.resume_paused_keys()") == ["1"])
            #expect(try await database.sql("SELECT status, paused_until FROM ops.keys") == ["active|"])
        }
    }

    @Test("changes settings by name, and refuses a name that is taken")
    func changesSettings() async throws {
        try await withKey { database async throws in
            try await database.importKeys([KeyFileRow(line: 1, secret: Secret("sk_b"), name: "two")])
            var changes = ChangeKey.Changes()
            changes.name = "uno"
            changes.org = "studio"
            changes.monthlyLimit = .credits(9)
            #expect(try await database.client.query(try ChangeKey(name: "one", changes, reason: nil)) == ["uno"])
            let key = try #require(try await database.client.query(ListKeys(name: "uno")).first)
            #expect(key.org == "studio" && key.monthlyLimit == 9)
            var unlimited = ChangeKey.Changes()
            unlimited.monthlyLimit = ChangeKey.Changes.MonthlyLimit.none
            _ = try await database.client.query(try ChangeKey(name: "uno", unlimited, reason: nil))
            #expect(try await database.client.query(ListKeys(name: "uno")).first?.monthlyLimit == nil)
            var taken = ChangeKey.Changes()
            taken.name = "two"
            let error = await #expect(throws: PostgresError.self) {
                try await database.client.query(try ChangeKey(name: "uno", taken, reason: nil))
            }
            #expect(error?.constraint == "keys_name")
        }
    }
}
