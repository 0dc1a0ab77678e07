package import Artifacts
package import Media

/// Paths, folders and manifests turned into prepared, stored and queued jobs.
///
/// Nothing is queued before all names were read and found not to collide. Then sources are read and prepared, as many at
/// once as there are processors, and handed in up to 1,000 at a time, the first ones while the rest is prepared. Memory
/// is bounded by what is under way, but for 24 bytes an output, or 48 while a survey first reads a manifest. It may be cancelled at any point and run again: what is
/// known is not prepared again, and what is queued is not queued again.
package struct Submission: Sendable {
    let request: SubmissionRequest
    let intake: any JobIntake
    let artifacts: any ArtifactStore
    package let preparer: ImagePreparer
    let patience: StoragePatience

    /// A submission that has not begun.
    ///
    /// - Parameters:
    ///   - request: what is submitted, and how.
    ///   - intake: the open batch; of a dry run a ``RehearsalIntake``.
    ///   - artifacts: where prepared inputs go; a dry run stores nothing.
    ///   - preparer: checks and prepares images; it may serve other submissions too.
    ///   - patience: how long a store that refuses is tried again.
    package init(
        _ request: SubmissionRequest,
        intake: any JobIntake,
        artifacts: any ArtifactStore,
        preparer: ImagePreparer,
        patience: StoragePatience = StoragePatience()
    ) {
        self.request = request
        self.intake = intake
        self.artifacts = artifacts
        self.preparer = preparer
        self.patience = patience
    }

    /// Surveys, then prepares, stores and hands in.
    ///
    /// - Parameters:
    ///   - survey: what ``survey()`` told a moment ago; `nil` lets this survey first.
    ///   - onEvent: called for each step, one at a time; it must not block.
    /// - Returns: what became of the sources.
    /// - Throws: ``SubmissionError``; what the intake throws; `CancellationError`. What was handed in by then stays.
    package func run(
        after survey: SubmissionSurvey? = nil,
        onEvent: @escaping @Sendable (SubmissionEvent) -> Void = { _ in }
    ) async throws -> SubmissionReport {
        let events = EventSink(onEvent)
        let surveyed = if let survey { survey } else { try await self.survey() }
        events.tell(.surveyed(surveyed))
        var run = SubmissionRun(self, batches: try batches(surveyed.names), events: events)
        return try await run.finish()
    }
}
