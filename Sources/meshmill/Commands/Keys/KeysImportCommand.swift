import ArgumentParser
import MeshmillCore
import MeshmillStore

/// `meshmill keys import FILE`: takes in a file of keys.
struct KeysImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Take in a file of keys.",
        discussion: """
            CSV with a header (secret, and any of name, org, pool, monthly_limit, rate_limit, rate_window, \
            reserve_slots, used_recently), or one secret a line. A secret that is known updates its key. All keys of \
            the file are taken in, or none.
            """
    )

    @Argument(help: "The file; - is standard input.")
    var file: String

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(help: "Write a JSON object: {added: [name], updated: [name]}.")
    var json = false

    func run() async throws {
        let (file, reason, json) = (file, reason, json)
        let rows: [KeyFileRow]
        do {
            rows = try KeyFile.parse(try InputFile.text(file, maximumBytes: 16 << 20))
        } catch let error as KeyFileError {
            throw Failure(.usage, "\(file == "-" ? "standard input" : file): \(error)")
        }
        try await Installation.with { installation in
            let report = try await installation.importKeys(rows, known: .areUpdated, reason: reason)
            try report.write(json: json)
        }
    }
}
