/// A time in which the backend serves nobody: each POST that gets that far is answered 503 `BACKEND_ERROR`.
///
/// Polls and downloads go on. Times are on the simulator's clock, in real time since its start.
package struct Outage: Sendable, Equatable {
    package var from: Duration
    package var until: Duration

    package init(from: Duration, until: Duration) {
        self.from = from
        self.until = until
    }

    /// Whether the backend is down at an instant; at `until` it is back.
    package func covers(_ instant: Duration) -> Bool {
        from <= instant && instant < until
    }
}
