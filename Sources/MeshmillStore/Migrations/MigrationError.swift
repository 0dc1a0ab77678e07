/// Why a database cannot be used by this binary.
package enum MigrationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A migration was applied that this binary does not know.
    case newer(String)
    /// A migration was applied with another text.
    case changed(String)
    /// Migrations are missing, and only `meshmill migrate` may apply them here.
    case behind([String])
    /// The database holds something else than Meshmill, and only `meshmill migrate` may add to it.
    case foreign

    /// One line: the cause and the cure.
    package var description: String {
        switch self {
        case .newer(let name):
            "the database has migration \(name), which this version of meshmill does not know; install a newer one"
        case .changed(let name):
            "migration \(name) was applied with another text than this version of meshmill has; install the version "
                + "that applied it"
        case .behind(let missing):
            "the database lacks \(missing.count == 1 ? "migration" : "\(missing.count) migrations from") "
                + "\(missing.first ?? ""); run: meshmill migrate"
        case .foreign:
            "the database is not empty and has no schema of meshmill; check its name, or run: meshmill migrate"
        }
    }
}
