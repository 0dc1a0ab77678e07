/// A five-character SQLSTATE, which names the cause of a server's error.
///
/// A class (its last three characters are `000`) matches all its members in a pattern, so
/// `case .integrityConstraintViolation` also catches `23505`. Source: PostgreSQL manual, appendix A.
package struct SQLState: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package init(_ rawValue: String) {
        self.rawValue = rawValue
    }

    package var description: String { rawValue }

    /// Whether this names a whole class of errors.
    package var isClass: Bool { rawValue.hasSuffix("000") }

    /// The state of the class this belongs to: `23505` gives `23000`.
    package var classState: SQLState { SQLState(rawValue.prefix(2) + "000") }

    /// Matches an equal state, or any member if the pattern is a class.
    package static func ~= (pattern: SQLState, state: SQLState) -> Bool {
        pattern == state || (pattern.isClass && pattern == state.classState)
    }

    /// Matches like the pattern for a state; nil matches nothing.
    package static func ~= (pattern: SQLState, state: SQLState?) -> Bool {
        guard let state else { return false }
        return pattern ~= state
    }
}

extension SQLState {
    package static let warning = SQLState("01000")
    package static let connectionException = SQLState("08000")
    package static let featureNotSupported = SQLState("0A000")
    package static let dataException = SQLState("22000")
    package static let invalidTextRepresentation = SQLState("22P02")
    package static let integrityConstraintViolation = SQLState("23000")
    package static let notNullViolation = SQLState("23502")
    package static let foreignKeyViolation = SQLState("23503")
    package static let uniqueViolation = SQLState("23505")
    package static let checkViolation = SQLState("23514")
    package static let exclusionViolation = SQLState("23P01")
    package static let invalidTransactionState = SQLState("25000")
    package static let readOnlyTransaction = SQLState("25006")
    package static let inFailedTransaction = SQLState("25P02")
    package static let idleInTransactionTimeout = SQLState("25P03")
    package static let invalidStatementName = SQLState("26000")
    package static let invalidAuthorization = SQLState("28000")
    package static let invalidPassword = SQLState("28P01")
    package static let unknownDatabase = SQLState("3D000")
    package static let transactionRollback = SQLState("40000")
    package static let serializationFailure = SQLState("40001")
    package static let completionUnknown = SQLState("40003")
    package static let deadlockDetected = SQLState("40P01")
    package static let insufficientPrivilege = SQLState("42501")
    package static let undefinedFunction = SQLState("42883")
    package static let undefinedTable = SQLState("42P01")
    package static let duplicatePreparedStatement = SQLState("42P05")
    package static let duplicateDatabase = SQLState("42P04")
    package static let duplicateObject = SQLState("42710")
    package static let insufficientResources = SQLState("53000")
    package static let diskFull = SQLState("53100")
    package static let outOfMemory = SQLState("53200")
    package static let tooManyConnections = SQLState("53300")
    package static let programLimitExceeded = SQLState("54000")
    package static let objectInUse = SQLState("55006")
    package static let lockNotAvailable = SQLState("55P03")
    package static let operatorIntervention = SQLState("57000")
    package static let queryCanceled = SQLState("57014")
    package static let adminShutdown = SQLState("57P01")
    package static let crashShutdown = SQLState("57P02")
    package static let cannotConnectNow = SQLState("57P03")
    package static let idleSessionTimeout = SQLState("57P05")
    package static let raiseException = SQLState("P0001")
    package static let internalError = SQLState("XX000")
}
