import ArgumentParser
import FoundationEssentials
import MeshmillStore
import MeshmillTerminal
import PostgresClient

/// `meshmill status`: what goes on, once.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what goes on: jobs, keys, tenants, workers.",
        discussion: "Counts of jobs may be capped; they are then named in capped, and shown with a plus."
    )

    @Flag(help: "Write a JSON object.")
    var json = false

    func run() async throws {
        let json = json
        try await Installation.with { installation in
            let overview = try await Overview(installation.client)
            if json {
                try Output.line(JSONValue.object(overview.fields).text)
            } else {
                try overview.write()
            }
        }
    }
}

/// All that `status` shows, read at one time.
private struct Overview {
    private let jobs: [CountJobs.Row]
    private let keys: [KeyOverview]
    private let tenants: [ListTenants.Row]
    private let workers: [ListWorkers.Row]
    private let breaker: ReadBreaker.Row?
    private let windows: ReadWindowModel.Row?
    private let isSubmitting: Bool
    private let now: PostgresTimestamp

    init(_ client: PostgresClient) async throws {
        jobs = try await client.query(CountJobs())
        keys = try await client.query(ListKeys(limit: ListKeys.all))
        tenants = try await client.query(ListTenants())
        workers = try await client.query(ListWorkers())
        breaker = try await client.query(ReadBreaker()).first
        windows = try await client.query(ReadWindowModel()).first
        isSubmitting = try await client.query(ReadInstallation()).first?.isSubmitting ?? true
        now = try await client.query(ReadClock()).first ?? .negativeInfinity
    }

    var fields: [(String, JSONValue)] {
        [
            ("jobs", .object(jobs.map { ($0.status, .int($0.jobs)) })),
            ("capped", .array(jobs.filter(\.isCapped).map { .string($0.status) })),
            ("keys", .array(keys.map { .object($0.fields) })),
            ("tenants", .array(tenants.map { .object($0.fields) })),
            ("workers", .array(workers.map { .object($0.fields) })),
            ("breaker", breaker.map { .object($0.fields) } ?? .null),
            ("window_model", .optional(windows?.model)),
            ("windows", windows.map { .object($0.fields) } ?? .null),
            ("submitting", .bool(isSubmitting)),
        ]
    }

    func write() throws {
        if !isSubmitting { try Output.line("SUBMITTING IS STOPPED; start it with: meshmill start\n") }
        if let breaker, breaker.isOpen {
            let probe = breaker.probeAt.map { ", next probe \($0.ahead(of: now))" } ?? ""
            try Output.line("BREAKER OPEN: \(OneLine.text(breaker.reason ?? "the provider fails"))\(probe)\n")
        }
        let counts = jobs.filter { $0.jobs > 0 }.map { "\($0.jobs)\($0.isCapped ? "+" : "") \($0.status)" }
        try Output.line("jobs: \(counts.isEmpty ? "none" : counts.joined(separator: ", "))")
        let running = workers.filter { $0.status == "running" }
        let lost = workers.count - running.count
        try Output.line("workers: \(running.count) running\(lost > 0 ? ", \(lost) lost" : "")")
        for worker in workers {
            try Output.line(
                "  \(OneLine.text(worker.name)) \(worker.status), \(worker.jobs) jobs, "
                    + "started \(worker.startedAt.ago(now))"
            )
        }
        if let windows { try Output.line("windows: \(windows.sentence)") }
        for worker in running where abs((worker.clockSkew ?? .zero) / .seconds(1)) > 5 {
            let ahead = (worker.clockSkew ?? .zero) > .zero
            try Output.line(
                "CLOCKS DIFFER: \(OneLine.text(worker.name)) is \((worker.clockSkew ?? .zero).rounded) "
                    + "\(ahead ? "ahead of" : "behind") the database; set them by NTP"
            )
        }
        if tenants.count > 1 {
            try Output.line("")
            var table = Table([
                .init(heading: "tenant", cuts: true), .init(heading: "status"),
                .init(heading: "weight", isNumber: true),
                .init(heading: "queued", isNumber: true), .init(heading: "in flight", isNumber: true),
                .init(heading: "month", isNumber: true),
            ])
            for tenant in tenants {
                table.add([
                    tenant.name, tenant.status, JSONValue.double(tenant.weight).text, "\(tenant.queued)",
                    "\(tenant.inFlight)",
                    tenant.monthlyBudget.map { "\(tenant.monthlyUsed) / \($0)" } ?? "\(tenant.monthlyUsed)",
                ])
            }
            try table.write()
        }
        try Output.line("")
        if keys.isEmpty { return try Output.line("no keys; add some with: meshmill keys import FILE") }
        try KeyTable(keys).write()
    }
}

extension ListTenants.Row {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("name", .string(name)), ("status", .string(status)), ("pool", .string(pool)), ("weight", .double(weight)),
            ("queued", .int(queued)), ("in_flight", .int(inFlight)), ("monthly_budget", .optional(monthlyBudget)),
            ("monthly_used", .int(monthlyUsed)), ("credits_reserved", .int(creditsReserved)),
        ]
    }
}

extension ListWorkers.Row {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("id", .string(id.uuidString.lowercased())), ("name", .string(name)), ("status", .string(status)),
            ("version", .string(version)), ("jobs", .int(jobs)), ("started_at", .time(startedAt)),
            ("lease_until", .time(leaseUntil)), ("clock_skew_seconds", clockSkew.map { .seconds($0) } ?? .null),
        ]
    }
}

extension ReadWindowModel.Row {
    fileprivate var fields: [(String, JSONValue)] {
        [
            ("model", .string(model)), ("setting", .string(setting)), ("learned", .string(learned)),
            ("changed_at", .time(changedAt)), ("reason", .optional(reason)), ("rate_limited", .int(rateLimited)),
            ("unexplained", .int(unexplained)), ("log_score", logScore.map { .double($0) } ?? .null),
            ("phase_score", phaseScore.map { .double($0) } ?? .null),
            ("spacing_score", spacingScore.map { .double($0) } ?? .null), ("clock_stepped_at", .time(clockSteppedAt)),
            ("restored_at", .time(restoredAt)), ("restored", .optional(restored)),
        ]
    }

    fileprivate var sentence: String {
        let why = reason.map { " (\(OneLine.text($0)))" } ?? ""
        let answers = rateLimited > 0 ? "; 429s: \(rateLimited), unexplained: \(unexplained)" : ""
        return "\(model), \(setting == "auto" ? "learned by itself" : "pinned")\(why)\(answers)"
    }
}
