import CLibPQ
import Logging

extension PostgresConnection {
    /// The most statements a connection keeps prepared.
    ///
    /// The program has fewer; this bounds a mistake.
    private static let preparedLimit = 1_000

    /// Prepares the statement if need be, runs it and decodes its rows.
    func send<S: Statement>(
        _: S.Type,
        _ parameters: PostgresParameters,
        _ call: Call,
        _ exchange: inout Exchange
    ) throws -> PostgresResult<S.Row> {
        let name = try preparedName(S.self, call, &exchange)
        let connection = exchange.connection
        let sent = parameters.withPointers { values, count in
            if let name {
                PQsendQueryPrepared(connection, name, count, values, nil, nil, 1)
            } else {
                PQsendQueryParams(connection, S.sql, count, nil, values, nil, nil, 1)
            }
        }
        try check(sent, call)
        try exchange.flush()
        var result = PostgresResult<S.Row>(rows: [], rowsAffected: 0, notices: [])
        try collect(call, &exchange) { (handle: borrowing ResultHandle) throws(PostgresError) in
            result.rowsAffected = handle.rowsAffected
            result.rows = try handle.rows(of: S.self)
        }
        result.notices = call.handle.notices.take()
        return result
    }

    /// The server's name for a statement, which is prepared at its first use on this connection.
    ///
    /// - Returns: nil if the statement is to be sent without a name.
    func preparedName<S: Statement>(
        _: S.Type,
        _ call: Call,
        _ exchange: inout Exchange
    ) throws -> String? {
        guard usesNamedStatements else { return nil }
        if let name = prepared[ObjectIdentifier(S.self)] { return name }
        guard prepared.count < Self.preparedLimit else { return nil }
        let name = statementName(S.self)
        try check(PQsendPrepare(exchange.connection, name, S.sql, 0, nil), call)
        try exchange.flush()
        try collect(call, &exchange) { _ in }
        prepared[ObjectIdentifier(S.self)] = name
        return name
    }

    /// Reacts to a prepared statement that the server does not know, or knows as something else.
    func forgetPrepared(because error: PostgresError) {
        prepared.removeAll()
        preparedGeneration += 1
        guard error.sqlState != .featureNotSupported, usesNamedStatements else { return }
        usesNamedStatements = false
        logger.debug("a pooler shares or loses prepared statements; sending them unnamed on this connection")
    }

    /// At most 63 bytes, PostgreSQL's limit for names, and different for any two texts.
    private func statementName<S: Statement>(_: S.Type) -> String {
        // FNV-1a, 64 bits: the same for the same text in every process, unlike Swift's own hashes.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in S.sql.utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        let label = String(decoding: S.name.utf8.prefix(32), as: UTF8.self).filter { $0.isASCII }
        return "\(label)_\(String(hash, radix: 16))_\(preparedGeneration)"
    }
}

extension ResultHandle {
    /// Decodes all rows of a result in binary format.
    borrowing func rows<S: Statement>(of _: S.Type) throws(PostgresError) -> [S.Row] {
        var rows: [S.Row] = []
        rows.reserveCapacity(Int(rowCount))
        let name = S.name
        for row in 0..<rowCount {
            var reader = PostgresRowReader(result: pointer, row: row, statement: name)
            rows.append(try S.decode(&reader))
        }
        return rows
    }
}
