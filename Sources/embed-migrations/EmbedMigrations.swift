import Foundation

/// Writes a Swift source that holds the given SQL files: `embed-migrations OUTPUT.swift 0001_a.sql routines/10_b.sql …`.
@main
struct EmbedMigrations {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let output = arguments.first else {
            FileHandle.standardError.write(Data("usage: embed-migrations OUTPUT.swift FILE.sql …\n".utf8))
            exit(64)
        }
        let files = arguments.dropFirst().map { URL(filePath: $0) }
        let routines = files.filter { $0.deletingLastPathComponent().lastPathComponent == "routines" }
        let source =
            try "/// The files of `migrations/`, in order.\n"
            + list("embeddedMigrations", of: files.filter { !routines.contains($0) })
            + "\n/// The files of `migrations/routines/`, in order.\n"
            + list("embeddedRoutines", of: routines)
        try source.write(toFile: output, atomically: true, encoding: .utf8)
    }

    private static func list(_ name: String, of files: [URL]) throws -> String {
        var source = "let \(name): [(file: String, sql: String)] = [\n"
        for file in files {
            let sql = try String(contentsOf: file, encoding: .utf8)
            // Raw strings with three signs: SQL may then use backslashes and quotes freely.
            source += "    (file: \"\(file.lastPathComponent)\", sql: ###\"\"\"\n\(sql)\n\"\"\"###),\n"
        }
        return source + "]\n"
    }
}
