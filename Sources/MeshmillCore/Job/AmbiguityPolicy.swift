/// What happens to a job whose POST may have been counted though its answer never came (`--on-ambiguous`).
package enum AmbiguityPolicy: String, Sendable, Hashable, CaseIterable {
    /// Waits for evidence, at most one window, then retries once with the same seed; a second time it is held.
    case evidence
    /// Retries as soon as the POST can no longer be counted.
    case retry
    /// Waits for a person.
    case hold
    /// Fails.
    case fail
}
