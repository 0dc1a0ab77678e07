/// Requests at least `window / limit` apart, with no burst.
struct CellRate: RateWindow {
    let limit: Int64
    /// Least time between two requests, rounded up to a microsecond.
    let interval: Int64
    private var next = Int64.min

    init(limit: Int64, window: Int64) {
        self.limit = limit
        interval = (window + limit - 1) / limit
    }

    func standing(at now: Duration) -> WindowStanding {
        let wait = next > now.inMicroseconds ? next - now.inMicroseconds : 0
        return WindowStanding(limit: limit, used: wait > 0 ? limit : 0, retryAfterMicroseconds: wait)
    }

    mutating func count(at now: Duration) {
        next = now.inMicroseconds + interval
    }
}
