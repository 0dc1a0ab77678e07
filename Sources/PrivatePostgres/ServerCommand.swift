import Subprocess

/// Runs PostgreSQL's own programs under the server's account.
struct ServerCommand: Sendable {
    let binaries: PostgresBinaries
    let account: ServerAccount
    /// The folder the programs run in.
    ///
    /// Paths given to them are relative to it: `pg_ctl` hands them to a shell, which would take a home named `$HOME's`
    /// apart.
    let folder: String

    /// How a program ended.
    struct Outcome: Sendable {
        var succeeded: Bool
        /// The last lines of what it wrote, as one line.
        var output: String
    }

    /// Runs one program to its end.
    ///
    /// Nothing of our environment is passed on: `PGDATA`, `PGOPTIONS` and the like would change what it does.
    ///
    /// - Throws: `SubprocessError` if it cannot be started.
    func run(_ program: String, _ arguments: [String]) async throws -> Outcome {
        var words = ["--chdir=\(folder)"]
        if account.isSomebodyElse {
            // swift-subprocess could change the account itself, but its child does so between clone3 and exec through
            // glibc, which there waits for ever for any thread that the parent was just creating (seen with glibc 2.36).
            words += ["setpriv", "--reuid=\(account.userID)", "--regid=\(account.groupID)", "--clear-groups"]
        }
        // A session of its own, so that Ctrl-C for us does not stop the server that others use.
        var options = PlatformOptions()
        options.createSession = true
        let result = try await Subprocess.run(
            .name("env"),
            arguments: Arguments(words + [program] + arguments),
            environment: .custom(["PATH": "\(binaries.folder):/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"]),
            platformOptions: options,
            output: .string(limit: 65_536),
            error: .combinedWithOutput
        )
        return Outcome(
            succeeded: result.terminationStatus.isSuccess,
            output: Self.lastLines(result.standardOutput)
        )
    }

    /// The last five lines of a text, joined, at most 1,000 characters.
    static func lastLines(_ text: String) -> String {
        let lines = text.split(whereSeparator: \.isNewline).suffix(5)
        return String(lines.joined(separator: " | ").suffix(1_000))
    }
}
