import CLibPQ
import Glibc

/// A connection string taken apart, so that each host gets its own deadline.
///
/// libpq tries several hosts one after the other, but when driven without blocking it applies no timeout: a first host
/// that swallows packets would hide the second. Here each host becomes a target of its own.
package struct ConnectionString: Sendable {
    /// What the string gives, without the environment.
    let given: [String: String]
    /// What the environment and the service file it names give for the rest.
    let defaults: [String: String]

    /// Reads a conninfo string or URI.
    ///
    /// - Throws: `invalidConnectionString`. libpq's own words are left out: they may quote the password.
    package init(_ string: String) throws(PostgresError) {
        guard let options = PQconninfoParse(string, nil) else {
            throw PostgresError(
                .invalidConnectionString,
                "the database connection string cannot be read",
                hint: "write postgresql://user@host:5432/database or host=… dbname=…, and percent-encode "
                    + "special characters of a URI's password"
            )
        }
        defer { PQconninfoFree(options) }
        given = Self.values(options)
        let environment = PQconndefaults()
        defer { PQconninfoFree(environment) }
        defaults = environment.map { Self.values($0, leavingOutBuiltIn: true) } ?? [:]
    }

    /// A string already taken apart.
    init(given: [String: String], defaults: [String: String]) {
        self.given = given
        self.defaults = defaults
    }

    /// The same as a conninfo string, with another database.
    ///
    /// May hold a password.
    package func conninfo(database: String) -> String {
        conninfo(given.merging(["dbname": database]) { $1 })
    }

    /// What was given, as a conninfo string without secrets: fit for logs and for people.
    package var redacted: String {
        conninfo(given.filter { !Self.secrets.contains($0.key) })
    }

    /// Whether a connection is made only to a server whose certificate an authority vouches for.
    package var verifiesServer: Bool { ["verify-ca", "verify-full"].contains(value("sslmode") ?? "prefer") }

    /// The servers to try, in order, each with all it takes to connect.
    func targets(applicationName: String) -> [ConnectionTarget] {
        var common = given
        common["client_encoding"] = "UTF8"
        common["fallback_application_name"] = common["fallback_application_name"] ?? applicationName
        // A service file may give any of the rest; what we would add here would override it.
        guard value("service") == nil else { return [target(common)] }
        for (keyword, value) in Self.keepalive where common[keyword] == nil { common[keyword] = value }

        let hosts = list("host")
        let addresses = list("hostaddr")
        let ports = list("port")
        let count = max(hosts.count, addresses.count)
        let isConsistent = [hosts.count, addresses.count].allSatisfy { $0 <= 1 || $0 == count }
        // A list that does not add up is left to libpq, which says what is wrong with it.
        guard count > 1, isConsistent, ports.count <= 1 || ports.count == count else { return [target(common)] }

        let attributes = value("target_session_attrs") ?? "read-write"
        // "Prefer a standby" means: a standby anywhere in the list, and failing that anything.
        let passes = attributes == "prefer-standby" ? ["standby", "any"] : [attributes]
        return passes.flatMap { pass in
            (0..<count).map { index in
                var parameters = common
                parameters["target_session_attrs"] = pass
                parameters["host"] = hosts.count == count ? hosts[index] : hosts.first
                parameters["hostaddr"] = addresses.count == count ? addresses[index] : addresses.first
                parameters["port"] = ports.count == count ? ports[index] : ports.first
                return target(parameters)
            }
        }
    }

    private static let secrets: Set = ["password", "sslpassword", "passfile", "sslkey"]

    private func conninfo(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { keyword, value in
            let escaped = value.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
            return "\(keyword)='\(escaped)'"
        }.joined(separator: " ")
    }

    /// Finds a dead peer within about half a minute, instead of the system's two hours.
    private static let keepalive = [
        "keepalives": "1", "keepalives_idle": "15", "keepalives_interval": "5", "keepalives_count": "3",
        "tcp_user_timeout": "30000",
    ]

    private func target(_ parameters: [String: String]) -> ConnectionTarget {
        var target = ConnectionTarget(parameters: parameters)
        // Zero or less is libpq's "for ever"; our own default bounds it then.
        if let seconds = value("connect_timeout").flatMap({ Int($0) }), seconds > 0 {
            target.timeout = .seconds(seconds)
        }
        return target
    }

    private func value(_ keyword: String) -> String? {
        given[keyword] ?? defaults[keyword]
    }

    /// A comma-separated value; empty if it is not given.
    private func list(_ keyword: String) -> [String] {
        guard let value = value(keyword), !value.isEmpty else { return [] }
        return value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// The keywords that have a value, if need be without those that only libpq itself has set.
    ///
    /// libpq ends the array with an empty keyword.
    private static func values(
        _ options: UnsafeMutablePointer<PQconninfoOption>,
        leavingOutBuiltIn: Bool = false
    ) -> [String: String] {
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val, !leavingOutBuiltIn || !option.pointee.isBuiltIn {
                values[String(cString: keyword)] = String(cString: value)
            }
            option += 1
        }
        return values
    }
}

extension PQconninfoOption {
    /// Whether the value is the one compiled into libpq, which the environment does not repeat.
    fileprivate var isBuiltIn: Bool {
        guard let val, let compiled, strcmp(val, compiled) == 0 else { return false }
        return envvar.map { getenv($0) == nil } ?? true
    }
}
