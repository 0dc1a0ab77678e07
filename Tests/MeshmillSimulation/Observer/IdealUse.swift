/// What the window rule permits, replayed offline: one POST in flight a key, each answer as slow as it was, and no time
/// lost in between.
///
/// Source: RULINGS 7.
enum IdealUse {
    /// How many POSTs one key could have sent until `end`.
    ///
    /// `exchanges` says when its POSTs were sent, in order, and how long each was under way; `rest` is the time from an
    /// answer until its slot is free, a window and its margin.
    static func posts(
        _ exchanges: [(sent: Duration, took: Duration)],
        limit: Int,
        rest: Duration,
        until end: Duration
    ) -> Int {
        guard let first = exchanges.first else { return 0 }
        var free = [Duration](repeating: first.sent, count: limit)
        var ready = first.sent
        var posts = 0
        while true {
            // Slots are taken in the order in which they come free, so the oldest is next.
            let sent = max(ready, free[posts % limit])
            guard sent < end else { return posts }
            ready = sent + exchanges[posts % exchanges.count].took
            free[posts % limit] = ready + rest
            posts += 1
        }
    }
}
