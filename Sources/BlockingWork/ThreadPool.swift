import Glibc
import Synchronization

/// A bounded set of threads for calls that block: C libraries, file and device I/O.
///
/// Swift's own pool has one thread a core, so a call that blocks there stops unrelated work. Here at most
/// ``threads`` calls run at once and the rest wait in order of arrival; what bounds the queue is the number of
/// tasks that wait for their call. A thread starts when work arrives and ends when none is left, so an idle pool
/// costs nothing and needs no shutdown. (Starting one takes about 20 µs, little beside what is run here.)
package final class ThreadPool: Sendable {
    /// How many calls run at once, at least 1.
    package let threads: Int
    private let queue = Mutex(WorkQueue())

    /// Makes a pool; no thread starts before there is work.
    ///
    /// - Parameter threads: how many calls may run at once; raised to 1.
    package init(threads: Int) {
        self.threads = max(1, threads)
    }

    /// Number of processors that are online, at least 1.
    package static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Threads for short file operations, shared by the whole process.
    ///
    /// Eight, so that a few files on a stalled network disk do not hold up the others.
    package static let files = ThreadPool(threads: 8)

    /// Runs a blocking call on one of the pool's threads and returns what it returned.
    ///
    /// - Throws: `CancellationError` when the calling task is cancelled before the call began; it then never runs.
    ///   A call that has begun is waited for.
    package func run<Outcome: Sendable>(
        _ call: @escaping @Sendable () -> Outcome
    ) async throws(CancellationError) -> Outcome {
        // Else an idle thread could take the call before the handler withdraws it.
        guard !Task.isCancelled else { throw CancellationError() }
        let ticket = queue.withLock { $0.nextTicket() }
        let outcome: Outcome? = await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Outcome?, Never>) in
                enqueue(
                    QueuedCall(
                        ticket: ticket,
                        run: { continuation.resume(returning: call()) },
                        cancel: { continuation.resume(returning: nil) }
                    )
                )
                // The handler may have run before there was anything to withdraw.
                if Task.isCancelled { withdraw(ticket) }
            }
        } onCancel: {
            withdraw(ticket)
        }
        guard let outcome else { throw CancellationError() }
        return outcome
    }

    /// Runs a blocking call even if the calling task is cancelled: for settling and cleaning up.
    package func runRegardless<Outcome: Sendable>(_ call: @escaping @Sendable () -> Outcome) async -> Outcome {
        let ticket = queue.withLock { $0.nextTicket() }
        return await withCheckedContinuation { (continuation: CheckedContinuation<Outcome, Never>) in
            enqueue(QueuedCall(ticket: ticket, run: { continuation.resume(returning: call()) }, cancel: {}))
        }
    }

    private func enqueue(_ call: QueuedCall) {
        let needsThread = queue.withLock { queue in
            queue.append(call)
            guard queue.running < threads else { return false }
            queue.running += 1
            return true
        }
        // Without a thread to be had, one that runs already takes the call, or else this one does.
        if needsThread && !startThread() { drain() }
    }

    private func withdraw(_ ticket: UInt64) {
        queue.withLock { $0.remove(ticket) }?.cancel()
    }

    /// Runs calls until none is left, then gives the thread's place back.
    private func drain() {
        while let call = queue.withLock({ queue in
            let call = queue.popFirst()
            if call == nil { queue.running -= 1 }
            return call
        }) {
            call.run()
        }
    }

    /// Starts a thread that drains the queue; false when the system has none to give.
    private func startThread() -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        var thread = pthread_t()
        let pool = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<ThreadPool>.fromOpaque(argument).takeRetainedValue().drain()
                return nil
            },
            pool.toOpaque()
        )
        if code != 0 { pool.release() }
        return code == 0
    }
}
