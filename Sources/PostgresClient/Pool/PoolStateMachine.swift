/// Who may have which connection: the pool's decisions, without locks, clocks or connections.
///
/// Whoever asks gets an idle connection, leave to open one, or a place in the queue. Nothing is opened in the
/// background: the caller that has leave opens, uses and returns. Callers are served in the order of their tickets.
struct PoolStateMachine<Connection: Sendable>: Sendable {
    /// A caller's place in the order of asking.
    typealias Ticket = UInt64

    /// What a waiting caller is told.
    enum Grant: Sendable {
        /// A connection is the caller's until it is released.
        case connection(Connection)
        /// The caller may open a connection; it reports back by `connected` or `connectFailed`.
        case leave
        /// The pool was closed.
        case closed
    }

    /// The answer to a caller that asks.
    enum Decision: Sendable {
        case use(Connection)
        case open
        case wait
        /// Too many wait already.
        case refuse
        case closed
    }

    /// What has to be done after an event: callers to wake and connections to close.
    struct Effects: Sendable {
        var grants: [(ticket: Ticket, grant: Grant)] = []
        var closing: [Connection] = []
    }

    private struct Idle {
        var connection: Connection
        var since: ContinuousClock.Instant
    }

    private struct Waiter {
        var ticket: Ticket
        /// Whether the caller holds leave to open, and waits only because the server had no room.
        var holdsLeave: Bool
    }

    let maximumConnections: Int
    let maximumWaiters: Int
    let idleTimeout: Duration

    private var idle: [Idle] = []
    private var waiters: [Waiter] = []
    private var nextTicket: Ticket = 0
    /// Connections in use.
    private(set) var leased = 0
    /// Callers with leave to open one.
    private(set) var opening = 0
    private(set) var isClosed = false

    init(maximumConnections: Int, maximumWaiters: Int, idleTimeout: Duration) {
        precondition(maximumConnections > 0, "a pool without connections serves nobody")
        self.maximumConnections = maximumConnections
        self.maximumWaiters = maximumWaiters
        self.idleTimeout = idleTimeout
    }

    var idleCount: Int { idle.count }
    var waiterCount: Int { waiters.count }
    /// Whether nothing is open or about to be.
    var isDrained: Bool { leased == 0 && opening == 0 && idle.isEmpty }

    /// Gives a new caller its place in the order.
    mutating func takeTicket() -> Ticket {
        defer { nextTicket += 1 }
        return nextTicket
    }

    /// A caller asks for a connection.
    mutating func request(_ ticket: Ticket) -> Decision {
        if isClosed { return .closed }
        // The one used last is the one least likely to have been cut off, and the others may grow old.
        if let connection = idle.popLast()?.connection {
            leased += 1
            return .use(connection)
        }
        if leased + opening < maximumConnections {
            opening += 1
            return .open
        }
        guard waiters.count < maximumWaiters else { return .refuse }
        waiters.append(Waiter(ticket: ticket, holdsLeave: false))
        return .wait
    }

    /// A caller with leave has opened its connection and uses it.
    mutating func connected() {
        opening -= 1
        leased += 1
    }

    /// A caller with leave could not open one; the next in the queue may try.
    mutating func connectFailed() -> Effects {
        opening -= 1
        return passOnLeave()
    }

    /// A caller with leave was told by the server that there is no room.
    ///
    /// It gets a connection that has come back meanwhile (`use`), or keeps its leave and waits in its place (`wait`) for
    /// one that will, until it tries again. If the pool was closed meanwhile, the leave is still to be given back.
    mutating func waitForRoom(_ ticket: Ticket) -> Decision {
        if isClosed { return .closed }
        if let connection = idle.popLast()?.connection {
            connected()
            return .use(connection)
        }
        let place = waiters.firstIndex { $0.ticket > ticket } ?? waiters.endIndex
        waiters.insert(Waiter(ticket: ticket, holdsLeave: true), at: place)
        return .wait
    }

    /// A waiting caller stops waiting.
    ///
    /// - Returns: whether it was still waiting, and if so whether it still holds leave to open a connection. If it was
    ///   not, a grant is on its way to it.
    mutating func stopWaiting(_ ticket: Ticket) -> (wasWaiting: Bool, holdsLeave: Bool) {
        guard let place = waiters.firstIndex(where: { $0.ticket == ticket }) else { return (false, false) }
        return (true, waiters.remove(at: place).holdsLeave)
    }

    /// A caller returns its connection.
    mutating func release(
        _ connection: Connection,
        isReusable: Bool,
        now: ContinuousClock.Instant
    ) -> Effects {
        leased -= 1
        guard isReusable, !isClosed else {
            var effects = passOnLeave()
            effects.closing.append(connection)
            return effects
        }
        guard !waiters.isEmpty else {
            idle.append(Idle(connection: connection, since: now))
            return Effects(closing: closeAged(now))
        }
        let waiter = waiters.removeFirst()
        leased += 1
        var effects = Effects(grants: [(waiter.ticket, .connection(connection))])
        if waiter.holdsLeave {
            opening -= 1
            effects.grants += passOnLeave().grants
        }
        return effects
    }

    /// Admits nobody any more: whoever waits is told, idle connections are to be closed, those in use when they return.
    mutating func close() -> Effects {
        isClosed = true
        opening -= waiters.count { $0.holdsLeave }
        defer {
            waiters.removeAll()
            idle.removeAll()
        }
        return Effects(grants: waiters.map { ($0.ticket, .closed) }, closing: idle.map(\.connection))
    }

    /// Gives free room to those who wait without leave, in order.
    private mutating func passOnLeave() -> Effects {
        var effects = Effects()
        while !isClosed, leased + opening < maximumConnections,
            let place = waiters.firstIndex(where: { !$0.holdsLeave })
        {
            opening += 1
            effects.grants.append((waiters.remove(at: place).ticket, .leave))
        }
        return effects
    }

    /// Removes connections that nobody used for `idleTimeout`.
    ///
    /// The oldest stand first.
    private mutating func closeAged(_ now: ContinuousClock.Instant) -> [Connection] {
        let aged = idle.prefix { $0.since.duration(to: now) >= idleTimeout }
        idle.removeFirst(aged.count)
        return aged.map(\.connection)
    }
}
