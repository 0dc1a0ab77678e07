import MeshmillCore

/// Gathers a simulated worker's writes as the worker's own batcher does: what came in while one batch was being written
/// makes the next, and a batch whose fate is not known is written again.
final class SimulatedBatcher<Input, Output> {
    private typealias Entry = (input: Input, then: (Output) async throws -> Void)

    private var pending: [Entry] = []
    private var batch: [Entry] = []
    private var failures = 0
    private var isCancelled = false
    private unowned let world: World
    private unowned let worker: SimulatedWorker
    /// What is said of a write that was given up.
    private let givenUp: Output
    private let write: ([Input], @escaping (Result<[Output], StatementFailure>) async throws -> Void) -> Void

    init(
        _ worker: SimulatedWorker,
        in world: World,
        givenUp: Output,
        write: @escaping ([Input], @escaping (Result<[Output], StatementFailure>) async throws -> Void) -> Void
    ) {
        self.worker = worker
        self.world = world
        self.givenUp = givenUp
        self.write = write
    }

    var isIdle: Bool { pending.isEmpty && batch.isEmpty }

    func submit(_ input: Input, then: @escaping (Output) async throws -> Void) {
        pending.append((input, then))
        if isCancelled {
            world.after(.zero, worker, "a write is refused") { try await self.giveUp() }
        } else if batch.isEmpty {
            begin()
        }
    }

    /// Gives up on what is not written, and on all that comes after; what is under way may be written all the same.
    func giveUp() async throws {
        isCancelled = true
        let entries = batch + pending
        (batch, pending) = ([], [])
        for entry in entries { try await entry.then(givenUp) }
    }

    private func begin() {
        batch = pending
        pending = []
        if batch.count > 1 { world.noteBatch() }
        if !batch.isEmpty { attempt() }
    }

    private func attempt() {
        write(batch.map(\.input)) { [self] result in
            guard !isCancelled else { return }
            switch result {
            case .success(let outputs):
                failures = 0
                let written = batch
                for (entry, output) in zip(written, outputs) { try await entry.then(output) }
                guard !isCancelled else { return }
                begin()
                try await worker.leaveIfDone()
            case .failure:
                failures += 1
                let wait = Backoff.reconnect.wait(afterFailures: failures, using: &world.chance)
                world.after(wait, worker, "writes a batch again") { if !self.isCancelled { self.attempt() } }
            }
        }
    }
}
