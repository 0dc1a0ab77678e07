import CrashPoints
import FoundationEssentials
import Glibc
import MeshmillCore

/// What the environment says; read once, at the start of a command.
///
/// - `DATABASE_URL` (conninfo or URL, secret): the database. Else libpq's `PGHOST`, `PGHOSTADDR` or `PGSERVICE`, else a
///   private PostgreSQL under the home.
/// - `MESHMILL_HOME` (path, default `.meshmill`): what Meshmill keeps for itself.
/// - `AMARA_API_URL` (URL, default the provider's): where generations are asked for.
/// - `AMARA_API_KEYS` (comma-separated, secret, default none): keys that `run` takes in.
/// - `MESHMILL_MASTER_KEY` (32 bytes in Base64 or hexadecimal, secret), or `MESHMILL_MASTER_KEY_FILE` (path, default
///   `master.key` in the home): seals provider keys.
/// - `MESHMILL_ARTIFACTS` (`file:` address or path, default `artifacts` in the home): where prepared images lie.
/// - `MESHMILL_ACTOR` (text, default the login name): who the audit log says acted.
/// - `MESHMILL_CRASH_AT` (a ``CrashPoint``'s name, optionally `:` and a number, default none): for tests, where to die.
/// - `LOG_LEVEL` (default `info`), `LOG_FORMAT` (`text` or `json`, default `text`): messages on standard error.
struct Environment: Sendable {
    /// Which database is used.
    enum Database: Sendable {
        /// The one that a connection string names; an empty one leaves it to libpq's own variables.
        case named(String)
        /// Meshmill's own, under the home.
        case own
    }

    /// Where the master key comes from.
    enum MasterKeySource: Sendable {
        case given(Secret)
        /// An absolute path; the file may not be there yet.
        case file(String)
    }

    var database: Database
    /// Absolute path.
    var home: String
    /// The provider's base URL; nil for the documented one.
    var apiURL: String?
    var apiKeys: [Secret]
    var masterKey: MasterKeySource
    /// Absolute address of the artifact store; nil if nobody named one.
    var artifactURL: String?
    var actor: String
    /// All variables, for settings that other parts read by name.
    var variables: [String: String]
    /// Absolute path, against which relative ones are read.
    var workingDirectory: String

    /// Reads the environment of this process.
    ///
    /// - Throws: ``Failure`` with exit 78 for a variable that cannot be used, or 74 without a working directory.
    static func current() throws -> Environment {
        guard let path = getcwd(nil, 0) else {
            throw Failure(.inputOutput, "the working directory is gone; change to another one")
        }
        defer { free(path) }
        return try Environment(ProcessInfo.processInfo.environment, workingDirectory: String(cString: path))
    }

    init(_ variables: [String: String], workingDirectory: String) throws {
        // A variable that is set to nothing counts as not set.
        let variables = variables.filter { !$0.value.isEmpty }
        self.variables = variables
        try Self.check(crashPlan: variables[CrashPlan.variable])
        self.workingDirectory = workingDirectory
        home = Path.absolute(variables["MESHMILL_HOME"] ?? ".meshmill", in: workingDirectory)
        if let url = variables["DATABASE_URL"] {
            database = .named(url)
        } else if ["PGHOST", "PGHOSTADDR", "PGSERVICE"].contains(where: { variables[$0] != nil }) {
            database = .named("")
        } else {
            database = .own
        }
        apiURL = variables["AMARA_API_URL"]
        apiKeys = try Self.keys(variables["AMARA_API_KEYS"])
        if let text = variables["MESHMILL_MASTER_KEY"] {
            masterKey = .given(Secret(text))
        } else {
            let file = variables["MESHMILL_MASTER_KEY_FILE"].map { Path.absolute($0, in: workingDirectory) }
            masterKey = .file(file ?? home + "/master.key")
        }
        artifactURL = variables["MESHMILL_ARTIFACTS"].map { Self.artifactURL($0, in: workingDirectory) }
        actor = variables["MESHMILL_ACTOR"] ?? variables["SUDO_USER"] ?? variables["USER"] ?? Self.loginName()
    }

    /// The artifact store of an installation that has recorded none.
    var defaultArtifactURL: String { Path.fileURL(home + "/artifacts") }

    /// A test must not pass because its crash point is misspelt.
    private static func check(crashPlan text: String?) throws {
        guard let text, CrashPlan(text) == nil else { return }
        let names = CrashPoint.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure(
            .configuration,
            "\(CrashPlan.variable): there is no crash point \(text); write one of \(names), and :2 for the second time"
        )
    }

    private static func keys(_ text: String?) throws -> [Secret] {
        var keys: [Secret] = []
        for (index, field) in (text ?? "").split(separator: ",").enumerated() {
            let key = field.trimmingPrefix { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
            guard !key.isEmpty else { continue }
            guard KeyLimits.isSecret(String(key)) else {
                throw Failure(
                    .configuration,
                    "AMARA_API_KEYS: key \(index + 1) has a character that no key has; separate keys by commas"
                )
            }
            let secret = Secret(String(key))
            if !keys.contains(secret) { keys.append(secret) }
        }
        return keys
    }

    /// Makes `file:` addresses and plain paths absolute; leaves others as they are.
    private static func artifactURL(_ text: String, in workingDirectory: String) -> String {
        if text.hasPrefix("file:/") || text.contains("://") { return text }
        let path = text.hasPrefix("file:") ? String(text.dropFirst("file:".count)) : text
        return Path.fileURL(Path.absolute(path, in: workingDirectory))
    }

    private static func loginName() -> String {
        guard let entry = getpwuid(geteuid()) else { return "uid \(geteuid())" }
        return String(cString: entry.pointee.pw_name)
    }
}
