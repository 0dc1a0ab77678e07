import Glibc
import MeshmillStore
import PostgresClient

/// Writes entries of the ledger to a file, a page at a time.
///
/// The file appears under its name only when it is whole.
struct LedgerExport {
    let client: PostgresClient
    var entries: ListLedger

    private static let names = [
        "entry_id", "at", "kind", "credits", "key", "org", "tenant", "batch_id", "job_id", "attempt_id",
    ]

    /// Writes the file; its name says how.
    ///
    /// - Throws: ``Failure`` with exit 74 if it cannot be written; `PostgresError`.
    func write(to path: String) async throws {
        let isCSV = path.hasSuffix(".csv")
        let part = path + ".part"
        let file = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure(path, errno) }
        do {
            try await write(to: file, of: path, asCSV: isCSV)
        } catch {
            close(file)
            unlink(part)
            throw error
        }
        guard fsync(file) == 0, close(file) == 0, rename(part, path) == 0 else { throw Self.failure(path, errno) }
    }

    private func write(to file: Int32, of path: String, asCSV isCSV: Bool) async throws {
        func write(_ text: String) throws {
            if let problem = Output.write(Array(text.utf8), to: file) { throw Self.failure(path, problem) }
        }
        if isCSV { try write(CSV.line(Self.names.map { .string($0) })) }
        var page = entries
        while true {
            let rows = try await client.query(page, timeout: .seconds(300))
            var text = ""
            for row in rows {
                text += isCSV ? CSV.line(row.values) : JSONValue.object(Array(zip(Self.names, row.values))).text + "\n"
            }
            try write(text)
            guard rows.count == page.limit, let last = rows.last else { return }
            page.after = last.id
        }
    }

    private static func failure(_ path: String, _ number: Int32) -> Failure {
        Failure(.inputOutput, "cannot write \(path): \(String(cString: strerror(number)))")
    }
}

extension ListLedger.Row {
    /// In the order of the columns.
    fileprivate var values: [JSONValue] {
        [
            .int(id), .time(at), .string(kind), .int(credits), .optional(key), .string(org), .optional(tenant),
            .optional(batchID), .optional(jobID), .optional(attemptID),
        ]
    }
}
