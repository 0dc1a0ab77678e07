/// Counts the requests of one key against its limit.
///
/// Instants are durations since the provider started and never go back. All arithmetic is in whole microseconds, so a
/// boundary is exact: a request is free at the very instant that ``WindowStanding/retryAfter`` named.
package protocol RateWindow: Sendable {
    /// Tells how full the window is at an instant, without changing it.
    func standing(at now: Duration) -> WindowStanding

    /// Counts a request that was let through; call only when the standing allows one.
    mutating func count(at now: Duration)

    /// Notes a request that was refused; only some models hold it against the client.
    mutating func refuse(at now: Duration)
}

extension RateWindow {
    package mutating func refuse(at now: Duration) {}
}
