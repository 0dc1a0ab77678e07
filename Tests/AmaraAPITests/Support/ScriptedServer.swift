import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A TCP server on 127.0.0.1 that plays a script of raw bytes to each connection, and keeps what it was sent.
final class ScriptedServer: Sendable {
    enum Step: Sendable {
        /// Reads a head and as many body bytes as its `Content-Length` says.
        case readRequest
        /// Reads whatever comes first.
        case readBytes
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
    private let channels = Mutex<[any Channel]>([])

    /// The base URL of an API that is served here.
    var baseURL: String { "http://127.0.0.1:\(port)/meshgen-api" }
    /// Connections accepted so far.
    var connections: Int { channels.withLock { $0.count } }

    private init(port: Int) {
        self.port = port
        (requests, requestsWritten) = AsyncStream.makeStream()
    }

    /// Serves while `body` runs.
    ///
    /// Connection n gets script n, or the last one; a script's end closes the connection.
    static func serving<Result: Sendable>(
        _ scripts: [Step]...,
        tls: TLSConfiguration? = nil,
        while body: sending @escaping (ScriptedServer) async throws -> Result
    ) async throws -> Result {
        let (connections, accepted) = AsyncStream.makeStream(of: Connection.self)
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    let (received, reader) = AsyncStream.makeStream(of: ByteBuffer.self)
                    try channel.pipeline.syncOperations.addHandler(Receiver(received: reader))
                    accepted.yield(Connection(channel: channel, received: received))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(port: listener.localAddress?.port ?? 0)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await server.accept(connections, scripts) }
            defer {
                listener.close(promise: nil)
                group.cancelAll()
            }
            return try await body(server)
        }
    }

    private func accept(_ connections: AsyncStream<Connection>, _ scripts: [[Step]]) async {
        await withDiscardingTaskGroup { group in
            for await connection in connections {
                let number = channels.withLock { channels in
                    channels.append(connection.channel)
                    return channels.count
                }
                let script = scripts[min(number, scripts.count) - 1]
                group.addTask {
                    // A client that goes away in mid-script is what many tests are about.
                    try? await self.play(script, on: connection)
                    try? await connection.channel.close()
                }
            }
        }
    }

    private func play(_ script: [Step], on connection: Connection) async throws {
        let channel = connection.channel
        var reader = RequestReader(connection.received.makeAsyncIterator())
        for step in script {
            switch step {
            case .readRequest: requestsWritten.yield(try await reader.request())
            case .readBytes: requestsWritten.yield(try await reader.bytes())
            case .readHead: requestsWritten.yield(try await reader.head())
            case .send(let text): try await channel.writeAndFlush(ByteBuffer(string: text))
            case .sendBytes(let bytes): try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
            case .drip(let interval):
                while true {
                    try await channel.writeAndFlush(ByteBuffer(string: " "))
                    try await Task.sleep(for: interval)
                }
            case .wait(let instant): try await Task.sleep(until: instant, clock: .continuous)
            case .stall: await reader.drain()
            }
        }
    }

    /// An accepted connection and the bytes that come on it.
    private struct Connection: Sendable {
        let channel: any Channel
        let received: AsyncStream<ByteBuffer>
    }

    /// Hands a connection's bytes to the script that is played on it.
    private final class Receiver: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let received: AsyncStream<ByteBuffer>.Continuation

        init(received: AsyncStream<ByteBuffer>.Continuation) { self.received = received }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            received.yield(unwrapInboundIn(data))
        }

        func channelInactive(context: ChannelHandlerContext) {
            received.finish()
        }
    }
}

extension ScriptedServer {
    /// The next request read; waits for it.
    func nextRequest() async -> String? {
        var iterator = requests.makeAsyncIterator()
        return await iterator.next()
    }

    /// Closes every connection accepted so far, wherever its script is.
    func hangUp() {
        for channel in channels.withLock({ $0 }) { channel.close(promise: nil) }
    }

    /// Bytes of an answer with a JSON body.
    static func answer(_ status: Int, _ body: String, headers: String = "") -> Step {
        .send(
            "HTTP/1.1 \(status) Said\r\nContent-Type: application/json\r\n\(headers)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
        )
    }
}
