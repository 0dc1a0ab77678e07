/// What submission needs of the database: one batch that is open for jobs.
///
/// A batch is a tenant and an absolute `--out`; whoever makes the intake has found or made it. Each call is one round
/// trip and may be repeated: a run that was killed between two calls does the same calls again.
package protocol JobIntake: Sendable {
    /// The inputs that were prepared before from sources with these hashes.
    ///
    /// - Parameter sourceHashes: SHA-256 of files as they lie on disk, 32 bytes each, at most 1,000.
    /// - Returns: one input for each hash that is known; the others are missing.
    /// - Throws: what the database answers; submission passes it on.
    func knownInputs(_ sourceHashes: [[UInt8]]) async throws -> [[UInt8]: KnownInput]

    /// Remembers prepared inputs, at most 1,000; for a source that is known already, the newer input counts from now on.
    ///
    /// Called after the artifact store has each input, and before a job names it. Former inputs stay as they are, since
    /// jobs may name them.
    func recordInputs(_ inputs: [KnownInput]) async throws

    /// Adds up to 1,000 jobs and says of each, in the same order, what became of it.
    ///
    /// - Parameters:
    ///   - jobs: their inputs are recorded; no two of them have the same output.
    ///   - replacing: whether a job with another image or other parameters takes over an output that exists;
    ///     otherwise that is ``IntakeResult/conflict(_:)`` and changes nothing.
    /// - Returns: as many results as jobs.
    /// - Throws: what the database answers; submission passes it on.
    func add(_ jobs: [NewJob], replacing: Bool) async throws -> [IntakeResult]
}
