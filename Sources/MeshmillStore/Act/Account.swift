import PostgresClient

/// What admins keep beside keys.
package enum Account: String, Sendable, CaseIterable, PostgresEncodable {
    /// Who asks.
    case tenant
    /// Whose credits the keys spend.
    case org
    /// Which keys go with which tenants.
    case pool
}
