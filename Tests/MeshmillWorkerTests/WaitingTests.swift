import MeshmillWorker
import Synchronization
import Testing

@Suite("Waiting", .timeLimit(.minutes(1)))
struct WaitingTests {
    @Test("a stop wakes everybody who waits for it, and whoever comes later")
    func stop() async {
        let stop = StopSignal()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { await stop.wait() } }
            group.addTask { stop.stop() }
            await group.waitForAll()
        }
        #expect(stop.isStopped)
        await stop.wait()
    }

    @Test("a cancelled task waits for no stop")
    func cancelledWait() async {
        let stop = StopSignal()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await stop.wait() }
            group.cancelAll()
        }
        #expect(!stop.isStopped)
    }

    @Test("a signal sent while nobody slept ends the next sleep at once")
    func wakeBefore() async {
        let wake = WakeSignal()
        wake.signal()
        await wake.sleep(atMost: .seconds(3_600))
    }

    @Test("a signal ends a sleep, and cancellation does")
    func wakeDuring() async {
        let wake = WakeSignal()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await wake.sleep(atMost: .seconds(3_600)) }
            group.addTask { wake.signal() }
        }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await wake.sleep(atMost: .seconds(3_600)) }
            group.cancelAll()
        }
    }

    @Test("every sleep ends, by its time or by a signal that comes at the same moment")
    func wakeInTime() async {
        let wake = WakeSignal()
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for _ in 0..<500 { await wake.sleep(atMost: .microseconds(200)) }
            }
            group.addTask {
                for _ in 0..<500 {
                    wake.signal()
                    try? await Task.sleep(for: .microseconds(200))
                }
            }
        }
    }

    @Test("a turnstile never lets in more than it has places, and loses none to cancelled waiters")
    func turnstile() async {
        let turnstile = Turnstile(places: 3)
        let crowd = Crowd()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try? await turnstile.withPlace(before: .now + .seconds(number % 7)) {
                        crowd.enter()
                        await Task.yield()
                        crowd.leave()
                    }
                }
                if number == 150 { group.cancelAll() }
            }
        }
        #expect(crowd.most <= 3)
        // All three places are free again.
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<3 { group.addTask { try? await turnstile.withPlace {} } }
        }
        #expect(crowd.inside == 0)
    }

    @Test("FAULTS 26: who is most urgent goes first")
    func urgency() async throws {
        let turnstile = Turnstile(places: 1)
        let order = Order()
        let gate = StopSignal()
        let now = ContinuousClock.now
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await turnstile.withPlace { await gate.wait() } }
            while turnstile.takenCount < 1 { await Task.yield() }
            for number in [3, 1, 2] {
                group.addTask {
                    try? await turnstile.withPlace(before: now + .seconds(number)) {
                        order.append(number)
                    }
                }
            }
            while turnstile.waitingCount < 3 { await Task.yield() }
            gate.stop()
        }
        #expect(order.all == [1, 2, 3])
    }
}

/// Counts who is inside, and the most there ever were.
private final class Crowd: Sendable {
    private let counts = Mutex((inside: 0, most: 0))

    var inside: Int { counts.withLock(\.inside) }
    var most: Int { counts.withLock(\.most) }

    func enter() {
        counts.withLock { counts in
            counts.inside += 1
            counts.most = max(counts.most, counts.inside)
        }
    }

    func leave() { counts.withLock { $0.inside -= 1 } }
}

/// What came in which order.
private final class Order: Sendable {
    private let numbers = Mutex<[Int]>([])

    var all: [Int] { numbers.withLock { $0 } }

    func append(_ number: Int) { numbers.withLock { $0.append(number) } }
}
