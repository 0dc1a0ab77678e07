import Glibc
import PostgresClient
import Synchronization

/// A relay between a client and the server's socket that can be told to fail like a network.
///
/// Threads and blocking calls, so that it works on while the tests' tasks wait.
final class FaultyWire: Sendable {
    /// What the relay does with what it reads.
    enum Mode: Sendable {
        case forward
        /// Reads nothing and says nothing, as when packets are swallowed.
        case blackHole
        /// Passes on what the client says, and cuts the connection instead of passing on the answer.
        case loseAnswer
    }

    private struct State {
        var mode = Mode.forward
        var descriptors: [Int32] = []
        var isClosed = false
    }

    /// The folder of the relay's own socket, to be used as host.
    let folder: String
    private let server: String
    private let listener: Int32
    private let state = Mutex(State())

    /// Relays to the server's socket, a path.
    init(to server: String) throws {
        self.server = server
        folder = "/tmp/wire-\(getpid())-\(UInt32.random(in: 0 ... .max))"
        mkdir(folder, 0o700)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        let bound = withAddress(folder + "/.s.PGSQL.5432") { bind(listener, $0, $1) }
        guard bound == 0, listen(listener, 64) == 0 else {
            throw PostgresError(.outOfResources, "no relay: \(String(cString: strerror(errno)))")
        }
        start { self.accept() }
    }

    func set(_ mode: Mode) {
        state.withLock { $0.mode = mode }
    }

    /// Cuts all connections and removes the socket.
    func close() {
        state.withLock { state in
            state.isClosed = true
            for descriptor in state.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
        shutdown(listener, Int32(SHUT_RDWR))
        unlink(folder + "/.s.PGSQL.5432")
        rmdir(folder)
    }

    private func accept() {
        while true {
            let client = Glibc.accept(listener, nil, nil)
            guard client >= 0 else { break }
            let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            guard withAddress(server, { connect(upstream, $0, $1) }) == 0 else {
                Glibc.close(client)
                Glibc.close(upstream)
                continue
            }
            state.withLock { $0.descriptors += [client, upstream] }
            start { self.pump(from: client, to: upstream, isAnswer: false) }
            start { self.pump(from: upstream, to: client, isAnswer: true) }
        }
        Glibc.close(listener)
    }

    /// Moves bytes one way until either end hangs up.
    ///
    /// The descriptors stay open until the process ends, as their numbers must not be given to others while the
    /// opposite thread may still use them.
    private func pump(from source: Int32, to target: Int32, isAnswer: Bool) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(source, &buffer, buffer.count)
            guard count > 0 else { break }
            // What vanishes is held here until the test heals or closes the wire. A thread of its own, so that looking
            // each millisecond blocks nobody; nothing is measured by it.
            while state.withLock({ $0.mode == .blackHole && !$0.isClosed }) { usleep(1_000) }
            if isAnswer && state.withLock({ $0.mode == .loseAnswer }) { break }
            var sent = 0
            while sent < count {
                let written = buffer[sent..<count].withUnsafeBytes {
                    send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard written > 0 else { break }
                sent += written
            }
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
    }
}

/// Calls `body` with the address of a Unix socket.
private func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

/// Runs `body` on a thread of its own.
private func start(_ body: @escaping @Sendable () -> Void) {
    final class Box {
        let body: @Sendable () -> Void; init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread,
        nil,
        { context in
            if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
            return nil
        },
        Unmanaged.passRetained(Box(body)).toOpaque()
    )
    pthread_detach(thread)
}
