import FoundationEssentials
import Glibc

/// Where a home's cluster lies: everything that is found by path.
struct ClusterPlace: Sendable, Equatable {
    /// The folder that holds all below; it belongs to the server's account.
    var root: String
    /// The folder of the server's socket, 0700 and short enough for a socket's path.
    var socketFolder: String

    var data: String { root + "/data" }
    var log: String { root + "/server.log" }
    /// Held alone while the server is made, started or stopped.
    var controlLock: String { root + "/control.lock" }
    /// Held together by all processes that use the server.
    var usersLock: String { root + "/users.lock" }
    var versionFile: String { data + "/PG_VERSION" }
    var postmasterFile: String { data + "/postmaster.pid" }

    /// A socket's path has 107 bytes at most, of which `/.s.PGSQL.5432` and a lock file's suffix take 20.
    private static let longestSocketFolder = 85

    private static let plainBytes = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-".utf8)

    /// The file in a home that says where the cluster lies, if not in the home.
    private static func record(in home: String) -> String { home + "/postgres.location" }

    /// Finds the place for a home, and makes none of it.
    ///
    /// It is `postgres` in the home, unless the server's account cannot get there (root's home is 0700): then a folder
    /// under `/var/lib/meshmill` named after the home, which the home records and which is found again by that record
    /// even if the home has moved.
    static func find(home: String, account: ServerAccount) -> ClusterPlace {
        if let recorded = try? String(contentsOfFile: record(in: home), encoding: .utf8) {
            let root = recorded.trimmingSuffix { $0.isWhitespace }
            if root.hasPrefix("/") { return ClusterPlace(root: root) }
        }
        if !account.isSomebodyElse || account.canReach(home) { return ClusterPlace(root: home + "/postgres") }
        let name =
            home.split(separator: "/").last.map { $0.filter { $0.isASCII && ($0.isLetter || $0.isNumber) } } ?? ""
        return ClusterPlace(root: "/var/lib/meshmill/\(name.prefix(20))-\(hash(home))")
    }

    init(root: String) {
        self.root = root
        let inside = root + "/socket"
        // The server reads a list of folders from a command line, so only what needs no quotes is left as it is.
        let isPlain = inside.utf8.allSatisfy(Self.plainBytes.contains)
        socketFolder =
            isPlain && inside.utf8.count <= Self.longestSocketFolder ? inside : "/tmp/meshmill-\(Self.hash(root))"
    }

    /// Makes the folders, owned by the server's account and closed to others.
    ///
    /// - Throws: `permission`, also if a folder is there but belongs to somebody else: then its data is not ours, or
    ///   somebody waits in `/tmp` for us to connect.
    func prepare(home: String, account: ServerAccount) throws(PrivatePostgresError) {
        try Self.makeFolder(home, owner: nil)
        if !root.hasPrefix(home + "/") {
            try Self.makeFolder("/var/lib/meshmill", owner: nil, mode: 0o755)
            do {
                try Data((root + "\n").utf8).write(to: URL(filePath: Self.record(in: home)), options: .atomic)
            } catch {
                throw PrivatePostgresError(
                    .permission,
                    "cannot write \(Self.record(in: home))",
                    hint: "make \(home) a folder that this account may write"
                )
            }
        }
        try Self.makeFolder(root, owner: account)
    }

    /// Makes the socket's folder, which is removed when the server stops.
    ///
    /// - Throws: like `prepare`.
    func prepareSocketFolder(account: ServerAccount) throws(PrivatePostgresError) {
        try Self.makeFolder(socketFolder, owner: account)
    }

    private static func makeFolder(
        _ path: String,
        owner: ServerAccount?,
        mode: mode_t = 0o700
    ) throws(PrivatePostgresError) {
        func refuse(_ what: String) -> PrivatePostgresError {
            PrivatePostgresError(
                .permission,
                "\(what) \(path): \(String(cString: strerror(errno)))",
                hint: "set MESHMILL_HOME to a folder of your own, or repair the owner"
            )
        }
        if mkdir(path, mode) != 0 && errno != EEXIST {
            guard errno == ENOENT, let parent = path.lastIndex(of: "/"), parent != path.startIndex else {
                throw refuse("cannot make")
            }
            try makeFolder(String(path[..<parent]), owner: nil, mode: 0o755)
            guard mkdir(path, mode) == 0 || errno == EEXIST else { throw refuse("cannot make") }
        }
        guard let owner else { return }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw refuse("cannot look at") }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            errno = ENOTDIR
            throw refuse("cannot use")
        }
        if status.st_uid == geteuid() && status.st_uid != owner.userID {
            guard lchown(path, owner.userID, owner.groupID) == 0 else { throw refuse("cannot give away") }
        } else if status.st_uid != owner.userID {
            errno = EPERM
            throw refuse("somebody else owns")
        }
        guard chmod(path, mode) == 0 else { throw refuse("cannot close to others") }
    }

    /// FNV-1a in hex: a short name for a path, the same in every process.
    private static func hash(_ path: String) -> String {
        let hash = path.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
        return String(hash, radix: 16)
    }
}

extension String {
    fileprivate func trimmingSuffix(while predicate: (Character) -> Bool) -> String {
        var text = self[...]
        while let last = text.last, predicate(last) { text.removeLast() }
        return String(text)
    }
}
