import Foundation
import PostgresClient
import PrivatePostgres

/// The floor to compare with: one table, a minimal claim and a minimal settle of 100 rows each, and nothing else.
struct BareQueue: Sendable {
    static let batch = 100

    let bench: Workbench
    let connectionString: String

    private static let claim = """
        WITH c AS (
            UPDATE bare SET state = 'active', claimed_at = now()
            WHERE id IN (SELECT id FROM bare WHERE state = 'ready' ORDER BY id FOR UPDATE SKIP LOCKED LIMIT \(batch))
            RETURNING id
        ) SELECT coalesce(array_agg(id), '{}')::text AS ids FROM c
        """
    private static let settle = "UPDATE bare SET state = 'done', done_at = now() WHERE id = ANY (:ids::bigint[])"

    /// What a stretch of it came to.
    struct Stretch: Sendable {
        /// Jobs claimed and settled.
        var jobs: Int
        /// Jobs a second, over the whole stretch.
        var rate: Double
    }

    func fill(_ jobs: Int) async throws {
        try await bench.sql(
            """
            CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state text NOT NULL DEFAULT 'ready',
                payload jsonb NOT NULL, claimed_at timestamptz, done_at timestamptz);
            INSERT INTO bare (payload)
            SELECT jsonb_build_object('n', g, 'x', repeat('y', 280)) FROM generate_series(1, \(jobs)) AS g;
            CREATE INDEX bare_ready ON bare (id) WHERE state = 'ready'
            """,
            on: connectionString
        )
        try await bench.sql("VACUUM ANALYZE bare", on: connectionString)
        try await bench.sql("CHECKPOINT", on: connectionString)
    }

    /// Claims and settles by `pgbench`, each client its share of `jobs`.
    ///
    /// - Throws: ``BenchError`` without `pgbench`, which comes with PostgreSQL's server.
    func run(clients: Int, jobs: Int) async throws -> Stretch {
        let folders = PostgresBinaries.installed().map(\.folder)
        guard let pgbench = Program.find("pgbench", alsoIn: folders) else {
            throw BenchError("pgbench is not installed; it comes with PostgreSQL's server package")
        }
        let script = bench.folder + "/bare.sql"
        let oneLine = Self.claim.replacing("\n", with: " ")
        try "\(oneLine) \\gset\n\(Self.settle);\n".write(toFile: script, atomically: true, encoding: .utf8)
        let arguments = [
            "-n", "-M", "prepared", "-f", script, "-c", "\(clients)", "-j", "\(clients)", "-t",
            "\(max(jobs / Self.batch / clients, 1))",
        ]
        let output: String = try await ChildProcess.with(
            pgbench,
            arguments + [connectionString],
            in: bench
        ) { child in
            guard try await child.wait() == 0 else { throw BenchError("pgbench: \(child.errors.suffix(400))") }
            return child.output + child.errors
        }
        return try Self.read(output)
    }

    /// Reads pgbench's summary.
    static func read(_ output: String) throws -> Stretch {
        func number(after words: String, in line: Substring) -> Double? {
            guard let range = line.firstRange(of: words) else { return nil }
            return Double(line[range.upperBound...].drop { $0 == " " }.prefix { $0.isNumber || $0 == "." })
        }
        var stretch = Stretch(jobs: 0, rate: .nan)
        for line in output.split(separator: "\n") {
            if let rate = number(after: "tps = ", in: line) {
                stretch.rate = rate * Double(batch)
            } else if let count = number(after: "actually processed:", in: line) {
                stretch.jobs = Int(count) * batch
            }
        }
        guard stretch.jobs > 0, stretch.rate.isFinite else { throw BenchError("pgbench said: \(output.suffix(400))") }
        return stretch
    }
}
