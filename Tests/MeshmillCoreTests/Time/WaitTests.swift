import MeshmillCore
import Testing

@Suite("Waits")
struct WaitTests {
    /// A generator that replays from its seed.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    @Test(
        "times are stated for 15 minutes and shrink with the window, never below 0.2 s",
        arguments: [
            (Duration.seconds(900), Duration.seconds(30), Duration.seconds(30)),
            (.seconds(3_600), .seconds(30), .seconds(30)),
            (.seconds(90), .seconds(30), .seconds(3)),
            (.seconds(6), .seconds(30), .milliseconds(200)),
            (.seconds(6), .seconds(3_600), .seconds(24)),
        ]
    )
    func scale(window: Duration, stated: Duration, scaled: Duration) {
        let difference = TimeScale(window: window)(stated) - scaled
        #expect(abs(difference / .seconds(1)) < 0.001)
    }

    @Test("a backoff doubles from its base to its cap, with jitter above the floor", arguments: 0..<50)
    func backoff(seed: UInt64) {
        var random = Seeded(state: seed)
        for failures in 1...40 {
            let whole = min(Double(30) * Double(1 << min(failures - 1, 20)), 900)
            let wait = Backoff.provider.wait(afterFailures: failures, using: &random) / .seconds(1)
            #expect(wait >= whole / 2 && wait <= whole, "seed \(seed), failure \(failures)")
        }
    }

    @Test("polls begin early, settle at the interval, and are never more than 15 s apart", arguments: 0..<50)
    func polls(seed: UInt64) {
        var random = Seeded(state: seed)
        let schedule = PollSchedule()
        let first = schedule.wait(afterPolls: 0, queuePosition: nil, using: &random)
        #expect((Duration.milliseconds(800)...(.milliseconds(1_200))).contains(first), "seed \(seed)")
        for polls in 2..<20 {
            let near = schedule.wait(afterPolls: polls, queuePosition: 2, using: &random)
            #expect((Duration.milliseconds(polls < 7 ? 800 : 4_000)...(.seconds(6))).contains(near), "seed \(seed)")
            let far = schedule.wait(afterPolls: polls, queuePosition: 1_000_000, using: &random)
            #expect((Duration.seconds(12)...(.seconds(15))).contains(far), "seed \(seed)")
        }
    }

    @Test("a short generation is noticed soon; a long one costs few polls more than one each 5 s", arguments: 0..<50)
    func pollsByAge(seed: UInt64) {
        var random = Seeded(state: seed)
        let schedule = PollSchedule()
        var (age, polls) = (Duration.zero, 0)
        while age < .seconds(120) {
            let wait = schedule.wait(afterPolls: polls, queuePosition: nil, using: &random)
            #expect(wait <= max(.milliseconds(1_200), age * 0.75), "seed \(seed), poll \(polls) at \(age)")
            age += wait
            polls += 1
            #expect(Double(polls) <= age / .seconds(4) + 5, "seed \(seed), poll \(polls) at \(age)")
        }
    }
}
