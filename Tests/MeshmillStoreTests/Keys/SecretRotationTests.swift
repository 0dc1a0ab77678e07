import MeshmillCore
import MeshmillStore
import PostgresClient
import Testing

@Suite("Secrets that change: a key's own, and the master key")
struct SecretRotationTests {
    private func withKeys(_ count: Int, _ body: (StoreTestDatabase) async throws -> Void) async throws {
        try await StoreTestDatabase.with { database async throws in
            try await database.importKeys(
                (1...count).map { KeyFileRow(line: $0, secret: Secret("sk_\($0)"), name: "key\($0)") }
            )
            try await body(database)
        }
    }

    private func rotate(_ name: String, to secret: String, _ database: StoreTestDatabase) async throws {
        let rotation = KeyRotation(masterKey: database.masterKey)
        try await database.client.withTransaction { connection in
            try await rotation.run(name, to: Secret(secret), reason: "leaked", on: connection)
        }
    }

    private func rewrap(
        _ database: StoreTestDatabase,
        to new: MasterKey,
        interruptedAfter limit: Int? = nil
    ) async throws -> Int {
        let client = database.client
        let rewrap = try await Rewrap(client, from: database.masterKey, to: new, reason: "yearly") {
            try await client.query($0).first
        }
        return try await rewrap.run { _ in
        } finish: { finish in
            if limit != nil { throw CancellationError() }
            return try await client.query(finish).first ?? 0
        }
    }

    @Test("a key gets another secret and keeps its name, slots and history; a disabled one is tried again")
    func rotates() async throws {
        try await withKeys(2) { database async throws in
            let secrets = KeySecrets(database.client, masterKey: database.masterKey)
            #expect(try await secrets.secret(ofKey: 1)?.exposed == "sk_1")
            try await database.sql(
                "UPDATE meshmill.keys SET state = 'disabled', probe_at = now(), posts = 7 WHERE id = 1"
            )
            let slots = try await database.sql("SELECT * FROM meshmill.slots ORDER BY 1, 2")
            try await rotate("key1", to: "sk_new", database)
            #expect(
                try await database.sql("SELECT state, posts, name FROM meshmill.keys WHERE id = 1") == ["active|7|key1"]
            )
            #expect(try await database.sql("SELECT * FROM meshmill.slots ORDER BY 1, 2") == slots)
            // One that has the old secret in memory asks again within its interval.
            let deadline = ContinuousClock.now + .seconds(20)
            while try await secrets.secret(ofKey: 1)?.exposed != "sk_new", ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(100))
            }
            #expect(try await secrets.secret(ofKey: 1)?.exposed == "sk_new")
            let log = try await database.sql(
                "SELECT what, subject, reason, before || after IS NOT NULL FROM ops.audit_log WHERE what = 'rotate_key'"
            )
            #expect(log == ["rotate_key|key1|leaked|t"])
            await #expect(throws: KeyError.secretTaken("key2")) { try await rotate("key1", to: "sk_2", database) }
            await #expect(throws: KeyError.unknownKey("no")) { try await rotate("no", to: "sk_9", database) }
        }
    }

    @Test("FAULTS 9: secrets asked for at once are all kept, and serve on when the database cannot be asked")
    func keeps() async throws {
        try await withKeys(8) { database async throws in
            let secrets = KeySecrets(database.client, masterKey: database.masterKey)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for key in Int64(1)...8 { group.addTask { _ = try await secrets.secret(ofKey: key) } }
                try await group.waitForAll()
            }
            // From now on nobody can read one anew, and the question whether they changed goes unanswered.
            try await database.sql("ALTER TABLE meshmill.key_secrets RENAME TO hidden")
            try await database.client.withTransaction { connection in
                try await connection.simpleQuery("LOCK TABLE meshmill.installation")
                let deadline = ContinuousClock.now + .seconds(3)
                while ContinuousClock.now < deadline {
                    for key in Int64(1)...8 {
                        #expect(try await secrets.secret(ofKey: key)?.exposed == "sk_\(key)")
                    }
                    try await Task.sleep(for: .milliseconds(100))
                }
            }
        }
    }

    @Test("the master key is rotated while a worker with the old one goes on, and one that starts needs the new one")
    func rewraps() async throws {
        try await withKeys(3) { database async throws in
            let worker = KeySecrets(database.client, masterKey: database.masterKey)
            #expect(try await worker.secret(ofKey: 1)?.exposed == "sk_1")
            let new = MasterKey()
            #expect(try await rewrap(database, to: new) == 3)
            #expect(try await worker.secret(ofKey: 2)?.exposed == "sk_2")
            #expect(try await KeySecrets(database.client, masterKey: new).secret(ofKey: 3)?.exposed == "sk_3")
            #expect(try await database.sql("SELECT master_key_id FROM meshmill.installation") == [new.id])
            // No worker of before is left, so the way from the old to the new one is forgotten.
            try await database.client.execute(ForgetMasterKeys())
            let late = KeySecrets(database.client, masterKey: database.masterKey)
            await #expect(throws: MasterKeyError.otherKey(expected: new.id, actual: database.masterKey.id)) {
                try await late.secret(ofKey: 1)
            }
        }
    }

    @Test(
        "FAULTS 32: a rotation that was cut off is taken up again with the same new key, and serves workers meanwhile"
    )
    func resumes() async throws {
        try await withKeys(3) { database async throws in
            let new = MasterKey()
            await #expect(throws: CancellationError.self) {
                try await rewrap(database, to: new, interruptedAfter: 1)
            }
            // Sealed half by each: a worker with the old key opens all.
            try await rotate("key2", to: "sk_between", database)
            let worker = KeySecrets(database.client, masterKey: database.masterKey)
            #expect(try await worker.secret(ofKey: 1)?.exposed == "sk_1")
            #expect(try await worker.secret(ofKey: 2)?.exposed == "sk_between")
            // The new one alone does not do before the end, and says which one does.
            await #expect(throws: MasterKeyError.otherKey(expected: database.masterKey.id, actual: new.id)) {
                try await KeySecrets(database.client, masterKey: new).secret(ofKey: 2)
            }
            let resumed = try await Rewrap(database.client, from: database.masterKey, to: MasterKey(), reason: nil) {
                try await database.client.query($0).first
            }
            #expect(resumed.newKey.id == new.id)
            #expect(try await rewrap(database, to: new) == 1)
            #expect(try await database.sql("SELECT DISTINCT master_key_id FROM meshmill.key_secrets") == [new.id])
        }
    }
}
