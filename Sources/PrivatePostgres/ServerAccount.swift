import Glibc

/// The account that runs the server and owns its data.
///
/// PostgreSQL refuses to run as root. Then Debian's account `postgres` runs it; anybody else runs it as themselves.
struct ServerAccount: Sendable, Equatable {
    var userID: uid_t
    var groupID: gid_t
    /// Whether this process must change its account for the server's commands.
    var isSomebodyElse: Bool

    /// The account for this process.
    ///
    /// - Throws: `missingAccount` if this is root and there is no account `postgres`.
    static func forThisProcess() throws(PrivatePostgresError) -> ServerAccount {
        guard geteuid() == 0 else {
            return ServerAccount(userID: geteuid(), groupID: getegid(), isSomebodyElse: false)
        }
        var record = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r("postgres", &record, &buffer, buffer.count, &found) == 0, found != nil else {
            throw PrivatePostgresError(
                .missingAccount,
                "root may not run PostgreSQL and there is no account named postgres",
                hint: "install the package postgresql, or run meshmill as another user"
            )
        }
        return ServerAccount(userID: record.pw_uid, groupID: record.pw_gid, isSomebodyElse: true)
    }

    /// Whether this account may pass through every folder of an absolute path, links resolved.
    ///
    /// Looks at mode bits only; access lists are not read. False for a folder that does not exist: it would be made for
    /// us alone.
    func canReach(_ path: String) -> Bool {
        var folder = path
        while folder != "/" && !folder.isEmpty {
            var status = stat()
            guard stat(folder, &status) == 0, mayEnter(status) else { return false }
            folder = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
        }
        return true
    }

    private func mayEnter(_ status: stat) -> Bool {
        if status.st_uid == userID { return status.st_mode & S_IXUSR != 0 }
        if status.st_gid == groupID { return status.st_mode & S_IXGRP != 0 }
        return status.st_mode & S_IXOTH != 0
    }
}
