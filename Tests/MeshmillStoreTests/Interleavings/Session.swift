import PostgresClient
import Synchronization

/// A connection that takes one step after another when it is told to, and may wait for a lock meanwhile.
final class Session: Sendable {
    private struct State {
        var isBusy = false
        var results: [String] = []
        var failure: String?
    }

    let processID: Int32
    private let connection: PostgresConnection
    private let state = Mutex(State())
    private let orders: AsyncStream<Script.Step>
    private let giveOrder: AsyncStream<Script.Step>.Continuation

    init(_ connection: PostgresConnection) async throws {
        self.connection = connection
        // Deadlocks are a finding: no need to wait a second for each.
        let result = try await connection.simpleQuery("SET deadlock_timeout = '50ms'; SELECT pg_backend_pid()")
        processID = result.rows.first?.first.flatMap { $0 }.flatMap(Int32.init) ?? 0
        (orders, giveOrder) = AsyncStream.makeStream()
    }

    /// Takes steps until `close`.
    func serve() async {
        for await step in orders {
            do {
                let result = try await step.run(connection)
                state.withLock {
                    if !result.isEmpty { $0.results.append(result) }
                    $0.isBusy = false
                }
            } catch {
                state.withLock {
                    $0.failure = "\(step.name): \(error)"
                    $0.isBusy = false
                }
            }
        }
        await connection.close()
    }

    /// Starts a step; the session is busy until it is done.
    func start(_ step: Script.Step) {
        state.withLock { $0.isBusy = true }
        giveOrder.yield(step)
    }

    /// Ends `serve`.
    func close() { giveOrder.finish() }

    var isBusy: Bool { state.withLock(\.isBusy) }

    /// Why its last step failed; its transaction is then to be rolled back.
    var failure: String? { state.withLock(\.failure) }

    /// What its steps returned since the last time.
    func takeResults() -> [String] {
        state.withLock { state in
            defer { state = State() }
            return state.results
        }
    }
}
