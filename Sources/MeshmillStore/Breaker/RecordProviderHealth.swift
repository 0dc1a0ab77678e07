package import PostgresClient

/// Tells the breaker of one POST.
package struct RecordProviderHealth: Statement {
    package static let sql = """
        /* RecordProviderHealth */
        SELECT meshmill.record_provider_health($1::boolean, $2::boolean, $3::text, $4::double precision)
        """

    /// Whether the provider failed.
    package var failed: Bool
    /// Whether the POST was the breaker's probe.
    package var probe: Bool
    /// For people.
    package var reason: String?
    /// The share of 15 minutes that the key's window has, 0 to 1.
    package var scale: Double

    package init(failed: Bool, probe: Bool, reason: String?, scale: Double) {
        self.failed = failed
        self.probe = probe
        self.reason = reason
        self.scale = scale
    }

    package func bind(to parameters: inout PostgresParameters) {
        parameters.append(failed)
        parameters.append(probe)
        parameters.append(reason)
        parameters.append(scale)
    }
}
