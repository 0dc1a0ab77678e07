import MeshmillCore

/// Gathers a simulated worker's writes as the worker's own batcher does: what came in while one batch was being written
/// makes the next, and a batch whose fate is not known is written again.
final class SimulatedBatcher<Input, Output> {
    private var pending: [(input: Input, then: (Output) async throws -> Void)] = []
    private var isWriting = false
    private var failures = 0
    private unowned let world: World
    private unowned let worker: SimulatedWorker
    /// Hears of a batch that the database did not take, or did not say that it took.
    private let onFailure: ([Input]) -> Void
    private let write: ([Input], @escaping (Result<[Output], StatementFailure>) async throws -> Void) -> Void

    init(
        _ worker: SimulatedWorker,
        in world: World,
        onFailure: @escaping ([Input]) -> Void = { _ in },
        write: @escaping ([Input], @escaping (Result<[Output], StatementFailure>) async throws -> Void) -> Void
    ) {
        self.worker = worker
        self.world = world
        self.onFailure = onFailure
        self.write = write
    }

    var isIdle: Bool { pending.isEmpty && !isWriting }

    func submit(_ input: Input, then: @escaping (Output) async throws -> Void) {
        pending.append((input, then))
        if !isWriting { begin() }
    }

    private func begin() {
        let batch = pending
        pending = []
        isWriting = !batch.isEmpty
        if isWriting { attempt(batch) }
    }

    private func attempt(_ batch: [(input: Input, then: (Output) async throws -> Void)]) {
        write(batch.map(\.input)) { [self] result in
            switch result {
            case .success(let outputs):
                failures = 0
                for (entry, output) in zip(batch, outputs) { try await entry.then(output) }
                begin()
                worker.leaveIfDone()
            case .failure:
                failures += 1
                onFailure(batch.map(\.input))
                let wait = Backoff.reconnect.wait(afterFailures: failures, using: &world.chance)
                world.after(wait, worker, "writes a batch again") { self.attempt(batch) }
            }
        }
    }
}
