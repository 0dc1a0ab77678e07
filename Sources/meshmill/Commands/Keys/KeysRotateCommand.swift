import ArgumentParser
import MeshmillCore
import MeshmillStore
import MeshmillTerminal

/// The command `meshmill keys rotate NAME`: another secret for the same key, from standard input or a file.
struct KeysRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a key a new secret, read from standard input; its history, windows and quota stay.",
        discussion: """
            Workers use the new secret within two seconds: revoke the old one at the provider after that. \
            Example: meshmill keys rotate studio-1 < new-secret.txt
            """
    )

    @Argument(help: "The key's name.")
    var name: String

    @Option(help: "Read the secret from this file instead of standard input.", completion: .file())
    var secretFile: String?

    @Option(help: "Why, for the audit log.")
    var reason: String?

    func run() async throws {
        let (name, reason) = (name, reason)
        let secret = try KeySecretText.read(secretFile)
        try await Installation.with { installation in
            let rotation = KeyRotation(masterKey: try await installation.masterKey())
            try await installation.act { connection in
                try await rotation.run(name, to: secret, reason: reason, on: connection)
            }
            try Output.line("\(OneLine.text(name)) has its new secret")
        }
    }
}
