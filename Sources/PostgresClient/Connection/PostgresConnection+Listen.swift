import CLibPQ
import Glibc

extension PostgresConnection {
    /// Subscribes this connection to channels until it is closed.
    ///
    /// Does not work through a pooler.
    ///
    /// - Throws: like `query`.
    package func listen(to channels: [String]) async throws {
        let commands = channels.map { "LISTEN \"\($0.replacing("\"", with: "\"\""))\"" }
        _ = try await simpleQuery(commands.joined(separator: "; "), name: "LISTEN", timeout: nil)
    }

    /// Waits for notifications.
    ///
    /// - Returns: those that have come, in order; none if `timeout` passed first.
    /// - Throws: `PostgresError` with code `connectionLost`; `CancellationError`, and then the connection is closed.
    package func notifications(timeout: Duration) async throws -> [PostgresNotification] {
        let deadline = ContinuousClock.now.advanced(by: timeout)
        // The call's own deadline is later: not to be told anything is no failure.
        return try await perform("LISTEN", timeout: timeout + .seconds(3_600), policy: .dropping) { call, exchange in
            while true {
                _ = PQconsumeInput(exchange.connection)
                let arrived = Self.takeNotifications(exchange.connection)
                if !arrived.isEmpty { return arrived }
                guard call.handle.isAlive else {
                    throw PostgresError(.connectionLost, call.handle.errorMessage.singleLine(), statement: call.name)
                }
                guard try exchange.waitForInput(until: deadline) else { return [] }
            }
        }
    }

    private static func takeNotifications(_ connection: OpaquePointer) -> [PostgresNotification] {
        var notifications: [PostgresNotification] = []
        while let notification = PQnotifies(connection) {
            notifications.append(
                PostgresNotification(
                    channel: String(cString: notification.pointee.relname),
                    payload: String(cString: notification.pointee.extra),
                    processID: notification.pointee.be_pid
                )
            )
            PQfreemem(notification)
        }
        return notifications
    }
}
