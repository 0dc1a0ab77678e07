import CLibPQ
import Glibc
package import Logging

extension PostgresConnection {
    /// Opens a connection of its own, outside any pool.
    ///
    /// A `deadline` of nil is the configuration's `callTimeout` from now.
    ///
    /// - Throws: `PostgresError` with code `connectFailed`, naming each place that was tried and why it failed;
    ///   `CancellationError`. Looking up a host name is left to the system and may exceed the deadline.
    package static func connect(
        configuration: PostgresConfiguration,
        deadline: ContinuousClock.Instant? = nil,
        logger: Logger
    ) async throws -> PostgresConnection {
        let string = try ConnectionString(configuration.connectionString)
        let connection = try PostgresConnection(configuration: configuration, logger: logger)
        try await connection.open(
            string.targets(applicationName: configuration.applicationName),
            deadline: deadline ?? .now.advanced(by: configuration.callTimeout)
        )
        return connection
    }

    private func open(_ targets: [ConnectionTarget], deadline: ContinuousClock.Instant) async throws {
        try Task.checkCancellation()
        let number = monitor.beginCall()
        try await withTaskCancellationHandler {
            var failures: [PostgresError] = []
            for target in targets {
                let timeout = target.timeout ?? configuration.connectTimeout
                do {
                    adopt(try open(target, deadline: min(deadline, .now.advanced(by: timeout))))
                    return
                } catch let error as PostgresError {
                    failures.append(error)
                }
            }
            throw PostgresError.noneLetUsIn(failures)
        } onCancel: { [monitor] in
            monitor.cancel(call: number)
        }
    }

    private func open(
        _ target: ConnectionTarget,
        deadline: ContinuousClock.Instant
    ) throws -> ConnectionHandle {
        let handle = try ConnectionHandle(startingWith: target.parameters)
        // In the verbose form libpq's message holds the SQLSTATE, for which there is no other way while connecting.
        PQsetErrorVerbosity(handle.pointer, PQERRORS_VERBOSE)
        var exchange = Exchange(handle.pointer, monitor: monitor, policy: .dropping, deadline: deadline)
        do {
            try exchange.connect()
        } catch {
            guard error.interruption == .deadline else { throw CancellationError() }
            throw PostgresError.connecting(to: target, said: "no answer in time")
        }
        guard handle.isAlive else { throw PostgresError.connecting(to: target, said: handle.errorMessage) }
        PQsetErrorVerbosity(handle.pointer, PQERRORS_DEFAULT)
        // Without this, sending a large parameter would block in libpq, past any deadline.
        guard PQsetnonblocking(handle.pointer, 1) == 0 else {
            throw PostgresError.connecting(to: target, said: handle.errorMessage)
        }
        return handle
    }
}

extension Exchange {
    /// Drives libpq's connecting until it has succeeded or failed; the connection's status tells which.
    fileprivate mutating func connect() throws(Abandoned) {
        // The manual's rule: before the first call behave as if it had answered "writing".
        var state = PGRES_POLLING_WRITING
        while PQstatus(connection) != CONNECTION_BAD {
            switch state {
            case PGRES_POLLING_READING: _ = try wait(for: POLLIN)
            case PGRES_POLLING_WRITING: _ = try wait(for: POLLOUT)
            default: return
            }
            state = PQconnectPoll(connection)
        }
    }
}
