import ArgumentParser
import MeshmillStore
import PostgresClient

/// The command `meshmill ledger`: where the credits went.
struct LedgerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Show where the credits went, and how our books stand beside the provider's numbers.",
        discussion: """
            Spent is what was charged less what was refunded. External is what others used of the same keys and
            accounts, as the provider's counters showed; adjusted is what was added there. --drift compares the books
            with the provider: its numbers decide what may be spent, ours who spent it.
            """
    )

    @Option(help: "Add up by this: key, tenant, batch or day (UTC).")
    var by = ReadLedgerTotals.Subject.key

    @Option(help: ArgumentHelp("From this day or instant on, in UTC.", valueName: "time"))
    var since: PointInTime?

    @Option(help: ArgumentHelp("Up to this day or instant, which is not included.", valueName: "time"))
    var until: PointInTime?

    @Flag(help: "Compare our books with the provider's numbers, as they stand now.")
    var drift = false

    @Flag(help: "Write a JSON array.")
    var json = false

    @Flag(help: "Write comma-separated values.")
    var csv = false

    @Option(help: ArgumentHelp("Write every entry to this file: .csv, or .jsonl for JSON Lines.", valueName: "file"))
    var export: String?

    func validate() throws {
        guard !(json && csv) else { throw ValidationError("--json and --csv exclude each other") }
        if drift, since != nil || until != nil || export != nil {
            throw ValidationError("--drift is about now: it takes neither --since, --until nor --export")
        }
        if let since, let until, since.instant >= until.instant {
            throw ValidationError("--since must be earlier than --until")
        }
        if let export {
            guard !json, !csv else { throw ValidationError("the file's name says how --export writes: .csv or .jsonl") }
            guard export.hasSuffix(".csv") || export.hasSuffix(".jsonl") else {
                throw ValidationError("--export writes .csv or .jsonl: \(export) is neither")
            }
        }
    }

    func run() async throws {
        let (json, csv, drift, export) = (json, csv, drift, export)
        let totals = ReadLedgerTotals(by: by, since: since?.instant, until: until?.instant)
        try await Installation.with { installation in
            if let export {
                let entries = ListLedger(since: totals.since, until: totals.until)
                return try await LedgerExport(client: installation.client, entries: entries).write(to: export)
            }
            if drift {
                let report = LedgerReport(drift: try await installation.client.query(ListCreditDrift()))
                return try report.write(json: json, csv: csv)
            }
            let rows = try await installation.client.query(totals, timeout: .seconds(300))
            try LedgerReport(totals: rows, by: totals.subject).write(json: json, csv: csv)
        }
    }
}

extension ReadLedgerTotals.Subject: ExpressibleByArgument {}
