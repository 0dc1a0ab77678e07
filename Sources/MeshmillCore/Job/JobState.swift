/// Where a job stands; the same words as the database's enum and the `status` that people see.
///
/// `scheduled` (runs at `run_at`) → `queued` → `submitting` → `generating` → `downloading` → `completed`, or `failed`,
/// `cancelled`, `held` (waits for a person).
package enum JobState: String, Sendable, Hashable, CaseIterable {
    case scheduled, queued, submitting, generating, downloading, completed, failed, cancelled, held

    /// Whether a worker holds a lease on such a job.
    package var isInFlight: Bool { self == .submitting || self == .generating || self == .downloading }

    /// Whether nothing more happens to such a job unless a person acts.
    package var hasEnded: Bool { self == .completed || self == .failed || self == .cancelled || self == .held }
}
