/// The least time in which POSTs can be sent by keys that are all free at the start.
struct LeastMakespan: Sendable {
    /// POSTs that each key may send in all; `nil` is no limit.
    var keys: [Int?]
    /// POSTs a key and window.
    var limit: Int
    /// Seconds.
    var window: Double
    /// Seconds from the last POST until the slowest generation is finished.
    var generation: Double

    /// Seconds until everything is finished; `nil` if the keys are spent before.
    func seconds(posts: Int) -> Double? {
        var left = posts
        var spent = 0
        var start = 0.0
        while true {
            let burst = keys.reduce(0) { sum, key in sum + min(limit, max((key ?? .max / 2) - spent, 0)) }
            guard burst > 0 || left <= 0 else { return nil }
            left -= burst
            spent += limit
            if left <= 0 { return start + generation }
            start += window
        }
    }
}
