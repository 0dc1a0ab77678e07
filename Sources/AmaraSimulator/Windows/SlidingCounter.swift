/// Two counters that approximate a sliding window: the previous window, weighted by its part still in sight, and this.
///
/// With P and C requests in the previous and in this window, of which `e` of `W` has passed, the estimate is
/// `P * (W - e) / W + C`. Source of the floored form: the sliding window script of the Upstash rate limiter; of the
/// other: Cloudflare, "How we built rate limiting capable of scaling to millions of domains".
struct SlidingCounter: RateWindow {
    /// What happens to the weighted part of the previous window.
    enum Rounding {
        /// Rounded down; a request is refused once the estimate reaches the limit.
        case down
        /// Kept; a request is refused when the estimate plus itself exceeds the limit.
        case none
    }

    let limit: Int64
    let window: Int64
    let phase: Int64
    let rounding: Rounding
    private var index = Int64.min
    private var previous: Int64 = 0
    private var current: Int64 = 0

    init(limit: Int64, window: Int64, phase: Int64, rounding: Rounding) {
        self.limit = limit
        self.window = window
        self.phase = phase
        self.rounding = rounding
    }

    func standing(at now: Duration) -> WindowStanding {
        let position = WindowPosition(now.inMicroseconds, phase: phase, window: window)
        let (previous, current) = counters(in: position.index)
        let wait = wait(previous: previous, current: current, elapsed: position.elapsed)
        let weighted = previous * (window - position.elapsed)
        let seen = rounding == .down ? weighted / window : (weighted + window - 1) / window
        return WindowStanding(limit: limit, used: seen + current, retryAfterMicroseconds: wait)
    }

    mutating func count(at now: Duration) {
        let position = WindowPosition(now.inMicroseconds, phase: phase, window: window)
        (previous, current) = counters(in: position.index)
        index = position.index
        current += 1
    }

    private func counters(in wanted: Int64) -> (previous: Int64, current: Int64) {
        if wanted == index { return (previous, current) }
        return wanted == index &+ 1 ? (current, 0) : (0, 0)
    }

    /// Time until a request fits: in this window, else in the next, else in the one after, which has no past.
    private func wait(previous: Int64, current: Int64, elapsed: Int64) -> Int64 {
        if let opening = opening(previous: previous, current: current), opening < window {
            return max(0, opening - elapsed)
        }
        let next = opening(previous: current, current: 0) ?? window
        return window - elapsed + next
    }

    /// How far into a window a request first fits; `nil` when this window's own requests fill the limit.
    private func opening(previous: Int64, current: Int64) -> Int64? {
        guard current < limit else { return nil }
        guard previous > 0 else { return 0 }
        switch rounding {
        case .down:
            // floor(P (W - e) / W) <= L - C - 1  <=>  W - e < (L - C) W / P
            let inSight = ((limit - current) * window + previous - 1) / previous - 1
            return max(0, window - inSight)
        case .none:
            // P (W - e) / W + C + 1 <= L  <=>  W - e <= (L - C - 1) W / P
            return max(0, window - (limit - current - 1) * window / previous)
        }
    }
}
