import FoundationEssentials
import MeshmillStore
package import PostgresClient
import Synchronization

/// The intake of a submission that is only surveyed, rehearsed or planned: it looks up and keeps nothing.
///
/// It says of each job what ``DatabaseIntake`` would, without a lock and without waiting for anybody.
package final class RehearsalIntake: JobIntake {
    private let database: (client: PostgresClient, tenant: String, out: String)?
    /// Fingerprints of what would be jobs by now.
    private let rehearsed = Mutex(Set<UUID>())

    /// Knows no database: every job is new.
    package init() {
        database = nil
    }

    /// Knows the jobs of a tenant's batch with this absolute output folder, if there is one.
    package init(_ client: PostgresClient, tenant: String, out: String) {
        database = (client, tenant, out)
    }

    package func knownInputs(_ sourceHashes: [[UInt8]]) async throws -> [[UInt8]: KnownInput] {
        guard let database else { return [:] }
        return try await database.client.knownInputs(sourceHashes)
    }

    package func recordInputs(_ inputs: [KnownInput]) async throws {}

    package func add(_ jobs: [NewJob], replacing: Bool) async throws -> [IntakeResult] {
        let fingerprints = jobs.map(\.fingerprint)
        let known: [RehearseJobs.Row]
        if let database {
            let statement = RehearseJobs(
                tenant: database.tenant,
                out: database.out,
                outputs: jobs.map(\.output),
                fingerprints: fingerprints
            )
            known = try await database.client.query(statement)
        } else {
            known = []
        }
        let byPosition = Dictionary(uniqueKeysWithValues: known.map { ($0.position, $0) })
        return rehearsed.withLock { rehearsed in
            fingerprints.enumerated().map { index, fingerprint in
                let isFirst = rehearsed.insert(fingerprint).inserted
                guard let row = byPosition[index] else { return isFirst ? .added(0) : .duplicate(0) }
                return Self.result(row, replacing: replacing, isFirst: isFirst)
            }
        }
    }

    private static func result(_ row: RehearseJobs.Row, replacing: Bool, isFirst: Bool) -> IntakeResult {
        let runsAgain = ["failed", "cancelled"]
        guard let taken = row.outputJobID else {
            guard let equal = row.equalJobID else { return isFirst ? .added(0) : .duplicate(0) }
            return runsAgain.contains(row.equalState ?? "") && isFirst ? .requeued(equal) : .duplicate(equal)
        }
        guard taken == row.equalJobID else { return replacing ? .replaced(taken) : .conflict(taken) }
        let state = row.equalState ?? ""
        return runsAgain.contains(state) && isFirst ? .requeued(taken) : .existing(taken, state: state)
    }
}
