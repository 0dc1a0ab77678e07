import ArgumentParser
import MeshmillCore
import MeshmillStore
import MeshmillTerminal

/// `meshmill keys add`: takes in one key, whose secret comes from standard input or a file.
struct KeysAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Take in one key; its secret is read from standard input.",
        discussion: "Example: meshmill keys add studio-1 --org studio < secret.txt"
    )

    @Argument(help: "What people call the key. (default: made from its fingerprint)")
    var name: String?

    @Option(help: "Read the secret from this file instead of standard input.", completion: .file())
    var secretFile: String?

    @OptionGroup var settings: KeySettingOptions

    @Flag(help: "Others may have used it within the last window: it waits one window first.")
    var usedRecently = false

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(help: "Write a JSON object: {added: [name], updated: [name]}.")
    var json = false

    func validate() throws {
        if let name, !KeyLimits.isName(name) { throw ValidationError("the name is empty, too long, or not visible") }
    }

    func run() async throws {
        let (reason, json) = (reason, json)
        let secret = try KeySecretText.read(secretFile)
        let row = settings.row(name: name, secret: secret, usedRecently: usedRecently)
        try await Installation.with { installation in
            let report = try await installation.importKeys([row], known: .areUpdated, reason: reason)
            try report.write(json: json)
        }
    }
}

extension KeyImport.Report {
    /// Writes what became of the keys.
    func write(json: Bool) throws {
        if json {
            let fields: [(String, JSONValue)] = [
                ("added", .array(added.map(JSONValue.string))), ("updated", .array(updated.map(JSONValue.string))),
            ]
            try Output.line(JSONValue.object(fields).text)
        } else if added.count + updated.count == 1, let name = (added + updated).first {
            try Output.line("\(OneLine.text(name)) \(added.isEmpty ? "updated" : "added")")
        } else {
            try Output.line("\(added.count) keys added, \(updated.count) updated")
        }
    }
}
