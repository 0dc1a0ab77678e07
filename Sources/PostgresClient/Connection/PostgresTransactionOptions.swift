/// How a transaction is begun.
///
/// All of it is local to the transaction, so it also holds behind a pooler.
package struct PostgresTransactionOptions: Sendable {
    /// What a transaction sees of others.
    ///
    /// Source: PostgreSQL manual, section 13.2.
    package enum Isolation: String, Sendable {
        case readCommitted = "READ COMMITTED"
        case repeatableRead = "REPEATABLE READ"
        case serializable = "SERIALIZABLE"
    }

    package var isolation: Isolation
    /// Whether the server refuses writes.
    package var isReadOnly: Bool
    /// How long a statement waits for a lock before it fails with `55P03`; nil for the server's setting.
    package var lockTimeout: Duration?
    /// How long the transaction may stand still between statements before the server ends it, and with it the locks of
    /// a process that was stopped in the middle; nil for the server's setting.
    package var idleTimeout: Duration?
    /// Whether COMMIT waits for the disk even where the session's `synchronous_commit` is `off` or `local`.
    package var isDurable: Bool

    /// Options that change nothing but what is given.
    package init(
        isolation: Isolation = .readCommitted,
        isReadOnly: Bool = false,
        lockTimeout: Duration? = nil,
        idleTimeout: Duration? = nil,
        isDurable: Bool = false
    ) {
        self.isolation = isolation
        self.isReadOnly = isReadOnly
        self.lockTimeout = lockTimeout
        self.idleTimeout = idleTimeout
        self.isDurable = isDurable
    }

    /// The statements that begin the transaction, sent in one round trip.
    var beginSQL: String {
        var sql = "BEGIN ISOLATION LEVEL \(isolation.rawValue) \(isReadOnly ? "READ ONLY" : "READ WRITE")"
        if let lockTimeout { sql += "; SET LOCAL lock_timeout = \(lockTimeout.settingMilliseconds)" }
        if let idleTimeout {
            sql += "; SET LOCAL idle_in_transaction_session_timeout = \(idleTimeout.settingMilliseconds)"
        }
        if isDurable {
            // Not a plain SET: that would weaken `remote_apply`.
            sql += """
                ; SELECT set_config('synchronous_commit', 'on', true) \
                WHERE current_setting('synchronous_commit') IN ('off', 'local')
                """
        }
        return sql
    }
}

extension Duration {
    /// Whole milliseconds, at least 1, since zero would switch the timeout off.
    fileprivate var settingMilliseconds: Int64 {
        let milliseconds = self / Duration.milliseconds(1)
        return Int64(min(max(milliseconds, 1), 2_147_483_647))
    }
}
