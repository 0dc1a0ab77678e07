import FoundationEssentials
import Glibc
import Logging
import PrivatePostgres
import Synchronization

/// A server for this process's tests, without fsync, gone when the process ends.
enum ThrowawayServer {
    private struct Running {
        var home: String
        var postmasterFile: String
        // Keeps the cluster's lock, by which other runs see that it is in use.
        var session: PrivatePostgresSession
    }

    private static let running = Mutex<Running?>(nil)
    private static let prefix = "meshmill-test-\(geteuid())-"

    /// Makes and starts the server, and returns its superuser's conninfo.
    static func start() async throws -> String {
        removeLeftovers()
        let home = "/tmp/\(prefix)\(getpid())"
        try? FileManager.default.removeItem(atPath: home)
        // The server's account has to get in, also when the tests run as root.
        mkdir(home, 0o755)
        let postgres = PrivatePostgres(
            home: home,
            durability: .throwaway,
            logger: Logger(label: "test-server") { _ in SwiftLogNoOpLogHandler() }
        )
        let session = try await postgres.start()
        let file = try await postgres.status().dataFolder + "/postmaster.pid"
        running.withLock { $0 = Running(home: home, postmasterFile: file, session: session) }
        atexit { ThrowawayServer.stopAtExit() }
        return session.superuserConnectionString
    }

    private static func stopAtExit() {
        guard let running = running.withLock({ $0 }) else { return }
        stop(postmasterFile: running.postmasterFile)
        try? FileManager.default.removeItem(atPath: running.home)
    }

    /// Removes the servers of runs that were killed: nobody holds their lock any more.
    private static func removeLeftovers() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
        for name in names where name.hasPrefix(prefix) {
            let lock = open("/tmp/\(name)/postgres/users.lock", O_RDWR | O_CLOEXEC)
            guard lock >= 0 else { continue }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 {
                stop(postmasterFile: "/tmp/\(name)/postgres/data/postmaster.pid")
                try? FileManager.default.removeItem(atPath: "/tmp/\(name)")
            }
            close(lock)
        }
    }

    /// Stops a server without waiting for anything: its data is not wanted any more.
    private static func stop(postmasterFile: String) {
        guard let text = try? String(contentsOfFile: postmasterFile, encoding: .utf8),
            let processID = text.split(separator: "\n").first.flatMap({ pid_t($0) }), processID > 1
        else { return }
        kill(processID, SIGQUIT)
        // It goes on writing to its folder for some milliseconds. It is no child of this process, so that its end can be
        // looked for and not waited for; a second at most.
        for _ in 0..<200 where kill(processID, 0) == 0 { usleep(5_000) }
    }
}
