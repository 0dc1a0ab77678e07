import Dispatch
import Glibc
import Synchronization

/// The thread of one connection, and the executor of its actor.
///
/// libpq is waited for with `poll`, which blocks. On the cooperative pool, with one thread per core, two slow queries
/// would stop the whole program; here they stop only their own connection's thread.
final class ConnectionThread: SerialExecutor {
    private let jobs = JobQueue()

    /// Starts the thread; it ends when this executor goes away and its queue is empty.
    ///
    /// - Throws: `outOfResources` if the system refuses a further thread.
    init() throws(PostgresError) {
        var thread = pthread_t()
        let context = Unmanaged.passRetained(jobs)
        let status = pthread_create(&thread, nil, runConnectionThread, context.toOpaque())
        guard status == 0 else {
            context.release()
            throw PostgresError(
                .outOfResources,
                "no thread for a connection: \(String(cString: strerror(status)))",
                hint: "raise the limit of threads or lower maximumConnections"
            )
        }
        pthread_detach(thread)
    }

    deinit {
        jobs.finish()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.push(UnownedJob(job), on: self)
    }

    func checkIsolated() {
        precondition(jobs.isCurrentThread, "not on the connection's thread")
    }

    func isIsolatingCurrentContext() -> Bool? {
        jobs.isCurrentThread
    }
}

/// The jobs waiting for a thread, and the loop that runs them.
private final class JobQueue: Sendable {
    private struct Job {
        var job: UnownedJob
        // Held until the job has run, since the job may drop the last other reference to its own executor.
        var executor: ConnectionThread
    }

    private struct State {
        var jobs: [Job] = []
        var isFinished = false
    }

    private let state = Mutex(State())
    private let changed = DispatchSemaphore(value: 0)
    private let thread = Atomic<pthread_t>(0)

    var isCurrentThread: Bool { thread.load(ordering: .relaxed) == pthread_self() }

    func push(_ job: UnownedJob, on executor: ConnectionThread) {
        state.withLock { $0.jobs.append(Job(job: job, executor: executor)) }
        changed.signal()
    }

    func finish() {
        state.withLock { $0.isFinished = true }
        changed.signal()
    }

    /// Runs jobs in order until the queue is finished and empty.
    func run() {
        thread.store(pthread_self(), ordering: .relaxed)
        while true {
            changed.wait()
            let (jobs, isFinished) = state.withLock { state in
                let jobs = state.jobs
                state.jobs.removeAll(keepingCapacity: true)
                return (jobs, state.isFinished)
            }
            for job in jobs {
                job.job.runSynchronously(on: job.executor.asUnownedSerialExecutor())
            }
            if jobs.isEmpty && isFinished { return }
        }
    }
}

private func runConnectionThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    Unmanaged<JobQueue>.fromOpaque(context).takeRetainedValue().run()
    return nil
}
