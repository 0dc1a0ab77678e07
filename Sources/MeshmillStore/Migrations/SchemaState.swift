/// How a database's schema compares with what this binary needs.
package enum SchemaState: Sendable, Hashable {
    /// The database holds nothing at all.
    case empty
    /// The database holds something, but not Meshmill.
    case foreign
    /// Meshmill is there, and these migrations are not applied yet.
    case behind(missing: [String])
    /// Nothing is to be done.
    case current

    /// Compares what was applied with what is known.
    ///
    /// - Parameters:
    ///   - applied: names and checksums of the database, ordered by name.
    ///   - known: this binary's migrations, in order.
    /// - Returns: ``current`` or ``behind(missing:)``.
    /// - Throws: ``MigrationError/newer(_:)`` if the database knows more, ``MigrationError/changed(_:)`` if it knows a
    ///   migration otherwise.
    static func compare(
        applied: [AppliedMigration],
        with known: [Migration]
    ) throws(MigrationError) -> SchemaState {
        let checksums = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0.checksum) })
        for migration in applied {
            guard let checksum = checksums[migration.name] else { throw .newer(migration.name) }
            guard checksum == migration.checksum else { throw .changed(migration.name) }
        }
        let names = Set(applied.map(\.name))
        let missing = known.map(\.name).filter { !names.contains($0) }
        return missing.isEmpty ? .current : .behind(missing: missing)
    }
}

/// A migration as a database remembers it.
package struct AppliedMigration: Sendable, Hashable {
    package var name: String
    /// SHA-256 of its text, in hexadecimal.
    package var checksum: String
}
