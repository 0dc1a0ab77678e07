extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    /// One line: the statement, the SQLSTATE, the cause and the cure, without values of rows or parameters.
    package var description: String {
        var parts = ""
        if let statement { parts += "\(statement): " }
        if let sqlState { parts += "\(sqlState) " }
        parts += shownMessage
        if let hint { parts += "; \(hint)" }
        return parts
    }

    /// The description with the server's detail and the names it reported.
    ///
    /// May show values of rows.
    package var debugDescription: String {
        var parts = "\(code.rawValue): "
        if let statement { parts += "\(statement): " }
        if let sqlState { parts += "\(sqlState) " }
        parts += message
        if let detail { parts += " (\(detail))" }
        if let hint { parts += "; \(hint)" }
        let names = [("schema", schema), ("table", table), ("column", column), ("constraint", constraint)]
        for case (let label, let name?) in names { parts += " [\(label) \(name)]" }
        return parts
    }

    /// The message, in class 22 without what it quotes: there the server repeats the value it could not read.
    private var shownMessage: String {
        guard .dataException ~= sqlState,
            let first = message.firstIndex(of: "\""), let last = message.lastIndex(of: "\""), first < last
        else { return message }
        return "\(message[...first])…\(message[last...])"
    }
}
