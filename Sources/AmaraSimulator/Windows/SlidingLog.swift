/// Remembers when requests came and counts those of the last window.
struct SlidingLog: RateWindow {
    let limit: Int64
    let window: Int64
    let countsRefusals: Bool
    /// The newest stamps, oldest first, at most `limit`: older ones cannot decide anything.
    private var stamps: [Int64] = []

    init(limit: Int64, window: Int64, countsRefusals: Bool) {
        self.limit = limit
        self.window = window
        self.countsRefusals = countsRefusals
    }

    func standing(at now: Duration) -> WindowStanding {
        let now = now.inMicroseconds
        // Half open: a request leaves the window exactly one window after it came.
        let firstInside = stamps.firstIndex { now - $0 < window } ?? stamps.endIndex
        let used = Int64(stamps.endIndex - firstInside)
        let wait = used < limit ? 0 : stamps[firstInside] + window - now
        return WindowStanding(limit: limit, used: used, retryAfterMicroseconds: wait)
    }

    mutating func count(at now: Duration) {
        if stamps.count == limit { stamps.removeFirst() }
        stamps.append(now.inMicroseconds)
    }

    mutating func refuse(at now: Duration) {
        if countsRefusals { count(at: now) }
    }
}
