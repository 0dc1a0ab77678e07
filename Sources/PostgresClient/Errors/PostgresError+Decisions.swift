extension PostgresError {
    /// Whether the same transaction may well succeed if it is run again, maybe on another connection.
    ///
    /// True does not say that the first run had no effect: see `isOutcomeUnknown`.
    package var isRetryable: Bool {
        if isConnectionFailure { return true }
        switch code {
        case .timedOut, .poolTimedOut, .poolExhausted, .outOfResources:
            return true
        case .server:
            return isTransactionConflict || isStaleStatement || sqlState == .lockNotAvailable
        case .connectFailed, .connectionLost, .connectionClosed, .commitUnknown:
            return true
        case .invalidConnectionString, .connectionBusy, .clientClosed, .decodingFailed, .invalidParameter,
            .unexpectedAnswer:
            return false
        }
    }

    /// Whether the connection, not the statement, is what failed: the next call needs another connection.
    package var isConnectionFailure: Bool {
        switch code {
        case .connectFailed, .connectionLost, .connectionClosed:
            return true
        case .commitUnknown, .server:
            break
        default:
            return false
        }
        switch sqlState {
        case .connectionException, .adminShutdown, .crashShutdown, .cannotConnectNow, .readOnlyTransaction,
            .tooManyConnections:
            return true
        default:
            return false
        }
    }

    /// Whether what was sent may have taken effect although this error came back.
    package var isOutcomeUnknown: Bool {
        code == .commitUnknown || code == .connectionLost || sqlState == .completionUnknown || isOfConnectionClass
    }

    /// Whether a server or a pooler said that the connection behind it failed: SQLSTATE class 08.
    var isOfConnectionClass: Bool { sqlState?.rawValue.hasPrefix("08") ?? false }

    /// Whether the server undid the transaction because of others, so that running it again is the cure.
    package var isTransactionConflict: Bool {
        sqlState == .serializationFailure || sqlState == .deadlockDetected
    }

    /// Whether a prepared statement was not what this connection took it for.
    ///
    /// A pooler between us and the server (PgBouncer in transaction mode) loses or shares named statements, and a
    /// migration may change the columns of a cached plan, which is reported as a feature that is not supported.
    var isStaleStatement: Bool {
        switch sqlState {
        case .invalidStatementName, .duplicatePreparedStatement, .featureNotSupported: true
        default: false
        }
    }

    /// Whether no later statement may use the connection that this error came from.
    var endsConnection: Bool {
        switch code {
        case .connectFailed, .connectionLost, .connectionClosed, .commitUnknown, .unexpectedAnswer: true
        default: isConnectionFailure || sqlState == .idleInTransactionTimeout
        }
    }
}
