import Crypto
import MeshmillCore

/// One step of the schema: a file of `migrations/`, as it was built into this binary.
package struct Migration: Sendable, Hashable {
    /// The file's name without its ending, such as `0001_schema`; names order migrations.
    package let name: String
    /// The file's text, run as one transaction.
    package let sql: String
    /// SHA-256 of the text, in hexadecimal: a migration is never edited once it is released.
    package let checksum: String

    package init(name: String, sql: String) {
        self.name = name
        self.sql = sql
        checksum = Hexadecimal.text(SHA256.hash(data: Array(sql.utf8)))
    }

    /// As a database remembers it.
    var applied: AppliedMigration { AppliedMigration(name: name, checksum: checksum) }

    /// All migrations of this binary, in order.
    package static let embedded = embeddedMigrations.map { file, sql in
        Migration(name: file.hasSuffix(".sql") ? String(file.dropLast(4)) : file, sql: sql)
    }
}
