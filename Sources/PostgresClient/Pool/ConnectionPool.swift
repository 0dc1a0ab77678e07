import Logging
import Synchronization

/// Lends connections: `PoolStateMachine` decides, this class locks, acts and waits.
final class ConnectionPool: Sendable {
    private typealias Machine = PoolStateMachine<PostgresConnection>

    /// How a wait for a grant ended.
    private enum Wait: Sendable {
        case granted(Machine.Grant)
        case timedOut(holdsLeave: Bool)
        case cancelled(holdsLeave: Bool)
    }

    /// A caller on its way into a wait, or in it.
    private enum Place {
        case waiting(CheckedContinuation<Wait, Never>)
        /// The wait was over before it had begun.
        case over(Wait)
    }

    private struct State {
        var machine: Machine
        var waits: [Machine.Ticket: Place] = [:]
        var drains: [CheckedContinuation<Void, Never>] = []
        /// Whether the last attempt to connect found no room, so that it is said once and not at each attempt.
        var isShortOfRoom = false

        /// Ends a caller's wait, and returns how to resume it if it has begun to wait.
        mutating func end(_ ticket: Machine.Ticket, _ outcome: Wait) -> Wake? {
            guard case .waiting(let continuation) = waits.removeValue(forKey: ticket) else {
                waits[ticket] = .over(outcome)
                return nil
            }
            return { continuation.resume(returning: outcome) }
        }
    }

    /// Resumes a caller; called without the lock.
    private typealias Wake = () -> Void

    private let state: Mutex<State>
    let configuration: PostgresConfiguration
    private let logger: Logger

    init(configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        state = Mutex(
            State(
                machine: Machine(
                    maximumConnections: configuration.maximumConnections,
                    maximumWaiters: configuration.maximumWaiters,
                    idleTimeout: configuration.idleTimeout
                )
            )
        )
    }

    /// Waits for a connection that was not cut off while it was idle; the caller must `release` it.
    ///
    /// - Throws: `poolTimedOut`, `poolExhausted`, `clientClosed`, `connectFailed`; `CancellationError`.
    func acquire(deadline: ContinuousClock.Instant) async throws -> PostgresConnection {
        while true {
            let connection = try await acquireUnseen(deadline: deadline)
            if await connection.isStillConnected() { return connection }
            await release(connection)
        }
    }

    /// Waits for a connection, which may have been cut off while it was idle; the caller must `release` it.
    ///
    /// - Throws: like ``acquire(deadline:)``.
    func acquireUnseen(deadline: ContinuousClock.Instant) async throws -> PostgresConnection {
        try Task.checkCancellation()
        let (ticket, decision) = state.withLock { state in
            let ticket = state.machine.takeTicket()
            return (ticket, state.machine.request(ticket))
        }
        switch decision {
        case .use(let connection):
            return connection
        case .open:
            return try await open(ticket, deadline)
        case .wait:
            return try await resolve(await wait(ticket, until: deadline), ticket, deadline)
        case .refuse:
            throw PostgresError(
                .poolExhausted,
                "\(configuration.maximumWaiters) callers already wait for a database connection",
                hint: "raise maximumConnections (now \(configuration.maximumConnections)) or ask for less at once"
            )
        case .closed:
            throw PostgresError(.clientClosed, "the database client is closed")
        }
    }

    /// Takes a connection back; one that is broken or in the middle of something is closed.
    func release(_ connection: PostgresConnection) async {
        await release(connection, isReusable: await connection.isReusable)
    }

    /// Takes a connection back of which the caller knows whether others may have it; else it is closed.
    func release(_ connection: PostgresConnection, isReusable: Bool) async {
        let effects = state.withLock { state in
            state.machine.release(connection, isReusable: isReusable, now: .now)
        }
        await apply(effects)
    }

    /// Closes idle connections, turns waiting callers away, and returns when all borrowed connections are back.
    func close() async {
        let effects = state.withLock { $0.machine.close() }
        await apply(effects)
        await withCheckedContinuation { continuation in
            let isDrained = state.withLock { state in
                if !state.machine.isDrained { state.drains.append(continuation) }
                return state.machine.isDrained
            }
            if isDrained { continuation.resume() }
        }
    }

    private func open(_ ticket: Machine.Ticket, _ deadline: ContinuousClock.Instant) async throws -> PostgresConnection
    {
        var backoff = Duration.milliseconds(50)
        var shortage: PostgresError?
        while true {
            do {
                let connection = try await PostgresConnection.connect(
                    configuration: configuration,
                    deadline: deadline,
                    logger: logger
                )
                let isRoomAgain = state.withLock { state in
                    state.machine.connected()
                    // While others are still refused it is not over, only this caller's turn.
                    guard state.isShortOfRoom, state.machine.opening == 0 else { return false }
                    state.isShortOfRoom = false
                    return true
                }
                if isRoomAgain { logger.notice("the database has room for connections again") }
                return connection
            } catch let error as PostgresError where error.isWorthWaitingFor && .now < deadline {
                warnOnce(error)
                shortage = error
                switch state.withLock({ $0.machine.waitForRoom(ticket) }) {
                case .use(let connection): return connection
                case .wait: break
                case .open, .refuse, .closed:
                    await giveBackLeave()
                    throw error
                }
                let retryAt = ContinuousClock.now.advanced(by: backoff * Double.random(in: 0.5...1))
                backoff = min(backoff * 2, .seconds(1))
                let outcome = await wait(ticket, until: min(retryAt, deadline))
                guard case .timedOut(holdsLeave: true) = outcome, .now < deadline else {
                    return try await resolve(outcome, ticket, deadline, because: error)
                }
            } catch {
                await giveBackLeave()
                // An attempt cut short by the deadline knows less of the cause than the one before it.
                if let shortage, (error as? PostgresError)?.sqlState == nil, .now >= deadline { throw shortage }
                throw error
            }
        }
    }

    private func resolve(
        _ outcome: Wait,
        _ ticket: Machine.Ticket,
        _ deadline: ContinuousClock.Instant,
        because error: PostgresError? = nil
    ) async throws -> PostgresConnection {
        switch outcome {
        case .granted(.connection(let connection)):
            return connection
        case .granted(.leave):
            return try await open(ticket, deadline)
        case .granted(.closed):
            throw PostgresError(.clientClosed, "the database client was closed")
        case .timedOut(let holdsLeave):
            if holdsLeave { await giveBackLeave() }
            throw error
                ?? PostgresError(
                    .poolTimedOut,
                    "all \(configuration.maximumConnections) database connections stayed in use",
                    hint: "raise maximumConnections or look for slow statements in pg_stat_activity"
                )
        case .cancelled(let holdsLeave):
            if holdsLeave { await giveBackLeave() }
            throw CancellationError()
        }
    }

    /// Waits for a grant, the deadline or a cancellation, whichever the state machine sees first.
    private func wait(_ ticket: Machine.Ticket, until deadline: ContinuousClock.Instant) async -> Wait {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
                self.stopWaiting(ticket) { .timedOut(holdsLeave: $0) }
            }
            let outcome = await withTaskCancellationHandler {
                await withCheckedContinuation { park($0, ticket) }
            } onCancel: {
                self.stopWaiting(ticket) { .cancelled(holdsLeave: $0) }
            }
            group.cancelAll()
            return outcome
        }
    }

    /// Leaves a continuation to be resumed, or resumes it at once if its wait is over already.
    private func park(_ continuation: CheckedContinuation<Wait, Never>, _ ticket: Machine.Ticket) {
        let over: Wait? = state.withLock { state in
            if case .over(let outcome) = state.waits.removeValue(forKey: ticket) { return outcome }
            state.waits[ticket] = .waiting(continuation)
            return nil
        }
        if let over { continuation.resume(returning: over) }
    }

    /// Ends a wait from the caller's side, unless a grant was first: then the caller gets that, and nothing leaks.
    private func stopWaiting(_ ticket: Machine.Ticket, _ outcome: (_ holdsLeave: Bool) -> Wait) {
        let wake = state.withLock { state -> Wake? in
            let (wasWaiting, holdsLeave) = state.machine.stopWaiting(ticket)
            return wasWaiting ? state.end(ticket, outcome(holdsLeave)) : nil
        }
        wake?()
    }

    private func giveBackLeave() async {
        await apply(state.withLock { $0.machine.connectFailed() })
    }

    private func apply(_ effects: Machine.Effects) async {
        let wakes = state.withLock { state -> [Wake] in
            var wakes = effects.grants.compactMap { state.end($0.ticket, .granted($0.grant)) }
            if state.machine.isClosed && state.machine.isDrained {
                wakes += state.drains.map { drain in { drain.resume() } }
                state.drains.removeAll()
            }
            return wakes
        }
        for wake in wakes { wake() }
        for connection in effects.closing { await connection.close() }
    }

    private func warnOnce(_ error: PostgresError) {
        let isNew = state.withLock { state in
            defer { state.isShortOfRoom = true }
            return !state.isShortOfRoom
        }
        if isNew { logger.warning("waiting for the database: \(error)") }
    }
}
