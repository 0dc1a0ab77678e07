/// What became of a job that was handed in; each case names the job that now has its output.
package enum IntakeResult: Sendable, Hashable {
    /// New, and queued.
    case added(Int64)
    /// The batch has a job with an equal image and equal parameters; this output is one more of that job's.
    case duplicate(Int64)
    /// The batch has this job with this output already, in the given state, and nothing changed.
    case existing(Int64, state: String)
    /// The batch has this job with this output, failed or cancelled, and it runs again with fresh attempts.
    case requeued(Int64)
    /// The output belonged to another image or to other parameters, and now belongs to this job.
    case replaced(Int64)
    /// The output belongs to another image or to other parameters, and nothing changed.
    case conflict(Int64)
}
