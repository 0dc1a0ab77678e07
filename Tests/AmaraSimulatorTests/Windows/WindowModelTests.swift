import AmaraSimulator
import Testing

/// Each model with five requests in ten seconds, phase zero.
@Suite("Window models")
struct WindowModelTests {
    private static let limit = 5
    private static let window = Duration.seconds(10)

    private func makeWindow(_ model: WindowModel, limit: Int = limit, phase: Duration = .zero) -> any RateWindow {
        model.makeWindow(limit: limit, window: Self.window, phase: phase)
    }

    /// Sends requests at the given instants; those that do not fit are refused.
    private func send(_ seconds: [Double], to window: inout any RateWindow) -> [Bool] {
        seconds.map { second in
            let now = Duration.seconds(second)
            let allows = window.standing(at: now).allows
            if allows { window.count(at: now) } else { window.refuse(at: now) }
            return allows
        }
    }

    @Test("every model but the one without burst admits a whole limit at once, then tells the wait exactly")
    func burst() {
        let waits: [WindowModel: Duration] = [
            .slidingLog: .seconds(10), .slidingLogCountingRefusals: .seconds(10), .fixedWindow: .seconds(7),
            .firstRequestWindow: .seconds(10), .tokenBucket: .seconds(2),
            // The window turns in 7 s; then five are in sight until the weight falls below five, or to four.
            .slidingCounterFloored: .seconds(7) + .microseconds(1), .slidingCounterStrict: .seconds(9),
        ]
        for (model, wait) in waits {
            var window = makeWindow(model)
            #expect(send([3, 3, 3, 3, 3], to: &window) == [true, true, true, true, true], "\(model)")
            let standing = window.standing(at: .seconds(3))
            #expect(standing == WindowStanding(limit: 5, used: 5, retryAfter: wait), "\(model)")
        }
    }

    @Test("a sliding log frees a request exactly one window after it came")
    func slidingLog() {
        var window = makeWindow(.slidingLog)
        #expect(send([0, 1, 2, 3, 4, 5], to: &window) == [true, true, true, true, true, false])
        #expect(window.standing(at: .seconds(10) - .microseconds(1)).used == 5)
        #expect(window.standing(at: .seconds(10)) == WindowStanding(limit: 5, used: 4, retryAfter: .zero))
        #expect(window.standing(at: .seconds(12)).remaining == 3)
    }

    @Test("a log that counts refusals never serves a client that keeps asking")
    func slidingLogCountingRefusals() {
        var window = makeWindow(.slidingLogCountingRefusals)
        #expect(send([0, 0, 0, 0, 0], to: &window) == [true, true, true, true, true])
        let stubborn = send(stride(from: 1, to: 60, by: 1).map { $0 }, to: &window)
        #expect(!stubborn.contains(true))
        // Of the last window's five stamps the oldest came at 55 s.
        #expect(window.standing(at: .seconds(59)).retryAfter == .seconds(6))
        #expect(window.standing(at: .seconds(65)).used == 4)
    }

    @Test("a fixed window forgets everything at its instants, wherever they lie", arguments: [0, 3.5, 9.999999])
    func fixedWindow(phase: Double) {
        var window = makeWindow(.fixedWindow, phase: .seconds(phase))
        let end = Duration.seconds(phase) + Self.window
        #expect(send(Array(repeating: phase + 9, count: 6), to: &window) == [true, true, true, true, true, false])
        #expect(!window.standing(at: end - .microseconds(1)).allows)
        #expect(window.standing(at: end) == WindowStanding(limit: 5, used: 0, retryAfter: .zero))
    }

    @Test("a first-request window starts with a request, not on the clock")
    func firstRequestWindow() {
        var window = makeWindow(.firstRequestWindow)
        #expect(send([7, 16, 16, 16, 16, 16], to: &window) == [true, true, true, true, true, false])
        #expect(window.standing(at: .seconds(16)).retryAfter == .seconds(1))
        #expect(send([17, 17, 17, 17, 17, 17], to: &window) == [true, true, true, true, true, false])
    }

    @Test("a token bucket gives a token each fifth of a window and holds no more than five")
    func tokenBucket() {
        var window = makeWindow(.tokenBucket)
        #expect(send([0, 0, 0, 0, 0, 0], to: &window) == [true, true, true, true, true, false])
        #expect(window.standing(at: .seconds(2) - .microseconds(1)).retryAfter == .microseconds(1))
        #expect(send([2, 2, 4], to: &window) == [true, false, true])
        #expect(window.standing(at: .seconds(1_000)) == WindowStanding(limit: 5, used: 0, retryAfter: .zero))
        #expect(send(Array(repeating: 1_000, count: 6), to: &window).filter(\.self).count == 5)
    }

    @Test("a floored counter weighs the previous window and rounds down")
    func slidingCounterFloored() {
        var window = makeWindow(.slidingCounterFloored)
        #expect(send([9, 9, 9, 9, 9], to: &window) == [true, true, true, true, true])
        // Five weigh 4 at any time after the turn, so one more fits, though five came within the last two seconds.
        #expect(!window.standing(at: .seconds(10)).allows)
        #expect(send([10.5, 10.5], to: &window) == [true, false])
        // A second fits when the five weigh less than 4: from a fifth of the window on.
        #expect(window.standing(at: .seconds(10.5)).retryAfter == .seconds(1.5) + .microseconds(1))
    }

    @Test("a strict counter lets a request in only if it fits whole beside the weighted past")
    func slidingCounterStrict() {
        var window = makeWindow(.slidingCounterStrict)
        #expect(send([9, 9, 9, 9, 9], to: &window) == [true, true, true, true, true])
        #expect(window.standing(at: .seconds(10)).retryAfter == .seconds(2))
        #expect(send([11.999, 12, 12], to: &window) == [false, true, false])
    }

    @Test("a strict counter with a limit of one lets a request in two windows after the start of the last one's")
    func strictCounterOfOne() {
        var window = makeWindow(.slidingCounterStrict, limit: 1)
        #expect(send([4], to: &window) == [true])
        #expect(window.standing(at: .seconds(4)).retryAfter == .seconds(16))
        #expect(window.standing(at: .seconds(20)).allows)
    }

    @Test("without burst, requests come a fifth of a window apart")
    func cellRate() {
        var window = makeWindow(.cellRate)
        #expect(send([0, 0, 1.999999, 2, 3, 4], to: &window) == [true, false, false, true, false, true])
        #expect(window.standing(at: .seconds(5)) == WindowStanding(limit: 5, used: 5, retryAfter: .seconds(1)))
    }

    @Test(
        "limits and windows beyond the arithmetic are drawn to the nearest that it holds",
        arguments: WindowModel.allCases
    )
    func extremes(model: WindowModel) {
        for limit in [Int.min, 0, Int.max] {
            for length in [Duration.zero, .seconds(-5), .seconds(Int64.max / 2)] {
                var window = model.makeWindow(limit: limit, window: length, phase: .seconds(3))
                window.count(at: .seconds(1e8))
                let standing = window.standing(at: .seconds(1e8))
                #expect(standing.limit == (limit == .max ? 1_000_000 : 1))
            }
        }
    }
}
