import Foundation
import Logging
import MeshmillStore
import PostgresClient
import TestDatabase

/// A real PostgreSQL database with the real schema, whose clock says what the simulation says.
///
/// Beside the product's schema it has a schema `observer`: triggers write every change of a row that matters into a
/// list, which comes back in the same round trip as the statement that made it.
final class SimulationDatabase {
    /// Of so many runs in a row one begins with new files, so that the dead rows of the others do not pile up.
    private static let runsBetweenRenewals = 40

    /// What waits half a second for a row waits 5 ms: nobody lets go of one meanwhile, for nothing else happens then.
    private static let shortPatience = """
        DO $$
        DECLARE
            v_function record;
        BEGIN
            FOR v_function IN
                SELECT p.oid::regprocedure AS name FROM pg_proc AS p
                WHERE p.pronamespace = 'meshmill'::regnamespace AND 'lock_timeout=500ms' = ANY (p.proconfig)
            LOOP
                EXECUTE format('ALTER FUNCTION %s SET lock_timeout = %L', v_function.name, '5ms');
            END LOOP;
        END $$
        """

    private let connection: PostgresConnection
    /// What brings the tables back, so that the plans of the other connection last.
    private let cleaner: PostgresConnection
    private var lastChange: Int64 = 0
    private var resets = 0
    private var hasOldJobs = false

    private init(_ connection: PostgresConnection, cleaner: PostgresConnection) {
        self.connection = connection
        self.cleaner = cleaner
    }

    /// Runs `body` with a database of its own, which is dropped afterwards.
    static func with<T>(_ body: (SimulationDatabase) async throws -> T) async throws -> T {
        let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
        return try await withTestDatabase(
            template: "simulation",
            prepare: { connectionString in
                let client = PostgresClient(
                    configuration: PostgresConfiguration(connectionString: connectionString),
                    logger: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
                )
                _ = try await Migrator(client).migrate()
                _ = try await client.withConnection { connection in
                    try await connection.simpleQuery(ObserverSchema.sql)
                    try await connection.simpleQuery(shortPatience)
                }
                await client.close()
            },
            { connectionString in
                var configuration = PostgresConfiguration(connectionString: connectionString)
                // Who stops the process for an hour and lets it go on finds no violation.
                configuration.callTimeout = .seconds(86_400)
                let connection = try await PostgresConnection.connect(configuration: configuration, logger: logger)
                let cleaner = try await PostgresConnection.connect(configuration: configuration, logger: logger)
                // A plan lasts, and most are made while the tables are almost empty: a walk from end to end looks cheap
                // then, and is most of a run's time when they have filled.
                try await connection.simpleQuery(
                    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off"
                )
                try await cleaner.simpleQuery("SET session_replication_role = replica; SET jit = off")
                do {
                    let value = try await body(SimulationDatabase(connection, cleaner: cleaner))
                    await connection.close()
                    await cleaner.close()
                    return value
                } catch {
                    await connection.close()
                    await cleaner.close()
                    throw error
                }
            }
        )
    }

    /// Brings every table back to what the migrations left, at an instant; what chance SQL has starts from the seed.
    ///
    /// `putsAway` says that the run may put jobs away, where only the next reset looks for them.
    func reset(at instant: Int64, seed: UInt64, putsAway: Bool = false) async throws {
        if hasOldJobs {
            for table in ["ledger", "attempts", "jobs"] {
                try await cleaner.simpleQuery("DELETE FROM meshmill.old_\(table)")
            }
        }
        hasOldJobs = putsAway
        let isRenewal = resets.isMultiple(of: Self.runsBetweenRenewals)
        resets += 1
        var pipeline = PostgresPipeline()
        pipeline.append(SetInstant(instant: instant))
        if isRenewal { pipeline.append(RenewTables()) } else { pipeline.append(ClearTables()) }
        _ = try await cleaner.run(pipeline)
        if isRenewal { lastChange = 0 }
        _ = try await connection.query(SetChance(seed: Double(seed % 1_000_003) / 1_000_003))
    }

    /// Rows that somebody's transaction holds.
    enum HeldRows: String, CaseIterable {
        case orgs, tenants, batches
    }

    /// Executes one statement of the product at an instant by the database's clock.
    ///
    /// `whileHeld` lets another session hold all rows of a table meanwhile.
    ///
    /// - Returns: its rows, and what it changed, in order.
    func run<S: Statement>(
        _ statement: S,
        at instant: Int64,
        whileHeld held: HeldRows?
    ) async throws -> (rows: [S.Row], changes: [RowChange]) {
        guard let held else { return try await run(statement, at: instant) }
        try await cleaner.simpleQuery("BEGIN")
        try await cleaner.simpleQuery("SELECT FROM meshmill.\(held.rawValue) FOR NO KEY UPDATE")
        // They are held until this one has answered. At other times there is nobody to wait for but the server's own
        // vacuum, which may take long on a busy machine.
        try await connection.simpleQuery("SET lock_timeout = '5ms'")
        let outcome: Result<(rows: [S.Row], changes: [RowChange]), any Error>
        do {
            outcome = .success(try await run(statement, at: instant))
        } catch {
            outcome = .failure(error)
        }
        try await cleaner.simpleQuery("ROLLBACK")
        try await connection.simpleQuery("RESET lock_timeout")
        return try outcome.get()
    }

    private func run<S: Statement>(
        _ statement: S,
        at instant: Int64
    ) async throws -> (rows: [S.Row], changes: [RowChange]) {
        var pipeline = PostgresPipeline()
        pipeline.append(SetInstant(instant: instant))
        let slot = pipeline.append(statement)
        // These write nothing that is watched; did they ever, the next statement's changes would tell.
        if S.self == NextWake.self || S.self == ReadClock.self || S.self == FindSiblingKeys.self {
            return (try await connection.run(pipeline)[slot].rows, [])
        }
        let changes = pipeline.append(ReadChanges(after: lastChange))
        let results = try await connection.run(pipeline)
        let changed = results[changes].rows
        lastChange = changed.last?.id ?? lastChange
        return (results[slot].rows, changed)
    }

    /// Executes SQL of a person at an instant by the database's clock.
    ///
    /// - Returns: the rows as text, and what it changed, in order.
    func run(_ sql: String, at instant: Int64) async throws -> (rows: [[String?]], changes: [RowChange]) {
        _ = try await connection.query(SetInstant(instant: instant))
        let rows = try await connection.simpleQuery(sql).rows
        let changed = try await connection.query(ReadChanges(after: lastChange))
        lastChange = changed.last?.id ?? lastChange
        return (rows, changed)
    }

    /// The server's version, as it says it.
    func version() async throws -> String {
        ((try await connection.simpleQuery("SHOW server_version").rows.first ?? []).first ?? nil) ?? ""
    }

    /// Forgets changes that were read, and the dead rows of a long run.
    func tidy() async throws {
        try await connection.simpleQuery("DELETE FROM observer.changes")
        try await connection.simpleQuery("VACUUM")
        try await analyze()
    }

    /// Tells the planner how much there is.
    func analyze() async throws {
        try await connection.simpleQuery(
            "ANALYZE meshmill.jobs, meshmill.attempts, meshmill.keys, meshmill.slots, meshmill.batches"
        )
    }
}

/// Says what time it is, in microseconds since 1970, to whatever this connection runs next.
private struct SetInstant: Statement {
    static let sql = "SELECT set_config('simulation.now', $1, false)"

    var instant: Int64

    func bind(to parameters: inout PostgresParameters) { parameters.append(String(instant)) }
}

private struct ClearTables: Statement {
    static let sql = "SELECT observer.clear()"
}

private struct RenewTables: Statement {
    static let sql = "SELECT observer.renew()"
}

private struct SetChance: Statement {
    static let sql = "SELECT setseed($1::double precision)"

    var seed: Double

    func bind(to parameters: inout PostgresParameters) { parameters.append(seed) }
}
