extension PostgresConnection {
    /// Begins a transaction, runs `body` on this connection and commits; rolls back if `body` throws.
    ///
    /// Runs `body` once. Use `PostgresClient.withTransaction` to have conflicts retried.
    ///
    /// - Throws: what `body` throws; `PostgresError`, with code `commitUnknown` if COMMIT was sent and did not come
    ///   back clean: then read again before acting on it. `CancellationError` before COMMIT was sent.
    package nonisolated func withTransaction<T>(
        _ options: PostgresTransactionOptions = PostgresTransactionOptions(),
        _ body: () async throws -> T
    ) async throws -> T {
        try await begin(options)
        let value: T
        do {
            value = try await body()
            try Task.checkCancellation()
        } catch {
            await rollback()
            throw error
        }
        try await commit()
        return value
    }

    /// Begins a transaction and sets what is local to it.
    func begin(_ options: PostgresTransactionOptions) async throws {
        do {
            _ = try await simpleQuery(options.beginSQL, name: "BEGIN", timeout: nil)
        } catch {
            // A setting may be refused after BEGIN has worked.
            await rollback()
            throw error
        }
    }

    /// Commits.
    ///
    /// Never stopped on the server: a wait for a standby that is stopped answers success with a warning.
    ///
    /// - Throws: `commitUnknown` if the answer did not come, or came with a warning; any other error means that the
    ///   server has rolled back.
    func commit() async throws {
        let result: (tag: String, notices: [PostgresNotice])
        do {
            result = try await finish("COMMIT")
        } catch let error as PostgresError where error.code == .connectionClosed {
            throw error
        } catch let error as PostgresError
            where error.sqlState != nil && error.sqlState != .completionUnknown && !error.isOfConnectionClass
        {
            throw error
        } catch {
            // A pooler that loses its server under the COMMIT says so with a state of class 08.
            close()
            throw Self.unknownCommit("\(error)")
        }
        guard result.tag == "COMMIT" else {
            throw PostgresError(
                .server,
                "the transaction had failed before COMMIT and was rolled back",
                sqlState: .inFailedTransaction,
                hint: "let errors of statements leave the transaction's body",
                statement: "COMMIT"
            )
        }
        if let warning = result.notices.first(where: \.isWarning) {
            throw Self.unknownCommit(warning.message, state: warning.sqlState)
        }
    }

    /// Ends the transaction without effect, also when the task was cancelled; drops the connection if that fails.
    func rollback() async {
        guard let handle, handle.isAlive, !handle.isIdle else { return }
        do {
            _ = try await finish("ROLLBACK")
        } catch {
            close()
        }
    }

    /// Runs COMMIT or ROLLBACK, whatever becomes of the task; a cancellation shortens the wait for the answer.
    private func finish(_ command: String) async throws -> (tag: String, notices: [PostgresNotice]) {
        try await perform(command, timeout: nil, policy: .finishing) { call, exchange in
            var tag = ""
            try send(command, call, &exchange)
            try collect(call, &exchange) { tag = $0.commandTag }
            return (tag, call.handle.notices.take())
        }
    }

    private static func unknownCommit(_ cause: String, state: SQLState? = nil) -> PostgresError {
        PostgresError(
            .commitUnknown,
            "COMMIT may or may not have taken effect: \(cause)".singleLine(),
            sqlState: state,
            hint: "read the rows again before acting on them",
            statement: "COMMIT"
        )
    }
}
