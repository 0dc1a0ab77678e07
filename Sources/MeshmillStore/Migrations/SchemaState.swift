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
    ///   - known: what this binary has, in order.
    /// - Returns: ``current`` or ``behind(missing:)``; routines with another text are missing.
    /// - Throws: ``MigrationError/newer(_:)`` if the database knows more, ``MigrationError/changed(_:)`` if it knows a
    ///   migration otherwise.
    static func compare(
        applied: [AppliedMigration],
        with known: [AppliedMigration]
    ) throws(MigrationError) -> SchemaState {
        let checksums = Dictionary(uniqueKeysWithValues: known.map { ($0.name, $0.checksum) })
        for migration in applied {
            guard let checksum = checksums[migration.name] else { throw .newer(migration.name) }
            guard checksum == migration.checksum || migration.name == Routines.name else {
                throw .changed(migration.name)
            }
        }
        let present = Set(applied)
        let missing = known.filter { !present.contains($0) }.map(\.name)
        return missing.isEmpty ? .current : .behind(missing: missing)
    }
}

/// A migration, or the routines, as a database remembers them.
package struct AppliedMigration: Sendable, Hashable {
    package var name: String
    /// SHA-256 of the text, in hexadecimal.
    package var checksum: String
}
