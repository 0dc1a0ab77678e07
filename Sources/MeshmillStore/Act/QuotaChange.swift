import PostgresClient

/// What moving or sharing out does to the monthly limit of one key.
package struct QuotaChange: Sendable, Hashable {
    package var key: String
    /// Our limit before; nil: none.
    package var before: Int64?
    package var after: Int64?
    /// Credits that the key has used or reserved this month; no rebalancing goes below them.
    package var taken: Int64
    /// The limit that the provider last reported; what lies above it has no effect.
    package var providerLimit: Int64?
    /// The audit entry; nil: nothing was changed.
    package var auditID: Int64?

    init(_ row: inout PostgresRowReader) throws(PostgresError) {
        auditID = try row.next()
        key = try row.next()
        before = try row.next()
        after = try row.next()
        taken = try row.next()
        providerLimit = try row.next()
    }
}
