package import MeshmillCore
package import PostgresClient

/// What a forecast needs of the database, and the names that belong to it.
package struct ForecastSituation: Sendable {
    package var input: ForecastInput
    /// Of each batch of the input, in its order.
    package var batches: [ReadForecastBatches.Row]
    /// Whether the times are measured; otherwise they are the reference's.
    package var isMeasured: Bool

    /// Reads keys, tenants, open batches and the pace, one statement after the other, and locks nothing.
    ///
    /// - Parameters:
    ///   - client: the database.
    ///   - mostJobs: waiting jobs of a batch beyond which nobody counts.
    /// - Throws: `PostgresError`; `CancellationError`.
    package init(_ client: PostgresClient, mostJobs: Int = Forecast.mostPosts) async throws {
        input = ForecastInput()
        let pace = try await client.query(ReadPace()).first
        let answer = pace?.answer ?? .seconds(1)
        for row in try await client.query(ReadForecastKeys(answer: answer)) {
            var key = row.key
            if let org = input.orgs.firstIndex(where: { $0.name == row.orgName }) {
                key.org = org
            } else {
                key.org = input.orgs.count
                input.orgs.append(ForecastOrg(name: row.orgName, creditsLeft: row.orgCreditsLeft))
            }
            input.keys.append(key)
        }
        let tenants = try await client.query(ReadForecastTenants())
        input.tenants = tenants.map(\.tenant)
        batches = []
        for batch in try await client.query(ReadForecastBatches(cap: mostJobs)) {
            guard let tenant = tenants.firstIndex(where: { $0.id == batch.tenantID }) else { continue }
            batches.append(batch)
            input.batches.append(
                ForecastBatch(
                    id: batch.id,
                    tenant: tenant,
                    priority: batch.priority,
                    waiting: batch.waiting,
                    running: batch.running,
                    creditsLeft: batch.creditsLeft
                )
            )
        }
        isMeasured = !(pace?.generations.isEmpty ?? true)
        let window = input.keys.map(\.window).min() ?? .seconds(900)
        input.pace = ForecastPace(
            answer: answer,
            generations: pace?.generations ?? [],
            wasted: pace?.wasted ?? 0,
            retryAfter: TimeScale(window: window)(.seconds(30))
        )
    }
}
