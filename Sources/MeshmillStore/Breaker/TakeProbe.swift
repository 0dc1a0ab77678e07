package import PostgresClient

/// Asks for the right to send the probe of an open breaker.
///
/// - Returns: one row: whether this worker may send it now.
package struct TakeProbe: Statement {
    package static let sql = "/* TakeProbe */ SELECT meshmill.take_probe($1::interval)"

    /// Nobody else may probe for so long.
    package var duration: Duration

    package init(for duration: Duration) { self.duration = duration }

    package func bind(to parameters: inout PostgresParameters) { parameters.append(duration) }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Bool { try row.next() }
}

/// Gives back a probe that found no slot or no job.
package struct ReturnProbe: Statement {
    package static let sql = "/* ReturnProbe */ SELECT meshmill.return_probe()"

    package init() {}
}
