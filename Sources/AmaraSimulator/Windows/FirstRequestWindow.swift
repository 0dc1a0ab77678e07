/// A counter that starts with a request and is dropped one window later.
struct FirstRequestWindow: RateWindow {
    let limit: Int64
    let window: Int64
    /// When the counter is dropped; `nil` before the first request.
    private var expiry: Int64?
    private var counted: Int64 = 0

    init(limit: Int64, window: Int64) {
        self.limit = limit
        self.window = window
    }

    func standing(at now: Duration) -> WindowStanding {
        guard let expiry, now.inMicroseconds < expiry else {
            return WindowStanding(limit: limit, used: 0, retryAfterMicroseconds: 0)
        }
        let wait = counted < limit ? 0 : expiry - now.inMicroseconds
        return WindowStanding(limit: limit, used: counted, retryAfterMicroseconds: wait)
    }

    mutating func count(at now: Duration) {
        if let expiry, now.inMicroseconds < expiry {
            counted += 1
        } else {
            expiry = now.inMicroseconds + window
            counted = 1
        }
    }
}
