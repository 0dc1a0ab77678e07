/// The ways in which servers count "N requests per window"; the reference does not say which one the provider uses.
///
/// The example body (`retry_after_seconds: 847` with 5 of 5 used) fits the logs, the fixed windows and the counters,
/// so a client has to be right under each of them.
package enum WindowModel: String, Sendable, Codable, CaseIterable {
    /// The requests of the last window, refusals not counted; the model that most people have in mind.
    case slidingLog = "sliding_log"
    /// The same, but a refused request counts as well, so a client that keeps asking is never served again.
    case slidingLogCountingRefusals = "sliding_log_counting_refusals"
    /// A counter that is reset at fixed instants, one window apart, from a phase that the client cannot know.
    case fixedWindow = "fixed_window"
    /// A counter that starts with a request and is dropped one window later (`INCR` and `EXPIRE`).
    case firstRequestWindow = "first_request_window"
    /// A bucket of `limit` tokens that refills evenly, one whole bucket a window.
    case tokenBucket = "token_bucket"
    /// The previous fixed window, weighted by how much of it is still in sight and rounded down, plus this one.
    case slidingCounterFloored = "sliding_counter_floored"
    /// The same without rounding, where the new request must fit whole.
    case slidingCounterStrict = "sliding_counter_strict"
    /// Requests at least `window / limit` apart, with no burst (generic cell rate algorithm).
    case cellRate = "cell_rate"

    /// Limits that the arithmetic of every model can hold.
    package static let limits = 1...1_000_000
    /// Windows that the arithmetic of every model can hold.
    package static let windows: ClosedRange<Duration> = .milliseconds(1) ... .seconds(30 * 86_400)

    /// Makes the counter of one key.
    ///
    /// - Parameters:
    ///   - limit: requests per window; the nearest of ``limits`` is taken.
    ///   - window: length of the window; the nearest of ``windows`` is taken.
    ///   - phase: when the first fixed window starts, for the models with fixed instants.
    /// - Returns: a counter that has seen no request.
    package func makeWindow(limit: Int, window: Duration, phase: Duration = .zero) -> any RateWindow {
        let limit = Int64(min(max(limit, Self.limits.lowerBound), Self.limits.upperBound))
        let window = min(max(window, Self.windows.lowerBound), Self.windows.upperBound).inMicroseconds
        let phase = phase.inMicroseconds
        switch self {
        case .slidingLog: return SlidingLog(limit: limit, window: window, countsRefusals: false)
        case .slidingLogCountingRefusals: return SlidingLog(limit: limit, window: window, countsRefusals: true)
        case .fixedWindow: return FixedWindow(limit: limit, window: window, phase: phase)
        case .firstRequestWindow: return FirstRequestWindow(limit: limit, window: window)
        case .tokenBucket: return TokenBucket(limit: limit, window: window)
        case .slidingCounterFloored:
            return SlidingCounter(limit: limit, window: window, phase: phase, rounding: .down)
        case .slidingCounterStrict:
            return SlidingCounter(limit: limit, window: window, phase: phase, rounding: .none)
        case .cellRate: return CellRate(limit: limit, window: window)
        }
    }
}
