package import PostgresClient

/// A job as `ops.jobs` shows it.
package struct JobOverview: Sendable, Hashable {
    package var id: Int64
    package var status: String
    package var batchID: Int64
    package var customID: String?
    package var tenant: String
    /// Absolute path of the image, and of the GLB; nil if another image took its place.
    package var source: String?
    package var output: String?
    /// SHA-256 of the GLB in hexadecimal; nil unless completed.
    package var sha256: String?
    /// The name of the key of its newest POST; nil: none was sent.
    package var key: String?
    package var generationID: String?
    /// POSTs ever sent for it.
    package var attempts: Int64
    /// Credits charged, less refunds.
    package var credits: Int64
    package var errorCode: String?
    package var error: String?
    package var submittedAt: PostgresTimestamp
    package var completedAt: PostgresTimestamp?
    /// When a scheduled job is queued again.
    package var runAt: PostgresTimestamp?
    package var priority: Int
    /// How many paths get this GLB.
    package var outputs: Int64
    package var mode: String?
    package var seed: Int64?
    package var decimationTarget: Int?
    package var textureSize: Int?
    package var prompt: String?
    package var glbBytes: Int64?
    /// Host and process of the worker that has it in flight.
    package var worker: String?

    /// The columns of `ops.jobs AS j` that are read, in order.
    static let columns = """
        j.job_id, j.status::text, j.batch_id, j.custom_id, j.tenant, j.source, j.output, j.sha256, j.key,
        j.generation_id, j.attempts, j.credits, j.error_code, j.error, j.submitted_at, j.completed_at, j.run_at,
        j.priority, j.outputs, j.mode, j.seed, j.decimation_target, j.texture_size, j.prompt, j.glb_bytes, j.worker
        """

    init(_ row: inout PostgresRowReader) throws(PostgresError) {
        id = try row.next()
        status = try row.next()
        batchID = try row.next()
        customID = try row.next()
        tenant = try row.next()
        source = try row.next()
        output = try row.next()
        sha256 = try row.next()
        key = try row.next()
        generationID = try row.next()
        attempts = try row.next()
        credits = try row.next()
        errorCode = try row.next()
        error = try row.next()
        submittedAt = try row.next()
        completedAt = try row.next()
        runAt = try row.next()
        priority = try row.next()
        outputs = try row.next()
        mode = try row.next()
        seed = try row.next()
        decimationTarget = try row.next()
        textureSize = try row.next()
        prompt = try row.next()
        glbBytes = try row.next()
        worker = try row.next()
    }
}
