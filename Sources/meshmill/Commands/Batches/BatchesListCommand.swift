import ArgumentParser
import MeshmillStore
import PostgresClient

/// The command `meshmill batches list`.
struct BatchesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the batches, newest first, with their jobs by status."
    )

    @Flag(name: .customLong("open"), help: "Leave finished batches out.")
    var isOpenOnly = false

    @Option(help: "List at most this many.")
    var limit = 100

    @Flag(help: "Write a JSON array.")
    var json = false

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        let (isOpenOnly, limit, json) = (isOpenOnly, limit, json)
        try await Installation.with { installation in
            var batches: [BatchOverview] = []
            var page = ListBatches(includesFinished: !isOpenOnly, limit: 100)
            while batches.count < limit {
                let rows = try await installation.client.query(page)
                batches += rows
                guard rows.count == page.limit, let last = rows.last else { break }
                page.before = last.id
            }
            batches = Array(batches.prefix(limit))
            if json { return try Output.line(JSONValue.array(batches.map { .object($0.fields) }).text) }
            guard !batches.isEmpty else { return try Output.line("no batches") }
            try Self.table(batches).write()
        }
    }

    private static func table(_ batches: [BatchOverview]) -> Table {
        var table = Table([
            .init(heading: "batch", isNumber: true), .init(heading: "status"), .init(heading: "tenant", cuts: true),
            .init(heading: "jobs", cutsEnd: true), .init(heading: "credits", isNumber: true),
            .init(heading: "submitted"), .init(heading: "out", cuts: true),
        ])
        for batch in batches {
            let counts = batch.counts.filter { $0.jobs > 0 }.map { "\($0.jobs) \($0.status)" }.joined(separator: ", ")
            table.add([
                "\(batch.id)", batch.status, batch.tenant, counts + (batch.isCapped ? " (capped)" : ""),
                batch.maxCredits.map { "\(batch.credits) / \($0)" } ?? "\(batch.credits)", batch.submittedAt.short,
                batch.out,
            ])
        }
        return table
    }
}
