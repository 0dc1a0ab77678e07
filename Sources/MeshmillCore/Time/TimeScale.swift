/// How waits shrink with a short window: they are stated for 15 minutes and multiplied by min(1, window / 900 s).
///
/// Never below 0.2 s. Source: RULINGS, "Times scale".
package struct TimeScale: Sendable, Hashable {
    /// 0 to 1; 1 for windows of 15 minutes and more.
    package let factor: Double

    package init(window: Duration) {
        factor = min(1, max(0, window / .seconds(900)))
    }

    /// The wait for this window: 30 s stays 30 s at 15 min, becomes 0.2 s at 6 s.
    package func callAsFunction(_ duration: Duration) -> Duration {
        max(duration * factor, .milliseconds(200))
    }
}
