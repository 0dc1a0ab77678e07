/// A step of a submission, for whoever shows progress.
package enum SubmissionEvent: Sendable {
    /// All names were read and none of the outputs collide; nothing is queued yet.
    case surveyed(SubmissionSurvey)
    /// One more source is ready: prepared now, or known from before.
    case prepared(name: String, wasKnown: Bool)
    /// A source became no job.
    case refused(SourceRefusal)
    /// Jobs were handed in; the report so far.
    case queued(SubmissionReport)
    /// Storing had to stop, for the reason given in one line; it is tried again until it works.
    case paused(reason: String)
    /// Storing goes on after a pause.
    case resumed
}
