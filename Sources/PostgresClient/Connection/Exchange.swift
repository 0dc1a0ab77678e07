import CLibPQ
import Glibc

/// One conversation with the server: what is sent, waited for and received between a call and its answer.
///
/// Lives on the connection's thread for the length of a call. The first time its deadline passes or its caller is
/// cancelled it asks the server to stop and goes on waiting for the answer, but not longer than `patience`.
struct Exchange: ~Copyable {
    /// What may be done about a call that takes too long or is wanted no more.
    enum Policy {
        /// The server is asked to stop the statement.
        case cancellable
        /// The server is never asked to stop. For COMMIT, where a cancelled wait for a standby would answer success.
        case finishing
        /// The connection is given up at once: nothing it does is worth waiting for.
        case dropping
    }

    /// What ended the wait before its time.
    enum Interruption {
        case deadline
        case cancellation
    }

    /// Thrown when the server did not answer even after it was asked to stop.
    ///
    /// The connection must be dropped.
    struct Abandoned: Error {
        let interruption: Interruption
    }

    /// How long an interrupted call still waits for the server's word.
    static let patience: Duration = .seconds(2)

    /// How long the server may take to obey before it is asked again.
    ///
    /// It forgets a request that comes before it has begun the statement, and then would run it to its end.
    static let askingInterval: Duration = .milliseconds(250)

    let connection: OpaquePointer
    private let monitor: CallMonitor
    private let policy: Policy
    private var deadline: ContinuousClock.Instant
    /// Set as soon as the call was interrupted, also if it then ended well.
    private(set) var interruption: Interruption?
    /// When the server is asked again to stop, if it has been asked and is still silent.
    private var asksAgainAt: ContinuousClock.Instant?

    init(_ connection: OpaquePointer, monitor: CallMonitor, policy: Policy, deadline: ContinuousClock.Instant) {
        self.connection = connection
        self.monitor = monitor
        self.policy = policy
        self.deadline = deadline
    }

    /// Sends all that libpq has buffered.
    mutating func flush() throws(Abandoned) {
        while PQflush(connection) == 1 {
            // While we cannot send, the server may be waiting for us to read: take what is there as well.
            if try wait(for: POLLIN | POLLOUT) & Int16(POLLIN) != 0 { _ = PQconsumeInput(connection) }
        }
    }

    /// The next result, or nil when the command's results are all there.
    mutating func nextResult() throws(Abandoned) -> ResultHandle? {
        while PQisBusy(connection) == 1 {
            _ = try wait(for: POLLIN)
            // A broken connection makes the next result an error, so its status needs no look here.
            _ = PQconsumeInput(connection)
        }
        guard let pointer = PQgetResult(connection) else { return nil }
        return ResultHandle(pointer: pointer)
    }

    /// Waits for something to read, but only until `limit`, which is not a failure.
    ///
    /// - Returns: false if nothing came.
    mutating func waitForInput(until limit: ContinuousClock.Instant) throws(Abandoned) -> Bool {
        try wait(for: POLLIN, until: limit) != nil
    }

    /// Blocks this thread until the socket is ready for one of `events`, and returns what it is ready for.
    mutating func wait(for events: Int32) throws(Abandoned) -> Int16 {
        while true {
            if let ready = try wait(for: events, until: nil) { return ready }
        }
    }

    /// Waits until a cancel request that is on its way has come back.
    ///
    /// - Returns: false if it is still out when the patience ends: it may hit whatever the server runs then.
    mutating func waitForCancelRequest() -> Bool {
        while monitor.isCancelRequestOpen {
            let remaining = ContinuousClock.now.duration(to: deadline)
            guard remaining > .zero else { return false }
            var descriptor = pollfd(fd: monitor.wakeUp.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&descriptor, 1, remaining.pollTimeout) > 0 { monitor.wakeUp.clear() }
        }
        return true
    }

    /// Waits until the socket is ready, `limit` (nil), or the call is interrupted for the second time (throws).
    private mutating func wait(
        for events: Int32,
        until limit: ContinuousClock.Instant?
    ) throws(Abandoned) -> Int16? {
        while true {
            if interruption == nil && monitor.isCancelled { try interrupt(.cancellation) }
            let now = ContinuousClock.now
            if let limit, limit <= now { return nil }
            guard now < deadline else {
                try interrupt(.deadline)
                continue
            }
            if let asksAgainAt, asksAgainAt <= now { askToStop() }
            var descriptors = [
                pollfd(fd: PQsocket(connection), events: Int16(events), revents: 0),
                pollfd(fd: monitor.wakeUp.descriptor, events: Int16(POLLIN), revents: 0),
            ]
            let remaining = now.duration(to: min(deadline, limit ?? deadline, asksAgainAt ?? deadline))
            guard poll(&descriptors, 2, remaining.pollTimeout) > 0 else { continue }
            if descriptors[1].revents != 0 { monitor.wakeUp.clear() }
            if descriptors[0].revents != 0 { return descriptors[0].revents }
        }
    }

    private mutating func interrupt(_ cause: Interruption) throws(Abandoned) {
        guard interruption == nil else { throw Abandoned(interruption: interruption ?? cause) }
        interruption = cause
        switch policy {
        case .cancellable:
            deadline = .now.advanced(by: Self.patience)
            askToStop()
        case .finishing:
            // A deadline that has passed stays passed.
            deadline = min(deadline, .now.advanced(by: Self.patience))
        case .dropping:
            throw Abandoned(interruption: cause)
        }
    }

    /// Asks the server to stop, unless an earlier request is still on its way.
    private mutating func askToStop() {
        asksAgainAt = .now.advanced(by: Self.askingInterval)
        guard !monitor.isCancelRequestOpen else { return }
        CancelRequest(connection)?.send(reportingTo: monitor)
    }
}

extension Duration {
    /// Milliseconds for `poll`, rounded up so that a wait never ends early and spins, and at most a minute.
    fileprivate var pollTimeout: Int32 {
        guard self < .seconds(60) else { return 60_000 }
        let (seconds, attoseconds) = components
        return Int32(seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
