import CLibPQ
import Glibc

extension PostgresConnection {
    /// Copies rows into a table, as fast as they come.
    ///
    /// Rows are sent in pieces of about 64 KiB; memory does not grow with their number. If `rows` throws, or the task is
    /// cancelled, nothing of the copy takes effect; after a cancellation the connection is closed.
    ///
    /// The `timeout` (nil: the configuration's `callTimeout`) is for each piece, not for the whole.
    ///
    /// - Throws: `PostgresError`; what `rows` throws; `CancellationError`.
    /// - Returns: how many rows the server took.
    @discardableResult
    package nonisolated func copyIn<Copy: CopyStatement, Rows: AsyncSequence>(
        _: Copy.Type,
        rows: Rows,
        timeout: Duration? = nil
    ) async throws -> Int where Rows.Element == Copy.Row {
        try await startCopy(Copy.sql, name: Copy.name, timeout: timeout)
        do {
            var columns = PostgresCopyColumns()
            for try await row in rows {
                Copy.encode(row, to: &columns)
                columns.endRow()
                if columns.text.count >= Self.pieceSize {
                    try await put(columns.text, name: Copy.name, timeout: timeout)
                    columns.removeAll()
                }
            }
            try await put(columns.text, name: Copy.name, timeout: timeout)
        } catch {
            await giveUpCopy(Copy.name)
            throw error
        }
        return try await endCopy(nil, name: Copy.name, timeout: timeout)
    }

    /// Copies rows that are at hand into a table.
    ///
    /// Otherwise like the form for an asynchronous sequence.
    @discardableResult
    package nonisolated func copyIn<Copy: CopyStatement>(
        _: Copy.Type,
        rows: some Sequence<Copy.Row>,
        timeout: Duration? = nil
    ) async throws -> Int {
        try await copyIn(Copy.self, rows: AtHand(rows: rows), timeout: timeout)
    }

    private static var pieceSize: Int { 65_536 }

    private func startCopy(_ sql: String, name: String, timeout: Duration?) async throws {
        try await perform(name, timeout: timeout) { call, exchange in
            try send(sql, call, &exchange)
            guard let result = try exchange.nextResult() else { return }
            guard result.status != PGRES_COPY_IN else {
                isCopying = true
                return
            }
            let isOtherCommand = result.status != PGRES_FATAL_ERROR
            let error = ResultFields.error(result.pointer, statement: name, isConnectionAlive: call.handle.isAlive)
            // A COPY to us goes on until read, so the connection is of no further use.
            if isOtherCommand { close() } else { try collect(call, &exchange) { _ in } }
            throw isOtherCommand ? PostgresError(.unexpectedAnswer, "not a COPY FROM STDIN", statement: name) : error
        }
    }

    private func put(_ text: [UInt8], name: String, timeout: Duration?) async throws {
        guard !text.isEmpty else { return }
        try await perform(name, timeout: timeout, policy: .dropping, continuesCopy: true) { call, exchange in
            let sent = text.withUnsafeBytes { bytes in
                PQputCopyData(
                    exchange.connection,
                    bytes.assumingMemoryBound(to: CChar.self).baseAddress,
                    Int32(bytes.count)
                )
            }
            // libpq's buffer grows as needed, so it takes all or fails; flushing keeps it at one piece.
            try check(sent, call)
            try exchange.flush()
        }
    }

    /// Ends the copy; with a reason, so that it has no effect.
    private func endCopy(_ reason: String?, name: String, timeout: Duration?) async throws -> Int {
        try await perform(name, timeout: timeout, continuesCopy: true) { call, exchange in
            isCopying = false
            var count = 0
            try check(PQputCopyEnd(exchange.connection, reason), call)
            try exchange.flush()
            try collect(call, &exchange) { count = $0.rowsAffected }
            return count
        }
    }

    /// Leaves a copy whose rows have failed us, with the connection free again or closed.
    private func giveUpCopy(_ name: String) async {
        guard isCopying else { return }
        do {
            _ = try await endCopy("the sender gave up", name: name, timeout: Exchange.patience)
        } catch let error as PostgresError where error.sqlState == .queryCanceled {
            // The server's answer to a copy that the sender ends with a reason.
        } catch {
            close()
        }
    }
}

/// A sequence's elements, none of which has to be waited for.
private struct AtHand<Rows: Sequence>: AsyncSequence {
    let rows: Rows

    struct Iterator: AsyncIteratorProtocol {
        var base: Rows.Iterator

        mutating func next() async -> Rows.Element? { base.next() }

        // Without this, each row would cost two hops between executors, ten times the rest.
        mutating func next(isolation _: isolated (any Actor)?) async -> Rows.Element? { base.next() }
    }

    func makeAsyncIterator() -> Iterator { Iterator(base: rows.makeIterator()) }
}
