import CrashPoints
import FoundationEssentials
import MeshmillStore
package import PostgresClient

/// The database as submission needs it: one open batch.
package struct DatabaseIntake: JobIntake {
    private let client: PostgresClient
    private let batchID: Int64

    /// Makes the intake of a batch that `OpenBatch` found or made.
    package init(_ client: PostgresClient, batchID: Int64) {
        self.client = client
        self.batchID = batchID
    }

    package func knownInputs(_ sourceHashes: [[UInt8]]) async throws -> [[UInt8]: KnownInput] {
        try await client.knownInputs(sourceHashes)
    }

    package func recordInputs(_ inputs: [KnownInput]) async throws {
        try await client.execute(
            RecordInputs(
                inputs.map { input in
                    StoredInput(
                        sourceSHA256: input.sourceSHA256,
                        inputSHA256: input.inputSHA256,
                        format: input.format,
                        bytes: input.bytes,
                        width: input.width,
                        height: input.height
                    )
                }
            )
        )
    }

    package func add(_ jobs: [NewJob], replacing: Bool) async throws -> [IntakeResult] {
        let statement = AddJobs(batchID: batchID, isReplacing: replacing, jobs: jobs.map(AddJobs.Job.init))
        CrashPoint.beforeIntake.reached()
        let rows = try await client.query(statement)
        CrashPoint.afterIntake.reached()
        return rows.map { row in
            switch row.result {
            case .added: .added(row.jobID)
            case .duplicate: .duplicate(row.jobID)
            case .existing: .existing(row.jobID, state: row.state ?? "")
            case .requeued: .requeued(row.jobID)
            case .replaced: .replaced(row.jobID)
            case .conflict: .conflict(row.jobID)
            }
        }
    }
}

extension PostgresClient {
    /// The inputs that were prepared before from sources with these hashes.
    func knownInputs(_ sourceHashes: [[UInt8]]) async throws -> [[UInt8]: KnownInput] {
        var known: [[UInt8]: KnownInput] = [:]
        for input in try await query(FindInputs(sourceSHA256s: sourceHashes)) {
            known[input.sourceSHA256] = KnownInput(
                sourceSHA256: input.sourceSHA256,
                inputSHA256: input.inputSHA256,
                bytes: input.bytes,
                format: input.format,
                width: input.width,
                height: input.height
            )
        }
        return known
    }
}

extension NewJob {
    /// What makes it equal to another job of its batch.
    var fingerprint: UUID {
        JobFingerprint.of(
            inputSHA256: inputSHA256,
            mode: parameters.mode.rawValue,
            prompt: parameters.prompt,
            seed: parameters.seed,
            decimationTarget: parameters.decimationTarget,
            textureSize: parameters.textureSize
        )
    }
}

extension AddJobs.Job {
    fileprivate init(_ job: NewJob) {
        let parameters = job.parameters
        self.init(
            fingerprint: job.fingerprint,
            inputSHA256: job.inputSHA256,
            inputFormat: job.inputFormat,
            mode: parameters.mode.rawValue,
            seed: parameters.seed,
            decimationTarget: parameters.decimationTarget,
            textureSize: parameters.textureSize,
            prompt: parameters.prompt,
            priority: job.priority,
            customID: job.customID,
            source: job.source,
            output: job.output
        )
    }
}
