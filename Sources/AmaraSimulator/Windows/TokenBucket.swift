/// A bucket that holds `limit` tokens, starts full and refills one whole bucket a window.
struct TokenBucket: RateWindow {
    let limit: Int64
    let window: Int64
    /// The level, in tokens times `window`, so that refilling for one microsecond adds exactly `limit`.
    private var level: Int64
    private var filledAt: Int64 = 0

    init(limit: Int64, window: Int64) {
        self.limit = limit
        self.window = window
        level = limit * window
    }

    func standing(at now: Duration) -> WindowStanding {
        let level = level(at: now.inMicroseconds)
        let missing = window - level
        let wait = missing <= 0 ? 0 : (missing + limit - 1) / limit
        return WindowStanding(limit: limit, used: limit - level / window, retryAfterMicroseconds: wait)
    }

    mutating func count(at now: Duration) {
        level = level(at: now.inMicroseconds) - window
        filledAt = now.inMicroseconds
    }

    private func level(at now: Int64) -> Int64 {
        // A bucket is full after one window whatever it held, which also keeps the product small.
        min(limit * window, level + min(window, max(0, now - filledAt)) * limit)
    }
}
