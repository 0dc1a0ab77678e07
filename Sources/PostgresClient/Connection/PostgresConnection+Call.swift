import CLibPQ

extension PostgresConnection {
    /// What one call needs to know of itself.
    struct Call {
        /// The statement's name, for errors.
        let name: String
        let timeout: Duration
        let handle: ConnectionHandle
    }

    /// Runs `body` as one call: with a deadline, stopped on the server if the deadline passes or the task is cancelled.
    ///
    /// A `timeout` of nil is the configuration's `callTimeout`.
    ///
    /// - Throws: `CancellationError` if the task was cancelled and the server gave up the statement for it; otherwise
    ///   `PostgresError`. After an answer that came in spite of a late cancellation the call succeeds.
    func perform<T>(
        _ name: String,
        timeout: Duration?,
        policy: Exchange.Policy = .cancellable,
        continuesCopy: Bool = false,
        _ body: (Call, inout Exchange) throws -> T
    ) async throws -> T {
        guard let handle else {
            throw PostgresError(.connectionClosed, "the connection is closed", statement: name)
        }
        if isCopying && !continuesCopy {
            throw PostgresError(.connectionBusy, "the connection is in the middle of a COPY", statement: name)
        }
        if policy != .finishing { try Task.checkCancellation() }
        let call = Call(name: name, timeout: timeout ?? configuration.callTimeout, handle: handle)
        _ = handle.notices.take()
        let number = monitor.beginCall()
        return try await withTaskCancellationHandler {
            try run(call, policy: policy, body)
        } onCancel: { [monitor] in
            monitor.cancel(call: number)
        }
    }

    private func run<T>(
        _ call: Call,
        policy: Exchange.Policy,
        _ body: (Call, inout Exchange) throws -> T
    ) throws -> T {
        var exchange = Exchange(
            call.handle.pointer,
            monitor: monitor,
            policy: policy,
            deadline: .now.advanced(by: call.timeout)
        )
        do {
            let value = try body(call, &exchange)
            // The answer came before the request to stop: that request would hit the next statement.
            if exchange.interruption != nil && policy == .cancellable { close() }
            return value
        } catch let abandoned as Exchange.Abandoned {
            close()
            throw error(for: abandoned.interruption, call, isDropped: true)
        } catch let error as PostgresError {
            let interruption = exchange.interruption
            let wasStopped = interruption != nil && error.sqlState == .queryCanceled
            // One request stops one statement. Only if it did, and is over, is the connection safe to use again.
            let isSafe = interruption == nil || policy == .finishing || (wasStopped && exchange.waitForCancelRequest())
            if !isSafe || error.endsConnection || !call.handle.isAlive { close() }
            if wasStopped, let interruption {
                throw self.error(for: interruption, call, isDropped: false)
            }
            throw error
        } catch {
            if exchange.interruption != nil { close() }
            throw error
        }
    }

    private func error(for interruption: Exchange.Interruption, _ call: Call, isDropped: Bool) -> any Error {
        switch interruption {
        case .cancellation:
            return CancellationError()
        case .deadline:
            let consequence = isDropped ? "the server did not answer and the connection was dropped" : "it was stopped"
            return PostgresError(
                .timedOut,
                "no answer within \(call.timeout); \(consequence)",
                hint: "look for locks and load in pg_stat_activity",
                statement: call.name
            )
        }
    }
}
