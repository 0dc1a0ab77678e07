import PostgresClient

/// What one session does in a case: a worker's transactions, an operator's action.
struct Script: Sendable {
    /// One call to the server; between two steps of a session others take theirs.
    struct Step: Sendable {
        let name: String
        /// Returns what the caller sees of it, in words that hold for any order of ids and times.
        let run: @Sendable (PostgresConnection) async throws -> String

        /// The end of a transaction.
        static func end(_ command: String) -> Self {
            Self(name: command) { connection in
                try await connection.simpleQuery(command)
                return ""
            }
        }
    }

    /// Steps from BEGIN to COMMIT.
    struct Transaction: Sendable {
        var steps: [Step]
        /// Whether it does nothing, instead of waiting, when others hold what it is after (SKIP LOCKED).
        var mayYield = false
    }

    let name: String
    var transactions: [Transaction]

    /// A transaction of one call: BEGIN and the call are one step, COMMIT is another.
    ///
    /// BEGIN takes neither a lock nor a snapshot, so a pause after it changes nothing.
    static func transaction(
        _ name: String,
        mayYield: Bool = false,
        _ call: @escaping @Sendable (PostgresConnection) async throws -> String
    ) -> Script {
        var script = transaction([Step(name: name, run: call)])
        script.transactions[0].mayYield = mayYield
        return script
    }

    /// A transaction of several calls.
    static func transaction(_ calls: [Step]) -> Script {
        let first = Step(name: calls[0].name) { connection in
            try await connection.simpleQuery("BEGIN")
            return try await calls[0].run(connection)
        }
        let steps = [first] + calls.dropFirst() + [.end("COMMIT")]
        return Script(name: calls[0].name, transactions: [Transaction(steps: steps)])
    }

    /// A script with the transactions of `other` after its own.
    func then(_ other: Script) -> Script {
        Script(name: "\(name), \(other.name)", transactions: transactions + other.transactions)
    }

    /// The same script ending in ROLLBACK, as when its process is killed.
    var killed: Script {
        var script = Script(name: "\(name), killed", transactions: transactions)
        script.transactions[transactions.count - 1].steps.removeLast()
        script.transactions[transactions.count - 1].steps.append(.end("ROLLBACK"))
        return script
    }
}
