/// What is added to a key's window before a slot is used again: for clock drift and truncation at the provider.
///
/// Source: RULINGS 3, KEYPOOL section 4.2.
package enum Margin {
    /// The margin of a window that nothing has corrected yet.
    ///
    /// A 300th of the window, 20 ms to 3 s; at least 1.1 s for windows of a minute or more, whose server may count in
    /// whole seconds: `6s: 20 ms, 60s: 1.1 s, 15m: 3 s`.
    package static func standard(forWindow window: Duration) -> Duration {
        let least: Duration = window >= .seconds(60) ? .milliseconds(1_100) : .milliseconds(20)
        return min(max(window / 300, least), .seconds(3))
    }

    /// The margin after a 429 that came a little early; nil if the answer does not point to the margin.
    ///
    /// A stated wait of at most the margin and a second says that the slot was used just too soon: the margin doubles,
    /// up to 3 s.
    package static func corrected(_ margin: Duration, afterRetryAfter retryAfter: Duration) -> Duration? {
        guard retryAfter <= margin + .seconds(1), margin < .seconds(3) else { return nil }
        return min(margin * 2, .seconds(3))
    }
}
