import Testing

@testable import PostgresClient

@Suite struct ErrorTests {
    @Test("a class of SQLSTATEs matches its members and no others")
    func classes() {
        func isIntegrity(_ state: SQLState?) -> Bool {
            if case .integrityConstraintViolation = state { true } else { false }
        }
        #expect(isIntegrity(.uniqueViolation))
        #expect(isIntegrity(.integrityConstraintViolation))
        #expect(!isIntegrity(.serializationFailure))
        #expect(!isIntegrity(nil))
        #expect(!(SQLState.uniqueViolation ~= SQLState.integrityConstraintViolation))
    }

    @Test(
        "LESSON 10: what may be tried again, and what ends the connection, follows from the SQLSTATE",
        arguments: [
            ("40001", true, false), ("40P01", true, false), ("55P03", true, false), ("57P01", true, true),
            ("57P02", true, true), ("57P03", true, true), ("08006", true, true), ("53300", true, true),
            ("25006", true, true), ("23505", false, false), ("42601", false, false), ("57014", false, false),
            ("26000", true, false),
        ]
    )
    func decisions(_ state: String, _ isRetryable: Bool, _ isConnectionFailure: Bool) {
        let error = PostgresError(.server, "x", sqlState: SQLState(state))
        #expect(error.isRetryable == isRetryable)
        #expect(error.isConnectionFailure == isConnectionFailure)
        #expect(error.endsConnection == isConnectionFailure)
    }

    @Test("a message of several lines, with control and bidirectional characters, becomes one harmless line")
    func singleLine() {
        #expect(" a\n\tb\u{1B}[31m\u{202E}c\u{0} ".singleLine() == "a b [31m c")
        #expect("abc".singleLine(limit: 2) == "ab…")
        #expect("".singleLine() == "")
    }
}
