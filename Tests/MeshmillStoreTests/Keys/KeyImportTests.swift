import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Taking keys in")
struct KeyImportTests {
    private func row(_ secret: String, name: String? = nil) -> KeyFileRow {
        KeyFileRow(line: 1, secret: Secret(secret), name: name)
    }

    @Test("makes keys that may be used at once, each its own org, with a slot for each creation")
    func makesKeys() async throws {
        try await StoreTestDatabase.with { database async throws in
            var second = row("sk_b", name: "two")
            second.rateLimit = 3
            second.rateWindow = .seconds(6)
            second.monthlyLimit = 100
            let report = try await database.importKeys([row("sk_a"), second])
            let name = SecretFingerprint(of: Secret("sk_a")).defaultName()
            #expect(report.added == [name, "two"])
            let keys = try await database.client.query(ListKeys())
            #expect(keys.map(\.name) == [name, "two"].sorted())
            let two = try #require(keys.first { $0.name == "two" })
            #expect(two.org == "two" && two.freeSlots == 3 && two.monthlyLeft == 100 && two.nextPostAt <= two.now)
            let other = try #require(keys.first { $0.name == name })
            #expect(other.rateLimit == 5 && other.rateWindow == .seconds(900) && other.monthlyLeft == nil)
            let margins = try await database.sql(
                "SELECT extract(epoch FROM margin)::float FROM meshmill.keys ORDER BY id"
            )
            #expect(margins == ["3", "0.02"])
        }
    }

    @Test("THREAT 12: seals the secrets: none is in the database in the clear, and the look-up opens them")
    func seals() async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.importKeys([row("sk_amara_hidden", name: "one")])
            let sealed = try await database.sql("SELECT encode(sealed, 'escape') FROM meshmill.key_secrets")
            #expect(sealed.count == 1 && !sealed[0].contains("hidden"))
            let secrets = KeySecrets(database.client, masterKey: database.masterKey)
            #expect(try await secrets.secret(ofKey: 1)?.exposed == "sk_amara_hidden")
            #expect(try await secrets.secret(ofKey: 2) == nil)
            let stranger = KeySecrets(database.client, masterKey: MasterKey())
            await #expect(throws: MasterKeyError.self) { try await stranger.secret(ofKey: 1) }
        }
    }

    @Test("a second time updates what is given and keeps the rest")
    func updates() async throws {
        try await StoreTestDatabase.with { database async throws in
            var first = row("sk_a", name: "one")
            first.monthlyLimit = 50
            try await database.importKeys([first])
            try await database.sql("UPDATE meshmill.keys SET posts = 7")
            var again = row("sk_a")
            again.org = "studio"
            let report = try await database.importKeys([again])
            #expect(report.updated == ["one"] && report.added.isEmpty)
            let key = try #require(try await database.client.query(ListKeys()).first)
            #expect(key.org == "studio" && key.monthlyLimit == 50 && key.posts == 7)
            let kept = try await database.importKeys([row("sk_a", name: "other")], known: .areKept)
            #expect(kept.kept == 1)
            #expect(try await database.client.query(ListKeys()).map(\.name) == ["one"])
        }
    }

    @Test("that were used recently makes them wait one window and the margin")
    func quarantines() async throws {
        try await StoreTestDatabase.with { database async throws in
            var recent = row("sk_a", name: "one")
            recent.usedRecently = true
            recent.rateWindow = .seconds(60)
            try await database.importKeys([recent])
            let key = try #require(try await database.client.query(ListKeys()).first)
            let wait = try #require(key.now.duration(to: key.nextPostAt))
            #expect(wait > .seconds(58) && wait <= .milliseconds(61_100))
            #expect(key.reason != nil)
        }
    }

    @Test("refuses a name that another key has, and takes nothing of the file in")
    func refusesNames() async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.importKeys([row("sk_a", name: "one")])
            await #expect(throws: KeyError.nameTaken("one")) {
                try await database.importKeys([row("sk_b", name: "two"), row("sk_c", name: "one")])
            }
            #expect(try await database.client.query(ListKeys()).count == 1)
        }
    }

    @Test("refuses a pool that there is not, and more reserved slots than there are")
    func refusesSettings() async throws {
        try await StoreTestDatabase.with { database async throws in
            var pooled = row("sk_a")
            pooled.pool = "fast"
            await #expect(throws: KeyError.unknownPool("fast")) { try await database.importKeys([pooled]) }
            var reserved = row("sk_b")
            reserved.reserveSlots = 4
            try await database.importKeys([reserved])
            var lowered = row("sk_b")
            lowered.rateLimit = 3
            await #expect(throws: KeyError.reserveNotBelowLimit) { try await database.importKeys([lowered]) }
        }
    }

    @Test("FAULTS 32: refuses to seal with another master key than the installation's")
    func refusesMasterKey() async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.importKeys([row("sk_a")])
            let other = KeyImport(masterKey: MasterKey())
            await #expect(throws: MasterKeyError.self) {
                try await database.client.withTransaction { connection in
                    try await other.run([row("sk_b")], known: .areUpdated, on: connection)
                }
            }
        }
    }

    @Test("brings a removed key back under its old name, or under another where that is taken")
    func bringsBack() async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.importKeys([row("sk_a", name: "one")])
            _ = try await database.client.query(RemoveKey(name: "one"))
            #expect(try await database.client.query(ListKeys()).isEmpty)
            #expect(try await database.importKeys([row("sk_a")]).updated == ["one"])
            _ = try await database.client.query(RemoveKey(name: "one"))
            try await database.importKeys([row("sk_b", name: "one")])
            let report = try await database.importKeys([row("sk_a")])
            #expect(report.updated == [SecretFingerprint(of: Secret("sk_a")).defaultName()])
        }
    }

    @Test("of the same 200 secrets by eight processes at once makes each key once")
    func atOnce() async throws {
        try await StoreTestDatabase.with { database async throws in
            let rows = (0..<200).map { row("sk_\($0)") }
            let added = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await database.importKeys(rows, known: .areKept).added.count }
                }
                return try await group.reduce(0, +)
            }
            #expect(added == 200)
        }
    }

    @Test("is in the audit log, with what was so before")
    func isAudited() async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.client.withTransaction { connection in
                try await connection.execute(NameActor("ada"))
                let keyImport = KeyImport(masterKey: database.masterKey)
                _ = try await keyImport.run([row("sk_a", name: "one")], known: .areUpdated, on: connection)
            }
            var changed = row("sk_a")
            changed.rateLimit = 9
            try await database.importKeys([changed])
            let log = try await database.sql(
                "SELECT what, subject, actor = 'ada', before ->> 'rate_limit', after ->> 'rate_limit' FROM ops.audit_log ORDER BY audit_id"
            )
            #expect(log == ["add_key|one|t||5", "update_key|one|f|5|9"])
        }
    }
}
