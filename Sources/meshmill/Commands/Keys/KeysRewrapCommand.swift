import ArgumentParser
import MeshmillCore
import MeshmillStore
import PostgresClient

/// The command `meshmill keys rewrap`: seals every key's secret by a new master key, while workers run.
struct KeysRewrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewrap",
        abstract: "Rotate the master key: seal every secret anew, while workers run.",
        discussion: """
            The new key is made beside the old file and takes its place at the end; the old one stays as master.key.ID \
            for backups from before. Workers that run go on; other machines need the new file before they start \
            workers again. Interrupted, run it again with the old key in place.
            """
    )

    @Option(
        help: "Where MESHMILL_MASTER_KEY holds the old key: the file of the new one, made if it is not there.",
        completion: .file()
    )
    var newKeyFile: String?

    @Option(help: "Why, for the audit log.")
    var reason: String?

    @Flag(help: "Do not ask.")
    var yes = false

    func run() async throws {
        let (newKeyFile, reason, yes) = (newKeyFile, reason, yes)
        try await Installation.with { installation in
            let old = try await installation.masterKey()
            let place = try installation.successorPlace(newKeyFile)
            try Confirmation.beforeLoss("Seal every key's secret by a new master key?", isConfirmed: yes)
            let wanted = try place.read(logger: installation.logger) ?? place.make(logger: installation.logger)
            guard wanted.id != old.id else {
                throw Failure(.usage, "\(place.path) holds the master key that is in use; name another file")
            }
            try await installation.client.execute(ForgetMasterKeys())
            let rewrap = try await Rewrap(installation.client, from: old, to: wanted, reason: reason) { begin in
                try await installation.act { try await $0.query(begin).first }
            }
            guard rewrap.newKey.id == wanted.id else {
                throw Failure(
                    .configuration,
                    "a rotation to master key \(rewrap.newKey.id) is under way, but \(place.path) holds \(wanted.id); "
                        + "go on with the key file that it began with"
                )
            }
            let count = try await rewrap.run { count in
                Messages.line("\(count) secrets sealed anew")
            } finish: { finish in
                try await installation.act { try await $0.query(finish).first ?? 0 }
            }
            let note = try installation.install(place, old: old)
            try Output.line("\(count) secrets are sealed by master key \(wanted.id); \(note)")
        }
    }
}
