/// A job as submission hands it in: a stored input, what is asked of it, and where its mesh goes.
package struct NewJob: Sendable, Hashable {
    /// Priorities that a job may have; the higher, the earlier.
    package static let priorities = -1_000...1_000

    /// SHA-256 of the prepared image, 32 bytes; it is known to the intake and lies in the artifact store.
    package var inputSHA256: [UInt8]
    /// Its format: `png`, `jpeg` or `webp`.
    package var inputFormat: String
    package var parameters: JobParameters
    /// Within ``priorities``; 0 unless someone said otherwise.
    package var priority: Int
    /// The submitter's own name for the job, printable, at most 200 bytes; `nil` when the manifest gives none.
    package var customID: String?
    /// The absolute path that the image was read from; a link's own path, not its target's.
    package var source: String
    /// The GLB's path below the batch's `--out`, with `/` between components and none of them `.` or `..`.
    package var output: String

    package init(
        inputSHA256: [UInt8],
        inputFormat: String,
        parameters: JobParameters,
        priority: Int = 0,
        customID: String? = nil,
        source: String,
        output: String
    ) {
        self.inputSHA256 = inputSHA256
        self.inputFormat = inputFormat
        self.parameters = parameters
        self.priority = priority
        self.customID = customID
        self.source = source
        self.output = output
    }
}
