import CLibPQ

/// The fields of an error or notice, by the letters of the protocol.
///
/// libpq's `PG_DIAG_` macros are characters, which Swift does not import. Source: PostgreSQL manual, section 55.8.
enum ResultFields {
    enum Field: Character {
        /// The severity, never translated.
        case severity = "V"
        case sqlState = "C"
        case message = "M"
        case detail = "D"
        case hint = "H"
        case schema = "s"
        case table = "t"
        case column = "c"
        case constraint = "n"
    }

    /// The field's text; nil if the server did not send it.
    static func text(_ result: OpaquePointer, _ field: Field) -> String? {
        guard let code = field.rawValue.asciiValue else { return nil }
        return PQresultErrorField(result, Int32(code)).map { String(cString: $0) }
    }

    /// The error that a failed result stands for.
    ///
    /// If the server did not say why and libpq holds the connection for bad (`isConnectionAlive`), the connection broke.
    static func error(_ result: OpaquePointer, statement: String, isConnectionAlive: Bool) -> PostgresError {
        guard let state = text(result, .sqlState) else {
            // libpq itself speaks: it has no SQLSTATE.
            let message = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
            return PostgresError(
                isConnectionAlive ? .unexpectedAnswer : .connectionLost,
                message.singleLine(),
                statement: statement
            )
        }
        var error = PostgresError(
            .server,
            (text(result, .message) ?? "").singleLine(),
            sqlState: SQLState(state),
            hint: text(result, .hint)?.singleLine(),
            statement: statement
        )
        error.detail = text(result, .detail)?.singleLine()
        error.schema = text(result, .schema)?.singleLine(limit: 128)
        error.table = text(result, .table)?.singleLine(limit: 128)
        error.column = text(result, .column)?.singleLine(limit: 128)
        error.constraint = text(result, .constraint)?.singleLine(limit: 128)
        return error
    }
}
