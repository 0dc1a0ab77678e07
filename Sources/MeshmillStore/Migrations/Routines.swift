import Crypto
import MeshmillCore

/// Every function and view of the schema, as they are now: the files of `migrations/routines/`.
///
/// Unlike migrations they may be edited: when their text changed, all of them are dropped and made anew. The list of
/// applied migrations remembers their checksum under the name `routines`. Which of two texts is the newer one it cannot
/// tell: that is why a release with other routines brings a migration too, which older binaries do not know and refuse.
package struct Routines: Sendable, Hashable {
    /// What ``drop`` is called in the folder.
    static let dropFile = "00_drop.sql"
    /// The name under which the list of migrations remembers them.
    package static let name = "routines"

    /// Drops all functions and views, and leaves tables alone; nothing if there are none.
    let drop: String
    /// Makes them, after ``drop``.
    let create: String
    /// SHA-256 of both, in hexadecimal.
    let checksum: String

    /// - Parameter files: names and texts, in order; the first drops what the others make.
    init(files: [(file: String, sql: String)]) {
        drop = files.first { $0.file == Self.dropFile }?.sql ?? "SELECT 1"
        create = files.filter { $0.file != Self.dropFile }.map(\.sql).joined(separator: "\n")
        checksum = Hexadecimal.text(SHA256.hash(data: Array((drop + "\n" + create).utf8)))
    }

    /// As a database remembers them; `nil` if there are none.
    var applied: AppliedMigration? { create.isEmpty ? nil : AppliedMigration(name: Self.name, checksum: checksum) }

    /// Those of this binary.
    package static let embedded = Routines(files: embeddedRoutines)
    /// The file of this binary that drops.
    static let embeddedDrop = embeddedRoutines.first { $0.file == dropFile } ?? (file: dropFile, sql: "")
    /// None, for schemas that have only tables.
    package static let none = Routines(files: [])
}
