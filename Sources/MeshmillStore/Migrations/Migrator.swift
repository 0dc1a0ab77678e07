package import PostgresClient

/// Brings a database's schema to what this binary needs.
///
/// A database without Meshmill gets everything in one transaction, so that others find all of it or nothing. Later each
/// migration is one transaction, remembered by name and checksum in `meshmill.migrations`. Any number of processes may
/// migrate at once: they take turns, and each finds what the one before left. No superuser is needed, only the right to
/// create a schema.
package struct Migrator: Sendable {
    /// How long a migration may take, the wait for another process's turn included.
    static let timeout: Duration = .seconds(3_600)

    private static let createList = """
        CREATE SCHEMA IF NOT EXISTS meshmill;
        CREATE TABLE IF NOT EXISTS meshmill.migrations (
            name text PRIMARY KEY,
            checksum text NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT statement_timestamp()
        );
        COMMENT ON TABLE meshmill.migrations IS 'The steps of this schema that were applied, by meshmill migrate.';
        COMMENT ON COLUMN meshmill.migrations.name IS 'Name of the file; names order the steps.';
        COMMENT ON COLUMN meshmill.migrations.checksum IS 'SHA-256 of the file, which is never edited once released.';
        COMMENT ON COLUMN meshmill.migrations.applied_at IS 'When it was applied.';
        """

    private let client: PostgresClient
    private let migrations: [Migration]

    /// - Parameters:
    ///   - client: the database; its user owns what is made.
    ///   - migrations: in order; by default those of this binary.
    package init(_ client: PostgresClient, migrations: [Migration] = Migration.embedded) {
        self.client = client
        self.migrations = migrations
    }

    /// Looks at the schema and changes nothing.
    ///
    /// - Throws: `MigrationError` if the database is newer than this binary, or a migration was changed;
    ///   `PostgresError`; `CancellationError`.
    package func state() async throws -> SchemaState {
        try await client.withConnection { connection in try await state(on: connection) }
    }

    /// Applies what is missing.
    ///
    /// - Returns: the names of the migrations that this call applied, in order; none if the schema was current.
    /// - Throws: like ``state()``; the error of a migration that failed, which then had no effect.
    package func migrate() async throws -> [String] {
        var applied: [String] = []
        while true {
            let names = try await applyNext()
            if names.isEmpty { return applied }
            applied += names
        }
    }

    /// Applies the first migration that is missing, or all to a database without Meshmill, in one transaction.
    private func applyNext() async throws -> [String] {
        try await client.withTransaction(PostgresTransactionOptions(isDurable: true)) { connection -> [String] in
            try await connection.execute(LockMigrations(), timeout: Self.timeout)
            let next: [Migration]
            switch try await state(on: connection) {
            case .current: next = []
            case .behind(let names): next = Array(migrations.filter { names.contains($0.name) }.prefix(1))
            case .empty, .foreign:
                try await connection.simpleQuery(Self.createList)
                next = migrations
            }
            for migration in next {
                try await connection.simpleQuery(migration.sql, timeout: Self.timeout)
                try await connection.execute(RecordMigration(migration: migration))
            }
            return next.map(\.name)
        }
    }

    private func state(on connection: PostgresConnection) async throws -> SchemaState {
        guard let database = try await connection.query(InspectDatabase()).first else { return .foreign }
        guard database.hasMigrations else { return database.isEmpty ? .empty : .foreign }
        return try SchemaState.compare(applied: try await connection.query(ListAppliedMigrations()), with: migrations)
    }
}
