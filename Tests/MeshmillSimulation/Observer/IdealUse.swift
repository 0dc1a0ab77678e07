/// What the window rule permits, replayed offline: one POST in flight a key, each answer as slow as it was, and no time
/// lost in between.
///
/// Source: RULINGS 7.
enum IdealUse {
    /// How many POSTs one key could have sent until `end`.
    ///
    /// `exchanges` says when its POSTs were sent, in order, and how long each was under way; `rest` is the time from an
    /// answer until its slot is free, a window and its margin; `pace` that until the key may send again at all.
    static func posts(
        _ exchanges: [(sent: Duration, took: Duration)],
        limit: Int,
        rest: Duration,
        pace: Duration,
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
            let answered = sent + exchanges[posts % exchanges.count].took
            free[posts % limit] = answered + rest
            ready = answered + pace
            posts += 1
        }
    }
}
