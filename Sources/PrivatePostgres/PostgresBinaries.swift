import FoundationEssentials

/// The programs of one PostgreSQL version on this machine.
package struct PostgresBinaries: Sendable, Equatable {
    /// The major version, like 15.
    package var version: Int
    /// The absolute path of the folder with `initdb`, `pg_ctl` and `postgres`.
    package var folder: String

    /// Where packages put servers: a folder per version.
    ///
    /// Debian and Ubuntu; Red Hat; Homebrew on Linux has none.
    private static let versionedFolders = [("/usr/lib/postgresql/", "/bin"), ("/usr/pgsql-", "/bin")]

    /// All installed servers, newest first.
    package static func installed() -> [PostgresBinaries] {
        (10...99).reversed().flatMap { version in
            versionedFolders.map { PostgresBinaries(version: version, folder: "\($0.0)\(version)\($0.1)") }
        }
        .filter(\.isComplete)
    }

    /// The binaries for a cluster of a version, or the newest for a new cluster.
    ///
    /// - Throws: `missingBinaries`, naming the package to install.
    static func choose(version: Int?) throws(PrivatePostgresError) -> PostgresBinaries {
        let installed = installed()
        guard let version else {
            guard let newest = installed.first else {
                throw PrivatePostgresError(
                    .missingBinaries,
                    "no PostgreSQL server is installed",
                    hint: "run: apt-get install postgresql, or set DATABASE_URL to a server elsewhere"
                )
            }
            return newest
        }
        guard let match = installed.first(where: { $0.version == version }) else {
            let others = installed.map { String($0.version) }.joined(separator: ", ")
            throw PrivatePostgresError(
                .missingBinaries,
                "the data belongs to PostgreSQL \(version), of which no server is installed"
                    + (others.isEmpty ? "" : " (found: \(others))"),
                hint: "run: apt-get install postgresql-\(version)"
            )
        }
        return match
    }

    private var isComplete: Bool {
        ["initdb", "pg_ctl", "postgres"].allSatisfy {
            FileManager.default.isExecutableFile(atPath: "\(folder)/\($0)")
        }
    }
}
