import MeshmillCore
import Testing

@Suite("The margin of a window")
struct MarginTests {
    @Test(
        "is a 300th, at least 20 ms, 1.1 s from a minute on, at most 3 s",
        arguments: [
            (Duration.seconds(1), Duration.milliseconds(20)), (.seconds(6), .milliseconds(20)),
            (.seconds(30), .milliseconds(100)), (.milliseconds(59_999), .microseconds(199_996) + .nanoseconds(667)),
            (.seconds(60), .milliseconds(1_100)), (.seconds(600), .seconds(2)), (.seconds(900), .seconds(3)),
            (.seconds(86_400), .seconds(3)),
        ]
    )
    func standard(window: Duration, margin: Duration) {
        #expect(abs((Margin.standard(forWindow: window) - margin) / .microseconds(1)) < 1)
    }

    @Test("doubles after a 429 that came a little early, up to 3 s")
    func doubles() {
        let second = Duration.seconds(1)
        #expect(Margin.corrected(second, afterRetryAfter: .seconds(2)) == .seconds(2))
        #expect(Margin.corrected(.seconds(2), afterRetryAfter: .seconds(1)) == .seconds(3))
        #expect(Margin.corrected(second, afterRetryAfter: .milliseconds(2_001)) == nil)
        #expect(Margin.corrected(.seconds(3), afterRetryAfter: .seconds(1)) == nil)
    }
}
