/// Jittered exponential waits.
package struct Backoff: Sendable, Hashable {
    /// The first wait, before jitter.
    package var base: Duration
    /// No wait is longer.
    package var cap: Duration
    /// The part of a wait that is certain, 0 to 1; the rest is jitter.
    package var floor: Double

    package init(base: Duration, cap: Duration, floor: Double = 0.5) {
        precondition(base > .zero && cap >= base && (0...1).contains(floor), "a backoff grows from its base to its cap")
        self.base = base
        self.cap = cap
        self.floor = floor
    }

    /// After a failure of the provider.
    ///
    /// Attempt 1: 15–30 s, 2: 30–60 s, 4: 2–4 min, never above 15 min.
    package static let provider = Backoff(base: .seconds(30), cap: .seconds(900))
    /// After a generation that failed.
    ///
    /// Attempt 1: 2.5–5 s, 2: 5–10 s, 4: 20–40 s, never above 15 min.
    package static let generation = Backoff(base: .seconds(5), cap: .seconds(900))
    /// Between tries to reach a database or a host.
    ///
    /// Attempt 1: 0.1–0.2 s, never above 5 s: whoever is back is used within one lease and 5 s, however long it was away.
    package static let reconnect = Backoff(base: .milliseconds(200), cap: .seconds(5))

    /// The wait after a number of failures in a row.
    ///
    /// - Parameters:
    ///   - failures: at least 1.
    ///   - random: where the jitter comes from; a seeded generator makes a run replayable.
    /// - Returns: between `floor` and all of the doubled base, and at most `cap`.
    package func wait(afterFailures failures: Int, using random: inout some RandomNumberGenerator) -> Duration {
        let doublings = min(max(failures, 1) - 1, 30)
        let whole = min(base * (1 << doublings), cap)
        return whole * Double.random(in: floor...1, using: &random)
    }

    /// The same backoff with its times scaled.
    package func scaled(_ scale: TimeScale) -> Backoff {
        let base = scale(base)
        return Backoff(base: base, cap: max(scale(cap), base), floor: floor)
    }
}
