/// How many jobs of a batch stand in each state.
package struct JobCounts: Sendable, Hashable {
    package var scheduled = 0
    package var queued = 0
    package var submitting = 0
    package var generating = 0
    package var downloading = 0
    package var completed = 0
    package var failed = 0
    package var cancelled = 0
    package var held = 0

    /// Counts nothing yet.
    package init() {}

    /// The jobs in one state.
    package subscript(state: JobState) -> Int {
        get { self[keyPath: Self.count(of: state)] }
        set { self[keyPath: Self.count(of: state)] = newValue }
    }

    /// Jobs in any state.
    package var total: Int { waiting + running + ended }
    /// Jobs that still need a POST: `scheduled` and `queued`.
    package var waiting: Int { scheduled + queued }
    /// Jobs that a worker has in hand: `submitting`, `generating` and `downloading`.
    package var running: Int { submitting + generating + downloading }
    /// Jobs to which nothing more happens unless a person acts.
    package var ended: Int { completed + failed + cancelled + held }

    private static func count(of state: JobState) -> WritableKeyPath<JobCounts, Int> {
        switch state {
        case .scheduled: \.scheduled
        case .queued: \.queued
        case .submitting: \.submitting
        case .generating: \.generating
        case .downloading: \.downloading
        case .completed: \.completed
        case .failed: \.failed
        case .cancelled: \.cancelled
        case .held: \.held
        }
    }
}
