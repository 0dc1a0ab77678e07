import Foundation
import MeshmillStore
import PostgresClient

extension Doctor {
    func schema() async throws -> Finding {
        do {
            switch try await Migrator(client).state() {
            case .current: return .ok("schema", "current")
            case .empty: return .problem("schema", "the database is empty", cure: "meshmill migrate")
            case .foreign:
                let text = "the database holds something else and no schema of meshmill"
                return .problem("schema", text, cure: "check DATABASE_URL, or run: meshmill migrate")
            case .behind(let missing):
                return .problem("schema", "lacks \(missing.joined(separator: ", "))", cure: "meshmill migrate")
            }
        } catch let error as MigrationError {
            return .problem("schema", "\(error)", cure: "use the version of meshmill that migrated it, or a newer one")
        }
    }

    func server() async throws -> [Finding] {
        let asked = Date()
        guard let facts = try await client.query(ReadServerFacts()).first else { return [] }
        // Half the round trip is as near as one can come.
        let here = asked.addingTimeInterval(Date().timeIntervalSince(asked) / 2).timeIntervalSince1970
        let skew = abs(here - Double(facts.now.microseconds) / 1e6)
        var findings: [Finding] = []
        findings.append(
            facts.versionNumber >= 140_000
                ? .ok("server", "PostgreSQL \(facts.version)")
                : .problem("server", "PostgreSQL \(facts.version) is too old", cure: "use PostgreSQL 14 or newer")
        )
        findings.append(durability(facts))
        findings.append(
            skew > 5
                ? .warning(
                    "clock",
                    "this machine and the database differ by \(Int(skew)) s",
                    cure: "synchronize the clocks; scheduling follows the database's"
                ) : .ok("clock", "within \(String(format: "%.1f", skew)) s of the database's")
        )
        if facts.clockShift != .zero {
            findings.append(
                .problem(
                    "clock",
                    "meshmill.clock() is moved by \(facts.clockShift.rounded)",
                    cure: "UPDATE meshmill.clock_offset SET shift = '0'; it is for tests"
                )
            )
        }
        if facts.isReadOnly {
            let cure = "connect to the primary: target_session_attrs=read-write"
            findings.append(.problem("server", "takes no writes: a standby, or read-only", cure: cure))
        }
        let use = "\(facts.connections) of \(facts.maximumConnections) connections in use"
        findings.append(
            facts.connections * 10 > facts.maximumConnections * 9
                ? .warning("connections", use, cure: "raise max_connections, or put a pooler in between")
                : .ok("connections", use)
        )
        if facts.isRemote {
            let version = facts.isEncrypted ? facts.encryption ?? "TLS" : nil
            findings.append(
                Self.encryption(version: version, oldest: facts.oldestEncryption, isVerified: verifiesServer)
            )
        }
        if !facts.autovacuum {
            findings.append(.problem("autovacuum", "is off: tables will swell", cure: "autovacuum = on"))
        }
        return findings
    }

    /// Whether a connection to a server asks who that is.
    private var verifiesServer: Bool {
        let given = if case .named(let url) = environment.database { url } else { "" }
        return (try? ConnectionString(given))?.verifiesServer ?? false
    }

    /// What to say of a connection that leaves this machine.
    ///
    /// - Parameters:
    ///   - version: as in `TLSv1.3`; nil: it is not encrypted.
    ///   - oldest: the oldest version that the server takes; empty: any.
    ///   - isVerified: whether the server's certificate is checked.
    /// - Returns: the finding.
    static func encryption(version: String?, oldest: String, isVerified: Bool) -> Finding {
        let weak = ["TLSv1", "TLSv1.1"]
        let raise = "ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.2', and reload"
        guard let version else {
            let text = "the connection to the database is not encrypted"
            return .problem("encryption", text, cure: "sslmode=verify-full")
        }
        if weak.contains(version) {
            let text = "the connection to the database uses \(version), which can be broken"
            return .problem("encryption", text, cure: raise)
        }
        if !isVerified {
            let text = "the connection to the database uses \(version), but nothing says who is at its other end"
            let cure = "sslmode=verify-full, with sslrootcert where the authority is your own"
            return .warning("encryption", text, cure: cure)
        }
        if oldest.isEmpty || weak.contains(oldest) {
            let text = "the server would also take \(oldest.isEmpty ? "any TLS" : oldest), which can be broken"
            return .warning("encryption", text, cure: raise)
        }
        return .ok("encryption", "the connection to the database uses \(version), and its server is verified")
    }

    private func durability(_ facts: ReadServerFacts.Row) -> Finding {
        let off = [(facts.fsync, "fsync"), (facts.fullPageWrites, "full_page_writes")].filter { !$0.0 }.map(\.1)
        guard off.isEmpty else {
            return .problem(
                "durability",
                "\(off.joined(separator: " and ")) off: a crash loses slots and credits that were spent",
                cure: "ALTER SYSTEM SET \(off[0]) = on, and restart the server"
            )
        }
        return facts.synchronousCommit == "off" || facts.synchronousCommit == "local"
            ? .warning(
                "durability",
                "synchronous_commit is \(facts.synchronousCommit); claims and settles turn it on for themselves",
                cure: "synchronous_commit = on"
            ) : .ok("durability", "fsync, full_page_writes and synchronous_commit are on")
    }

    func holders() async throws -> [Finding] {
        var findings: [Finding] = []
        for holder in try await client.query(ListHorizonHolders()) {
            let age = holder.age.map { " for \($0.rounded)" } ?? ""
            let text = "\(holder.kind) \(holder.name) (\(holder.who), \(holder.state)) holds old row versions\(age)"
            let cure =
                switch holder.kind {
                case "session": "end it there, or: SELECT pg_terminate_backend(\(holder.name))"
                case "replication slot": "SELECT pg_drop_replication_slot('\(holder.name)'), if nobody needs it"
                default: "COMMIT PREPARED or ROLLBACK PREPARED '\(holder.name)'"
                }
            findings.append(.warning("snapshot", text, cure: cure))
        }
        for holder in try await client.query(ListLockHolders()) {
            let longest = holder.longest.map { ", the longest for \($0.rounded)" } ?? ""
            let text = "session \(holder.pid) (\(holder.who), \(holder.state)) blocks \(holder.waiting)\(longest)"
            let cure = "end it there, or: SELECT pg_terminate_backend(\(holder.pid))"
            findings.append(.warning("locks", text, cure: cure))
        }
        return findings.isEmpty ? [.ok("sessions", "nobody holds an old snapshot or blocks a lock")] : findings
    }
}
