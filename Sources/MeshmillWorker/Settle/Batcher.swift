import Logging
import MeshmillCore
import PostgresClient
import Synchronization

/// Gathers single writes into batches: whatever came in while one batch was being written makes the next.
///
/// There is no delay to tune: alone, a write goes out at once; under load, batches grow. While the database is away the
/// writes wait here, and callers with them.
final class Batcher<Input: Sendable, Output: Sendable>: Sendable {
    private struct Entry {
        let input: Input
        let continuation: CheckedContinuation<Output, any Error>
    }

    private struct State {
        var pending: [Entry] = []
        var isFinished = false
    }

    private let name: String
    private let limit: Int
    private let logger: Logger
    private let write: @Sendable ([Input]) async throws -> [Output]
    private let state = Mutex(State())
    private let wake = WakeSignal()

    /// Makes a batcher.
    ///
    /// - Parameters:
    ///   - name: for the log.
    ///   - limit: most inputs in a batch.
    ///   - logger: hears of writes that had to be tried again.
    ///   - write: writes a batch in one transaction and returns one output for each input, in order.
    init(
        name: String,
        limit: Int,
        logger: Logger,
        write: @escaping @Sendable ([Input]) async throws -> [Output]
    ) {
        self.name = name
        self.limit = limit
        self.logger = logger
        self.write = write
    }

    /// Hands a write in and returns when it is durable.
    ///
    /// It is not cancelled with its caller: what happened outside must be recorded.
    ///
    /// - Throws: the database's refusal of this write; `CancellationError` if ``run()`` was cancelled before it was done.
    func submit(_ input: Input) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            let isRefused = state.withLock { state in
                if state.isFinished && state.pending.isEmpty { return true }
                state.pending.append(Entry(input: input, continuation: continuation))
                return false
            }
            if isRefused { continuation.resume(throwing: CancellationError()) } else { wake.signal() }
        }
    }

    /// Lets ``run()`` return once everything handed in is written.
    func finish() {
        state.withLock { $0.isFinished = true }
        wake.signal()
    }

    /// Writes what is handed in until ``finish()``; cancellation gives up on what is not written.
    func run() async {
        while true {
            let (batch, isFinished) = state.withLock { state in
                let batch = Array(state.pending.prefix(limit))
                state.pending.removeFirst(batch.count)
                return (batch, state.isFinished)
            }
            if !batch.isEmpty {
                await settle(batch)
            } else if isFinished || Task.isCancelled {
                break
            } else {
                await wake.sleep(atMost: .seconds(60))
            }
        }
        let rest = state.withLock { state in
            state.isFinished = true
            defer { state.pending = [] }
            return state.pending
        }
        for entry in rest { entry.continuation.resume(throwing: CancellationError()) }
    }

    private func settle(_ batch: [Entry]) async {
        var failures = 0
        while true {
            do {
                let outputs = try await write(batch.map(\.input))
                precondition(outputs.count == batch.count, "a batch of \(name) answers each of its writes")
                for (entry, output) in zip(batch, outputs) { entry.continuation.resume(returning: output) }
                return
            } catch let error as PostgresError where !error.isRefusalOfTheWrite {
                // Each write is idempotent, so a commit whose answer was lost is simply written again.
                failures += 1
                if failures == 1 { logger.warning("\(name): \(error); trying again until it is recorded") }
                var random = SystemRandomNumberGenerator()
                let wait = Backoff.reconnect.wait(afterFailures: failures, using: &random)
                if (try? await Task.sleep(for: wait)) == nil {
                    for entry in batch { entry.continuation.resume(throwing: CancellationError()) }
                    return
                }
            } catch {
                await split(batch, after: error)
                return
            }
        }
    }

    /// One poison row must not sink its batch: it is found by halving.
    private func split(_ batch: [Entry], after error: any Error) async {
        guard batch.count > 1, !(error is CancellationError) else {
            logger.error("\(name): \(error)")
            for entry in batch { entry.continuation.resume(throwing: error) }
            return
        }
        await settle(Array(batch[..<(batch.count / 2)]))
        await settle(Array(batch[(batch.count / 2)...]))
    }
}

extension PostgresError {
    /// Whether the database has judged the data itself, so that the same write will be refused again.
    ///
    /// Whatever else it may answer, while it shuts down, starts, fails over or has no memory, is waited out: what is
    /// written here happened outside and does not come again.
    fileprivate var isRefusalOfTheWrite: Bool {
        switch code {
        case .server:
            // Data, integrity, syntax or access rule, PL/pgSQL's own.
            ["22", "23", "42", "P0"].contains(sqlState?.rawValue.prefix(2) ?? "")
        case .invalidParameter, .decodingFailed, .clientClosed, .invalidConnectionString:
            true
        case .connectFailed, .connectionLost, .connectionClosed, .commitUnknown, .timedOut, .poolTimedOut,
            .poolExhausted, .outOfResources, .connectionBusy, .unexpectedAnswer:
            false
        }
    }
}
