import CLibPQ

extension PostgresConnection {
    /// Runs a statement and returns its rows.
    ///
    /// After `timeout` (nil: the configuration's `callTimeout`) the server is asked to stop.
    ///
    /// - Throws: `PostgresError`; `CancellationError` if the task was cancelled before the server was done.
    package func query<S: Statement>(_ statement: S, timeout: Duration? = nil) async throws -> [S.Row] {
        try await run(statement, timeout: timeout).rows
    }

    /// Runs a statement and returns how many rows it touched.
    ///
    /// - Throws: like `query`.
    @discardableResult
    package func execute(_ statement: some Statement, timeout: Duration? = nil) async throws -> Int {
        try await run(statement, timeout: timeout).rowsAffected
    }

    /// Runs a statement and returns all that came back, warnings included.
    ///
    /// - Throws: like `query`.
    package func run<S: Statement>(_ statement: S, timeout: Duration? = nil) async throws -> PostgresResult<S.Row> {
        var parameters = PostgresParameters()
        statement.bind(to: &parameters)
        try parameters.validate(for: S.name)
        return try await perform(S.name, timeout: timeout) { call, exchange in
            do {
                return try send(S.self, parameters, call, &exchange)
            } catch let error as PostgresError where error.isStaleStatement && usesNamedStatements {
                forgetPrepared(because: error)
                // Within a transaction the error has undone it all; its owner runs it again.
                guard call.handle.isIdle else { throw error }
                return try send(S.self, parameters, call, &exchange)
            }
        }
    }

    /// What came of a statement that a connection was borrowed for alone.
    struct Visit<Row: Sendable>: Sendable {
        /// Nil if the server had hung up while the connection was idle: nothing was sent.
        let result: Result<PostgresResult<Row>, any Error>?
        /// Whether another caller may have the connection.
        let isReusable: Bool
    }

    /// Looks whether the server is still there, runs a statement, and says whether others may have the connection.
    ///
    /// All in one visit of the connection's thread: to go there and back costs two wake-ups, a good part of what a quick
    /// statement takes altogether.
    func visit<S: Statement>(_ statement: S, deadline: ContinuousClock.Instant) async -> Visit<S.Row> {
        guard isStillConnected() else { return Visit(result: nil, isReusable: false) }
        let result: Result<PostgresResult<S.Row>, any Error>
        do {
            result = .success(try await run(statement, timeout: ContinuousClock.now.duration(to: deadline)))
        } catch {
            result = .failure(error)
        }
        return Visit(result: result, isReusable: isReusable)
    }

    /// Runs any number of statements given as one text, without parameters.
    ///
    /// Several statements are one transaction unless the text says otherwise. For migrations and tests.
    ///
    /// Returns the last statement's rows as text, nil for NULL, and all notices. Throws like `query`.
    @discardableResult
    package func simpleQuery(_ sql: String, timeout: Duration? = nil) async throws -> PostgresResult<[String?]> {
        try await simpleQuery(sql, name: "simple query", timeout: timeout)
    }

    /// Runs SQL text under a name of its own for errors.
    func simpleQuery(
        _ sql: String,
        name: String,
        timeout: Duration?,
        policy: Exchange.Policy = .cancellable
    ) async throws -> PostgresResult<[String?]> {
        try await perform(name, timeout: timeout, policy: policy) { call, exchange in
            var result = PostgresResult<[String?]>(rows: [], rowsAffected: 0, notices: [])
            try send(sql, call, &exchange)
            try collect(call, &exchange) { handle in
                result.rows = handle.textRows()
                result.rowsAffected = handle.rowsAffected
            }
            result.notices = call.handle.notices.take()
            return result
        }
    }

    /// Sends SQL text without parameters.
    func send(_ sql: String, _ call: Call, _ exchange: inout Exchange) throws {
        try check(PQsendQuery(exchange.connection, sql), call)
        try exchange.flush()
    }

    /// Throws if libpq refused to send, and so nothing was sent.
    func check(_ sent: Int32, _ call: Call) throws(PostgresError) {
        guard sent != 1 else { return }
        throw PostgresError(.connectionClosed, call.handle.errorMessage.singleLine(), statement: call.name)
    }

    /// Receives all results of what was sent, up to the server being ready for the next statement.
    ///
    /// An error may also follow a success, when the implicit commit fails; it counts like any other.
    ///
    /// - Throws: the server's first error, else the first error of `receive`, after everything has been read.
    func collect(
        _ call: Call,
        _ exchange: inout Exchange,
        _ receive: (borrowing ResultHandle) throws(PostgresError) -> Void
    ) throws {
        var serverError: PostgresError?
        var readingError: PostgresError?
        while let result = try exchange.nextResult() {
            switch result.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                guard readingError == nil else { continue }
                do throws(PostgresError) { try receive(result) } catch { readingError = error }
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                // Such a statement goes on until we take part in it; dropping the connection is the only way out.
                throw PostgresError(.unexpectedAnswer, "COPY needs copyIn", statement: call.name)
            default:
                let error = ResultFields.error(
                    result.pointer,
                    statement: call.name,
                    isConnectionAlive: call.handle.isAlive
                )
                serverError = serverError ?? error
            }
        }
        if let error = serverError ?? readingError { throw error }
    }
}

extension ResultHandle {
    /// The rows of a result in text format.
    fileprivate borrowing func textRows() -> [[String?]] {
        let columns = PQnfields(pointer)
        return (0..<rowCount).map { row in
            (0..<columns).map { column in
                guard PQgetisnull(pointer, row, column) == 0 else { return nil }
                return PQgetvalue(pointer, row, column).map { String(cString: $0) }
            }
        }
    }
}
