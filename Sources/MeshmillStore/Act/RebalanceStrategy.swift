import PostgresClient

/// How the monthly limits of an org's keys are shared out anew.
package enum RebalanceStrategy: String, Sendable, CaseIterable, PostgresEncodable {
    /// Equal limits.
    case even
    /// The rest by what waits for each key's pool; by use, if nothing waits.
    case demand
    /// An equal rest for each, on top of what it has used.
    case remaining
}
