package import Logging

/// Notifications of some channels, over a connection of its own that is replaced whenever it breaks.
///
/// A notification is a hint: those sent while there was no connection are lost. So each time the channels are
/// subscribed, `subscribed` comes first, and whoever listens looks at the tables.
///
/// The sequence never fails and ends when its task is cancelled. Each iterator has a connection of its own.
package struct PostgresListener: AsyncSequence, Sendable {
    package typealias Failure = Never

    /// What a listener has to tell.
    package enum Event: Sendable, Equatable {
        /// The channels are subscribed from now on; anything may have happened before.
        case subscribed
        case notification(PostgresNotification)
    }

    private let configuration: PostgresConfiguration
    private let channels: [String]
    private let logger: Logger

    /// Names channels; nothing is connected before the first `next`.
    package init(configuration: PostgresConfiguration, channels: [String], logger: Logger) {
        self.configuration = configuration
        self.channels = channels
        self.logger = logger
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(configuration: configuration, channels: channels, logger: logger)
    }

    /// Waits for events one by one.
    ///
    /// A consumer that is slow leaves them with the server.
    package struct Iterator: AsyncIteratorProtocol {
        /// How long the connection may be silent before it is tried.
        private static let silence = Duration.seconds(30)
        private static let longestBackoff = Duration.seconds(10)

        private let configuration: PostgresConfiguration
        private let channels: [String]
        private let logger: Logger
        private var connection: PostgresConnection?
        private var pending: [PostgresNotification] = []
        private var backoff = Duration.milliseconds(100)
        private var isDown = false

        fileprivate init(configuration: PostgresConfiguration, channels: [String], logger: Logger) {
            self.configuration = configuration
            self.channels = channels
            self.logger = logger
        }

        /// The next event; nil when the task was cancelled.
        package mutating func next() async -> Event? {
            await next(isolation: #isolation)
        }

        /// The next event; nil when the task was cancelled.
        ///
        /// Stays on the caller's actor.
        package mutating func next(isolation _: isolated (any Actor)?) async -> Event? {
            while !Task.isCancelled {
                if let notification = pending.popFirst() { return .notification(notification) }
                do {
                    guard let connection else {
                        connection = try await subscribe()
                        return .subscribed
                    }
                    pending = try await connection.notifications(timeout: Self.silence)
                    if pending.isEmpty { try await connection.simpleQuery("") }
                } catch {
                    await lose(error)
                }
            }
            await connection?.close()
            connection = nil
            return nil
        }

        private mutating func subscribe() async throws -> PostgresConnection {
            let connection = try await PostgresConnection.connect(configuration: configuration, logger: logger)
            try await connection.listen(to: channels)
            if isDown { logger.notice("listening to the database again", metadata: ["channels": "\(channels)"]) }
            isDown = false
            backoff = .milliseconds(100)
            return connection
        }

        /// Says once that the connection is gone, and waits before the next attempt.
        private mutating func lose(_ error: any Error) async {
            await connection?.close()
            connection = nil
            guard !Task.isCancelled else { return }
            if !isDown { logger.warning("not listening to the database: \(error)") }
            isDown = true
            try? await Task.sleep(for: backoff * Double.random(in: 0.5...1))
            backoff = Swift.min(backoff * 2, Self.longestBackoff)
        }
    }
}

extension [PostgresNotification] {
    fileprivate mutating func popFirst() -> PostgresNotification? {
        isEmpty ? nil : removeFirst()
    }
}
