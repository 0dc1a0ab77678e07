import AmaraAPI
import Foundation
import MeshmillCore
import MeshmillStore
import PostgresClient

/// Looks at an installation from every side, without changing it.
struct Doctor {
    let installation: Installation

    init(_ installation: Installation) {
        self.installation = installation
    }

    private var client: PostgresClient { installation.client }
    private var environment: Environment { installation.environment }

    /// Everything that was looked at; the rest is left out where the database cannot be read.
    ///
    /// - Throws: `CancellationError`; `PostgresError` when the database goes away meanwhile.
    func findings() async throws -> [Finding] {
        var findings = [try await schema()]
        guard findings[0].level == .ok else { return findings + files() + [await provider()] }
        findings += try await server()
        findings += try await holders()
        findings += try await work()
        findings += try await keys()
        findings += files()
        findings.append(await provider())
        return findings
    }
}

// MARK: - The database

extension Doctor {
    private func schema() async throws -> Finding {
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

    private func server() async throws -> [Finding] {
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
        if facts.isRemote, !facts.isEncrypted {
            findings.append(
                .problem("encryption", "the connection to the database is not encrypted", cure: "sslmode=verify-full")
            )
        }
        if !facts.autovacuum {
            findings.append(.problem("autovacuum", "is off: tables will swell", cure: "autovacuum = on"))
        }
        return findings
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

    private func holders() async throws -> [Finding] {
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

// MARK: - The work

extension Doctor {
    private func work() async throws -> [Finding] {
        var findings: [Finding] = []
        if let installation = try await client.query(ReadInstallation()).first, !installation.isSubmitting {
            findings.append(.warning("switch", "submitting is stopped", cure: "meshmill start"))
        }
        if let breaker = try await client.query(ReadBreaker()).first, breaker.isOpen {
            let cure = "it closes by itself once the provider answers; at once with: meshmill breaker reset"
            findings.append(.warning("breaker", "open: \(breaker.reason ?? "the provider fails")", cure: cure))
        }
        let workers = try await client.query(ListWorkers())
        let running = workers.filter { $0.status == "running" }
        let versions = Set(running.map(\.version))
        if versions.count > 1 {
            let text = "workers of versions \(versions.sorted().joined(separator: ", ")) run side by side"
            findings.append(.warning("workers", text, cure: "install one version everywhere"))
        }
        let orphans = workers.filter { $0.status != "running" && $0.jobs > 0 }
        let waiting = try await client.query(CountJobs()).filter { $0.status == "queued" }.reduce(0) { $0 + $1.jobs }
        if running.isEmpty, waiting > 0 || !orphans.isEmpty {
            findings.append(
                .warning("workers", "none runs, and \(waiting) jobs are queued", cure: "meshmill worker, or run again")
            )
        } else {
            findings.append(.ok("workers", "\(running.count) running"))
        }
        return findings
    }

    private func keys() async throws -> [Finding] {
        let keys = try await client.query(ListKeys())
        guard !keys.isEmpty else {
            return [.warning("keys", "there is none", cure: "meshmill keys import FILE")]
        }
        var findings: [Finding] = []
        for (status, cure) in [
            ("disabled", "check it with the provider, then: meshmill keys rotate NAME, or keys resume NAME"),
            ("parked", "it is tried again by itself; raise its quota, or wait for its month"),
        ] {
            let some = keys.filter { $0.status == status }
            guard let first = some.first else { continue }
            let names = some.prefix(5).map(\.name).joined(separator: ", ") + (some.count > 5 ? " …" : "")
            let reason = first.reason.map { " (\($0))" } ?? ""
            findings.append(.warning("keys", "\(some.count) \(status): \(names)\(reason)", cure: cure))
        }
        let usable = keys.filter { $0.status == "active" }.count
        findings.append(.ok("keys", "\(usable) of \(keys.count) active"))
        return findings
    }
}

// MARK: - This machine, and the provider

extension Doctor {
    private func files() -> [Finding] {
        var findings: [Finding] = []
        if case .file(let path) = environment.masterKey, let attributes = try? attributes(path) {
            let mode = (attributes[.posixPermissions] as? Int) ?? 0
            findings.append(
                mode & 0o077 == 0
                    ? .ok("master key", "\(path), readable by this account only")
                    : .problem("master key", "\(path) can be read by others", cure: "chmod 600 \(path)")
            )
        }
        let home = environment.home
        if FileManager.default.fileExists(atPath: home) {
            if !FileManager.default.isWritableFile(atPath: home) {
                findings.append(.problem("home", "\(home) cannot be written", cure: "chown it to this account"))
            }
            let free =
                (try? FileManager.default.attributesOfFileSystem(forPath: home)[.systemFreeSize] as? Int64) ?? nil
            if let free {
                let text = "\(free / 1_000_000_000) GB free at \(home)"
                findings.append(
                    free < 1_000_000_000
                        ? .warning("disk", text, cure: "make room; submitting pauses when it is full")
                        : .ok("disk", text)
                )
            }
        }
        return findings
    }

    private func attributes(_ path: String) throws -> [FileAttributeKey: Any] {
        try FileManager.default.attributesOfItem(atPath: path)
    }

    /// A status request for a generation that there is not, without a real key.
    private func provider() async -> Finding {
        let address = environment.apiURL ?? AmaraClientConfiguration.defaultBaseURL
        do {
            let client = try Provider.client(environment, logger: installation.logger)
            guard let token = BearerToken("sk_amara_doctor") else { return .ok("provider", "not asked") }
            let reached: Finding
            do {
                try await Provider.check(client, token, address: address)
                reached = .ok("provider", "\(address) answers")
            } catch {
                reached = .problem("provider", "\(error)", cure: "check AMARA_API_URL, the proxy and the network")
            }
            try? await client.shutdown()
            guard environment.variables["MESHMILL_INSECURE"] != "1" || !address.hasPrefix("http://") else {
                let text = "\(address) is not encrypted: keys can be read on the way"
                return .warning("provider", text, cure: "use https, and unset MESHMILL_INSECURE")
            }
            return reached
        } catch {
            return .problem("provider", "\(error)", cure: "set AMARA_API_URL to an https address")
        }
    }
}
