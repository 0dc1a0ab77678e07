import MeshmillStore
import PostgresClient

/// Writes a batch's jobs as JSON Lines, in the order of their outputs.
struct JobExport {
    let installation: Installation
    let batchID: Int64

    /// Writes one line for each job.
    ///
    /// - Throws: ``Failure``, if there is no such batch or nobody takes the lines; `PostgresError`.
    func run() async throws {
        try await installation.checkBatch(batchID)
        var page = ExportJobs(batchID: batchID)
        while true {
            let rows = try await installation.client.query(page)
            var text = ""
            for row in rows { text += JSONValue.object(row.job.exportFields).text + "\n" }
            try Output.write(text)
            guard rows.count == page.limit, let last = rows.last else { return }
            page.after = last.cursor
        }
    }
}
