import BlockingWork
import Foundation
import Synchronization
import Testing

@Suite("Threads for blocking calls", .timeLimit(.minutes(1)))
struct ThreadPoolTests {
    @Test("no more calls run at once than there are threads, and all of them run")
    func bounded() async throws {
        let pool = ThreadPool(threads: 3)
        let gauge = Gauge()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<300 {
                group.addTask {
                    try await pool.run {
                        gauge.enter()
                        sched_yield()
                        gauge.leave()
                        return number
                    }
                }
            }
            var sum = 0
            for try await number in group { sum += number }
            #expect(sum == 300 * 299 / 2)
        }
        #expect(gauge.highest <= 3)
    }

    @Test("a call that is cancelled while it waits never runs")
    func cancelledWhileQueued() async throws {
        let pool = ThreadPool(threads: 1)
        let gate = DispatchSemaphore(value: 0)
        let started = AsyncStream<Void>.makeStream()
        let blocker = Task {
            try await pool.run {
                started.continuation.yield()
                gate.wait()
            }
        }
        for await _ in started.stream { break }
        let record = Record()
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pool.run { record.append(1) } }
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        gate.signal()
        try await blocker.value
        #expect(record.numbers.isEmpty)
    }

    @Test("a task that is cancelled already runs nothing, unless it must")
    func cancelledBefore() async throws {
        let pool = ThreadPool(threads: 1)
        let (settled, cancelled) = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            let settled = await pool.runRegardless { 7 }
            let cancelled = try? await pool.run { 8 }
            return (settled, cancelled)
        }.value
        #expect(settled == 7 && cancelled == nil)
    }

    @Test("calls run in order of arrival on one thread")
    func inOrder() async throws {
        let pool = ThreadPool(threads: 1)
        let record = Record()
        for number in 0..<50 { try await pool.run { record.append(number) } }
        #expect(record.numbers == Array(0..<50))
    }

    @Test("blocked threads do not hold up Swift's own pool")
    func leavesCooperativePool() async throws {
        let pool = ThreadPool(threads: 8)
        let gate = DispatchSemaphore(value: 0)
        async let blocked: Void = withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { await pool.runRegardless { gate.wait() } } }
        }
        let count = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<100 { group.addTask { 1 } }
            return await group.reduce(0, +)
        }
        #expect(count == 100)
        for _ in 0..<8 { gate.signal() }
        await blocked
    }
}

/// Counts how many are inside, and the most there ever were.
private final class Gauge: Sendable {
    private let counts = Mutex((inside: 0, highest: 0))

    var highest: Int { counts.withLock { $0.highest } }

    func enter() {
        counts.withLock {
            $0.inside += 1
            $0.highest = max($0.highest, $0.inside)
        }
    }

    func leave() {
        counts.withLock { $0.inside -= 1 }
    }
}

/// Numbers in the order in which they came.
private final class Record: Sendable {
    private let list = Mutex<[Int]>([])

    var numbers: [Int] { list.withLock { $0 } }

    func append(_ number: Int) {
        list.withLock { $0.append(number) }
    }
}
