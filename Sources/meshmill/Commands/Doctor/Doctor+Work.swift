import MeshmillStore
import PostgresClient

extension Doctor {
    func work() async throws -> [Finding] {
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

    func keys() async throws -> [Finding] {
        let keys = try await client.query(ListKeys(limit: ListKeys.all))
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
