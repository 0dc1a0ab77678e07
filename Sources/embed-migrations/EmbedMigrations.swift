import Foundation

/// Writes a Swift source that holds the given SQL files: `embed-migrations OUTPUT.swift 0001_a.sql 0002_b.sql …`.
@main
struct EmbedMigrations {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        guard let output = arguments.first else {
            FileHandle.standardError.write(Data("usage: embed-migrations OUTPUT.swift FILE.sql …\n".utf8))
            exit(64)
        }
        var source =
            "/// The files of `migrations/`, in order.\nlet embeddedMigrations: [(file: String, sql: String)] = [\n"
        for path in arguments.dropFirst() {
            let sql = try String(contentsOfFile: path, encoding: .utf8)
            let name = URL(filePath: path).lastPathComponent
            // Raw strings with three signs: SQL may then use backslashes and quotes freely.
            source += "    (file: \"\(name)\", sql: ###\"\"\"\n\(sql)\n\"\"\"###),\n"
        }
        source += "]\n"
        try source.write(toFile: output, atomically: true, encoding: .utf8)
    }
}
