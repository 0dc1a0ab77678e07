package import PostgresClient

/// Brings a database's schema to what this binary needs: the migrations that are missing, then the routines.
///
/// All of it is one transaction, so that others find the schema before or the schema after; migrations are remembered by
/// name and checksum in `meshmill.migrations`, the ``Routines`` under one name. Any number of processes may migrate at
/// once: they take turns, and each finds what the one before left. No superuser is needed, only the right to create a
/// schema.
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
    private let routines: Routines

    /// - Parameters:
    ///   - client: the database; its user owns what is made.
    ///   - migrations: in order; by default those of this binary.
    ///   - routines: the functions and views on top of them; by default those of this binary.
    package init(
        _ client: PostgresClient,
        migrations: [Migration] = Migration.embedded,
        routines: Routines = .embedded
    ) {
        self.client = client
        self.migrations = migrations
        self.routines = routines
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
    /// - Returns: the names of what this call applied, in order: migrations, and `routines` if those changed; none if the
    ///   schema was current.
    /// - Throws: like ``state()``; the error of a step that failed: the schema is then as it was.
    package func migrate() async throws -> [String] {
        try await client.withTransaction(PostgresTransactionOptions(isDurable: true)) { connection -> [String] in
            try await connection.execute(LockMigrations(), timeout: Self.timeout)
            let missing: [String]
            switch try await state(on: connection) {
            case .current: return []
            case .behind(let names):
                missing = names
                try await connection.simpleQuery(routines.drop, timeout: Self.timeout)
            case .empty, .foreign:
                missing = known.map(\.name)
                try await connection.simpleQuery(Self.createList)
            }
            for migration in migrations where missing.contains(migration.name) {
                try await connection.simpleQuery(migration.sql, timeout: Self.timeout)
                try await connection.execute(RecordMigration(applied: migration.applied))
            }
            try await connection.simpleQuery(routines.drop, timeout: Self.timeout)
            try await connection.simpleQuery(routines.create, timeout: Self.timeout)
            if let applied = routines.applied { try await connection.execute(RecordMigration(applied: applied)) }
            return missing
        }
    }

    /// What a current database remembers, in order.
    private var known: [AppliedMigration] { migrations.map(\.applied) + [routines.applied].compactMap(\.self) }

    private func state(on connection: PostgresConnection) async throws -> SchemaState {
        guard let database = try await connection.query(InspectDatabase()).first else { return .foreign }
        guard database.hasMigrations else { return database.isEmpty ? .empty : .foreign }
        return try SchemaState.compare(applied: try await connection.query(ListAppliedMigrations()), with: known)
    }
}
