package import FoundationEssentials
package import PostgresClient

/// Adds up to 1,000 jobs to a batch in one round trip, and says of each, in the same order, what became of it.
///
/// May be repeated: what was added by a call whose answer was lost is `existing` the next time.
package struct AddJobs: Statement {
    /// The most jobs of one call.
    package static let maximumJobs = 1_000

    /// One job, with every parameter stated.
    package struct Job: Sendable, Hashable {
        /// What makes it equal to another: ``JobFingerprint``.
        package var fingerprint: UUID
        /// SHA-256 of the prepared image, which is recorded.
        package var inputSHA256: [UInt8]
        /// Format of the prepared image: `png`, `jpeg` or `webp`.
        package var inputFormat: String
        package var mode: String
        package var seed: Int64
        package var decimationTarget: Int
        package var textureSize: Int
        package var prompt: String?
        package var priority: Int
        package var customID: String?
        /// Absolute path of the image.
        package var source: String
        /// Path of the GLB below the batch's folder.
        package var output: String

        package init(
            fingerprint: UUID,
            inputSHA256: [UInt8],
            inputFormat: String,
            mode: String,
            seed: Int64,
            decimationTarget: Int,
            textureSize: Int,
            prompt: String?,
            priority: Int,
            customID: String?,
            source: String,
            output: String
        ) {
            self.fingerprint = fingerprint
            self.inputSHA256 = inputSHA256
            self.inputFormat = inputFormat
            self.mode = mode
            self.seed = seed
            self.decimationTarget = decimationTarget
            self.textureSize = textureSize
            self.prompt = prompt
            self.priority = priority
            self.customID = customID
            self.source = source
            self.output = output
        }
    }

    /// What became of a job.
    package enum Result: String, Sendable, Hashable, PostgresDecodable {
        case added, duplicate, existing, requeued, replaced, conflict
    }

    package struct Row: Sendable, Hashable {
        package var result: Result
        /// The job that now has the output; on a conflict the one that keeps it.
        package var jobID: Int64
        /// The job's state; nil on a conflict.
        package var state: String?
    }

    package var batchID: Int64
    /// Whether another image or other parameters take over an output that exists.
    package var isReplacing: Bool
    /// At most ``maximumJobs``, no two with the same output.
    package var jobs: [Job]

    package init(batchID: Int64, isReplacing: Bool, jobs: [Job]) {
        self.batchID = batchID
        self.isReplacing = isReplacing
        self.jobs = jobs
    }

    package static let sql = """
        /* AddJobs */
        SELECT result, job_id, CASE WHEN result <> 'conflict' THEN state END
        FROM meshmill.add_jobs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        """

    package func bind(to parameters: inout PostgresParameters) {
        var variants = Variants()
        let numbers = jobs.map { variants.number(of: $0) }
        parameters.append(batchID)
        parameters.append(isReplacing)
        parameters.append(jobs.map(\.fingerprint))
        parameters.append(jobs.map(\.inputSHA256))
        parameters.append(numbers)
        parameters.append(jobs.map(\.customID))
        parameters.append(jobs.map(\.source))
        parameters.append(jobs.map(\.output))
        parameters.append(variants.all.map(\.format))
        parameters.append(variants.all.map(\.mode))
        parameters.append(variants.all.map(\.seed))
        parameters.append(variants.all.map(\.decimationTarget))
        parameters.append(variants.all.map(\.textureSize))
        parameters.append(variants.all.map(\.prompt))
        parameters.append(variants.all.map(\.priority))
    }

    /// What many jobs of a call have in common.
    private struct Variant: Hashable {
        let format: String
        let mode: String
        let seed: Int64
        let decimationTarget: Int
        let textureSize: Int
        let prompt: String?
        let priority: Int

        init(_ job: Job) {
            format = job.inputFormat
            mode = job.mode
            seed = job.seed
            decimationTarget = job.decimationTarget
            textureSize = job.textureSize
            prompt = job.prompt
            priority = job.priority
        }
    }

    private struct Variants {
        private(set) var all: [Variant] = []
        private var numbers: [Variant: Int] = [:]

        /// Its variant's place in `all`, from 1.
        mutating func number(of job: Job) -> Int {
            let variant = Variant(job)
            // Neighbours are mostly alike.
            if all.last == variant { return all.count }
            if let number = numbers[variant] { return number }
            all.append(variant)
            numbers[variant] = all.count
            return all.count
        }
    }

    package static func decode(_ row: inout PostgresRowReader) throws(PostgresError) -> Row {
        Row(result: try row.next(), jobID: try row.next(), state: try row.next())
    }
}
