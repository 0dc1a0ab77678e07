import CLibPQ

extension PostgresConnection {
    /// Runs a pipeline in one round trip, after preparing what is used for the first time.
    ///
    /// - Throws: the error of the first statement that failed, or of the implicit commit: then none of the pipeline took
    ///   effect, unless `isOutcomeUnknown`. Otherwise like `query`.
    package func run(_ pipeline: PostgresPipeline, timeout: Duration? = nil) async throws -> PostgresPipelineResults {
        guard !pipeline.isEmpty else { return PostgresPipelineResults(results: [], notices: []) }
        for item in pipeline.items { try item.parameters.validate(for: item.statementName) }
        return try await perform("pipeline", timeout: timeout) { call, exchange in
            do {
                return try send(pipeline, call, &exchange)
            } catch let error as PostgresError where error.isStaleStatement && usesNamedStatements {
                forgetPrepared(because: error)
                guard call.handle.isIdle else { throw error }
                return try send(pipeline, call, &exchange)
            }
        }
    }

    private func send(
        _ pipeline: PostgresPipeline,
        _ call: Call,
        _ exchange: inout Exchange
    ) throws -> PostgresPipelineResults {
        let connection = exchange.connection
        var names: [String?] = []
        for item in pipeline.items { names.append(try item.prepare(on: self, call, &exchange)) }

        try check(PQenterPipelineMode(connection), call)
        for (item, name) in zip(pipeline.items, names) {
            let sent = item.parameters.withPointers { values, count in
                if let name {
                    PQsendQueryPrepared(connection, name, count, values, nil, nil, 1)
                } else {
                    PQsendQueryParams(connection, item.sql, count, nil, values, nil, nil, 1)
                }
            }
            try check(sent, call)
        }
        try check(PQpipelineSync(connection), call)
        try exchange.flush()

        var receiver = PipelineReceiver(call: call)
        for item in pipeline.items { try receiver.receive(item, &exchange) }
        try receiver.receiveSync(&exchange)
        guard PQexitPipelineMode(connection) == 1 else {
            close()
            throw PostgresError(.unexpectedAnswer, call.handle.errorMessage.singleLine(), statement: call.name)
        }
        if let failure = receiver.failure { throw failure }
        return PostgresPipelineResults(results: receiver.results, notices: call.handle.notices.take())
    }
}

/// Takes in a pipeline's answers in order: all of them, whatever fails, since the connection is only then free again.
private struct PipelineReceiver {
    let call: PostgresConnection.Call
    var results: [any Sendable] = []
    /// The server's first error, or else the first row that could not be decoded.
    private(set) var failure: PostgresError?

    /// Receives what the server sends for one statement, up to the nil that ends it.
    mutating func receive(_ item: any PipelineItem, _ exchange: inout Exchange) throws {
        while let result = try exchange.nextResult() {
            switch result.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                do throws(PostgresError) {
                    results.append(try item.decode(result, notices: call.handle.notices.take()))
                } catch {
                    failure = failure ?? error
                }
            case PGRES_PIPELINE_ABORTED:
                break  // The consequence of an earlier statement's error.
            default:
                fail(result, statement: item.statementName)
            }
        }
    }

    /// Receives the end of the pipeline, or the failure of its implicit commit and then the end.
    mutating func receiveSync(_ exchange: inout Exchange) throws {
        var sawNil = false
        while true {
            guard let result = try exchange.nextResult() else {
                // One nil may follow an error. Two mean that the connection is gone and no end will come.
                if sawNil || !call.handle.isAlive {
                    failure =
                        failure
                        ?? PostgresError(
                            .connectionLost,
                            "the connection ended before the pipeline did",
                            statement: "COMMIT"
                        )
                    return
                }
                sawNil = true
                continue
            }
            if result.status == PGRES_PIPELINE_SYNC { return }
            fail(result, statement: "COMMIT")
        }
    }

    private mutating func fail(_ result: borrowing ResultHandle, statement: String) {
        let error = ResultFields.error(result.pointer, statement: statement, isConnectionAlive: call.handle.isAlive)
        // A decoding error came first, but the server's says that nothing took effect.
        if failure == nil || failure?.code == .decodingFailed { failure = error }
    }
}
