import NIOCore
import NIOPosix
import Synchronization

/// A TCP server on 127.0.0.1 that plays a script of raw bytes to each connection, and keeps what it was sent.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        /// Reads a head and as many body bytes as its `Content-Length` says.
        case readRequest
        /// Reads a head and leaves the body.
        case readHead
        case send(String)
        case sendBytes([UInt8])
        /// Sends one byte again and again, this far apart, until the other side is gone.
        case drip(every: Duration)
        /// Goes on only at this instant.
        case wait(until: ContinuousClock.Instant)
        /// Says nothing more until the other side is gone.
        case stall
    }

    let port: Int
    /// One element for each request read, as it was read.
    let requests: AsyncStream<String>
    private let requestsWritten: AsyncStream<String>.Continuation
    private let connectionCount = Mutex(0)

    /// The base URL of an API that is served here.
    var baseURL: String { "http://127.0.0.1:\(port)/meshgen-api" }
    /// Connections accepted so far.
    var connections: Int { connectionCount.withLock { $0 } }

    private init(port: Int) {
        self.port = port
        (requests, requestsWritten) = AsyncStream.makeStream()
    }

    /// Serves while `body` runs; connection n gets script n, or the last one. A script's end closes the connection.
    static func serving<Result: Sendable>(
        _ scripts: [Step]...,
        while body: sending @escaping (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(isOutboundHalfClosureEnabled: false)
                    )
                }
            }
        let server = ScriptedServer(port: listener.channel.localAddress?.port ?? 0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.accept(listener, scripts) }
            defer { group.cancelAll() }
            return try await body(server)
        }
    }

    private func accept(
        _ listener: NIOAsyncChannel<NIOAsyncChannel<ByteBuffer, ByteBuffer>, Never>,
        _ scripts: [[Step]]
    ) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            try await listener.executeThenClose { connections in
                for try await connection in connections {
                    let number = connectionCount.withLock { count in
                        defer { count += 1 }
                        return count
                    }
                    let script = scripts[min(number, scripts.count - 1)]
                    // A client that goes away in mid-script is what many tests are about.
                    group.addTask { try? await self.play(script, on: connection) }
                }
            }
        }
    }

    private func play(_ script: [Step], on connection: NIOAsyncChannel<ByteBuffer, ByteBuffer>) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var reader = RequestReader(inbound.makeAsyncIterator())
            for step in script {
                switch step {
                case .readRequest: requestsWritten.yield(try await reader.request())
                case .readHead: requestsWritten.yield(try await reader.head())
                case .send(let text): try await outbound.write(ByteBuffer(string: text))
                case .sendBytes(let bytes): try await outbound.write(ByteBuffer(bytes: bytes))
                case .drip(let interval):
                    while true {
                        try await outbound.write(ByteBuffer(string: " "))
                        try await Task.sleep(for: interval)
                    }
                case .wait(let instant): try await Task.sleep(until: instant, clock: .continuous)
                case .stall: try await reader.drain()
                }
            }
        }
    }
}

extension ScriptedServer {
    /// The next request read; waits for it.
    func nextRequest() async -> String? {
        var iterator = requests.makeAsyncIterator()
        return await iterator.next()
    }

    /// Bytes of an answer with a JSON body.
    static func answer(_ status: Int, _ body: String, headers: String = "") -> Step {
        .send(
            "HTTP/1.1 \(status) Said\r\nContent-Type: application/json\r\n\(headers)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
    }
}
