import Logging

/// One connection to the server. It serves one task at a time; borrow it from a `PostgresClient`.
///
/// The actor runs on a thread of its own, where libpq is driven without blocking and every wait has a deadline and a
/// wake-up. Within a call nothing is awaited, so calls cannot be interleaved.
package actor PostgresConnection {
    nonisolated let configuration: PostgresConfiguration
    nonisolated let logger: Logger
    nonisolated let monitor: CallMonitor
    private nonisolated let thread: ConnectionThread

    /// Nil before the connection is open and after it was closed or dropped.
    private(set) var handle: ConnectionHandle?
    /// Statements this connection has prepared, by type.
    var prepared: [ObjectIdentifier: String] = [:]
    /// Counts how often prepared statements were found stale, so that new names never meet old ones.
    var preparedGeneration = 0
    /// False behind a pooler that loses or shares named statements.
    var usesNamedStatements = true
    /// Whether a COPY is under way, during which no other call is possible.
    var isCopying = false

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(configuration: PostgresConfiguration, logger: Logger) throws(PostgresError) {
        self.configuration = configuration
        self.logger = logger
        monitor = try CallMonitor()
        thread = try ConnectionThread()
    }

    /// Takes over an open libpq connection.
    func adopt(_ handle: ConnectionHandle) {
        self.handle = handle
    }

    /// Closes the connection.
    ///
    /// A transaction that is open is rolled back by the server.
    package func close() {
        handle = nil
        isCopying = false
        prepared.removeAll()
    }

    /// Whether the connection is open, as far as is known without asking the server.
    package var isOpen: Bool { handle?.isAlive ?? false }

    /// Whether the server has not hung up on this idle connection, asked without a round trip.
    func isStillConnected() -> Bool {
        guard let handle, handle.isAlive else { return false }
        // What has come unasked is at most a few notices and the end; two looks see both.
        for _ in 0..<2 where handle.hasInput {
            _ = handle.notices.take()
            handle.readInput()
            guard handle.isAlive, !handle.notices.notices.contains(where: \.endsConnection) else { return false }
        }
        return true
    }

    /// Whether another caller may have the connection: it is open, and nothing was left half done.
    var isReusable: Bool {
        guard let handle, !isCopying, !monitor.isCancelRequestOpen else { return false }
        return handle.isAlive && handle.isIdle
    }
}
