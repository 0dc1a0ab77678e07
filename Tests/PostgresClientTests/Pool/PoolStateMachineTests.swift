import Testing

@testable import PostgresClient

@Suite struct PoolStateMachineTests {
    private typealias Machine = PoolStateMachine<Int>

    private let now = ContinuousClock.now

    private func machine(_ connections: Int, waiters: Int = 100) -> PoolStateMachine<Int> {
        PoolStateMachine(maximumConnections: connections, maximumWaiters: waiters, idleTimeout: .seconds(60))
    }

    @Test("a caller opens a connection while there is room, then waits, then is refused")
    func admission() {
        var machine = machine(1, waiters: 1)
        let decisions = (0..<3).map { _ in
            let ticket = machine.takeTicket()
            return machine.request(ticket)
        }
        #expect(decisions.map(\.name) == ["open", "wait", "refuse"])
    }

    @Test("a connection that comes back goes to whoever asked first")
    func firstComeFirstServed() {
        var machine = machine(1)
        let tickets = (0..<3).map { _ in machine.takeTicket() }
        for ticket in tickets { _ = machine.request(ticket) }
        machine.connected()
        let first = machine.release(7, isReusable: true, now: now)
        #expect(first.grants.map(\.ticket) == [tickets[1]])
        let second = machine.release(7, isReusable: true, now: now)
        #expect(second.grants.map(\.ticket) == [tickets[2]])
        #expect(machine.leased == 1)
    }

    @Test("a connection that broke makes room for the next caller to open one")
    func replacesBroken() {
        var machine = machine(1)
        let tickets = (0..<2).map { _ in machine.takeTicket() }
        for ticket in tickets { _ = machine.request(ticket) }
        machine.connected()
        let effects = machine.release(7, isReusable: false, now: now)
        #expect(effects.closing == [7])
        #expect(effects.grants.map(\.grant.name) == ["leave"])
        #expect(machine.opening == 1 && machine.leased == 0)
    }

    @Test("a caller that could not connect lets the next one try")
    func passesOnLeave() {
        var machine = machine(1)
        let tickets = (0..<2).map { _ in machine.takeTicket() }
        for ticket in tickets { _ = machine.request(ticket) }
        let effects = machine.connectFailed()
        #expect(effects.grants.map(\.ticket) == [tickets[1]])
        #expect(machine.opening == 1)
    }

    @Test("a caller that stopped waiting gets nothing, and one that was just served learns so")
    func stopsWaiting() {
        var machine = machine(1)
        let tickets = (0..<3).map { _ in machine.takeTicket() }
        for ticket in tickets { _ = machine.request(ticket) }
        machine.connected()
        #expect(machine.stopWaiting(tickets[1]).wasWaiting)
        let effects = machine.release(7, isReusable: true, now: now)
        #expect(effects.grants.map(\.ticket) == [tickets[2]])
        #expect(!machine.stopWaiting(tickets[2]).wasWaiting)
    }

    @Test("a caller that waits for the server to have room keeps its place and its leave")
    func waitsForRoom() {
        var machine = machine(2)
        let tickets = (0..<3).map { _ in machine.takeTicket() }
        for ticket in tickets { _ = machine.request(ticket) }
        machine.connected()
        // The second caller found the server full; the third asked later.
        _ = machine.waitForRoom(tickets[1])
        let effects = machine.release(7, isReusable: true, now: now)
        #expect(effects.grants.map(\.ticket) == [tickets[1], tickets[2]])
        #expect(effects.grants.map(\.grant.name) == ["connection", "leave"])
        #expect(machine.leased == 1 && machine.opening == 1)
    }

    @Test("a caller that finds the server full takes what has come back meanwhile")
    func takesIdle() {
        var machine = machine(2)
        let tickets = (0..<2).map { _ in machine.takeTicket() }
        for ticket in tickets { _ = machine.request(ticket) }
        machine.connected()
        _ = machine.release(7, isReusable: true, now: now)
        #expect(machine.waitForRoom(tickets[1]).name == "use")
        #expect(machine.leased == 1 && machine.opening == 0)
    }

    @Test("the connection used last is used next, and those unused for long are closed")
    func idleConnections() {
        var machine = machine(3)
        for _ in 0..<3 {
            let ticket = machine.takeTicket()
            _ = machine.request(ticket)
            machine.connected()
        }
        _ = machine.release(1, isReusable: true, now: now)
        _ = machine.release(2, isReusable: true, now: now.advanced(by: .seconds(30)))
        let effects = machine.release(3, isReusable: true, now: now.advanced(by: .seconds(60)))
        #expect(effects.closing == [1])
        let ticket = machine.takeTicket()
        guard case .use(3) = machine.request(ticket) else {
            Issue.record("not the connection used last")
            return
        }
    }

    @Test("closing turns everybody away and closes what is idle now and what comes back later")
    func closes() {
        var machine = machine(2)
        let tickets = (0..<3).map { _ in machine.takeTicket() }
        for ticket in tickets { _ = machine.request(ticket) }
        machine.connected()
        machine.connected()
        let closing = machine.close()
        #expect(closing.grants.map(\.grant.name) == ["closed"])
        let late = machine.takeTicket()
        #expect(machine.request(late).name == "closed")
        #expect(!machine.isDrained)
        #expect(machine.release(1, isReusable: true, now: now).closing == [1])
        #expect(machine.release(2, isReusable: true, now: now).closing == [2])
        #expect(machine.isDrained)
    }

    @Test("under any sequence of events nobody is forgotten, overtaken or served twice", arguments: 0..<200)
    func anySequence(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        var model = PoolModel(machine: machine(Int.random(in: 1...4, using: &random), waiters: 8), now: now)
        for step in 0..<300 {
            model.step(using: &random)
            let complaint = model.complaint
            #expect(complaint == nil, "seed \(seed), step \(step): \(complaint ?? "")")
            guard complaint == nil else { return }
        }
        model.finish()
        #expect(model.machine.isDrained, "seed \(seed)")
    }
}

/// A world around the state machine: who waits, opens and uses, by events drawn at random.
private struct PoolModel {
    var machine: PoolStateMachine<Int>
    let now: ContinuousClock.Instant
    private var waiting: [UInt64] = []
    /// Callers that wait for room: they hold leave.
    private var waitingWithLeave: Set<UInt64> = []
    private var opening: [UInt64] = []
    private var used: [Int] = []
    private var nextConnection = 0
    private(set) var complaint: String?

    init(machine: PoolStateMachine<Int>, now: ContinuousClock.Instant) {
        self.machine = machine
        self.now = now
    }

    mutating func step(using random: inout SplitMix) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1, 2: ask()
        case 3 where !opening.isEmpty:
            let index = Int.random(in: 0..<opening.count, using: &random)
            connect(opening.remove(at: index))
        case 4 where !opening.isEmpty:
            opening.remove(at: Int.random(in: 0..<opening.count, using: &random))
            apply(machine.connectFailed())
        case 5 where !opening.isEmpty:
            let ticket = opening.remove(at: Int.random(in: 0..<opening.count, using: &random))
            switch machine.waitForRoom(ticket) {
            case .use(let connection): use(connection)
            case .wait:
                waiting.append(ticket)
                waitingWithLeave.insert(ticket)
            case .open, .refuse, .closed: complaint = "an open pool turned a caller away"
            }
        case 6 where !waiting.isEmpty:
            stopWaiting(waiting[Int.random(in: 0..<waiting.count, using: &random)])
        case _ where !used.isEmpty:
            let connection = used.remove(at: Int.random(in: 0..<used.count, using: &random))
            apply(machine.release(connection, isReusable: Bool.random(using: &random), now: now))
        default: break
        }
        check()
    }

    /// Lets everybody finish.
    mutating func finish() {
        apply(machine.close())
        while let ticket = opening.popLast() { connect(ticket) }
        while let connection = used.popLast() { apply(machine.release(connection, isReusable: true, now: now)) }
    }

    private mutating func ask() {
        let ticket = machine.takeTicket()
        switch machine.request(ticket) {
        case .use(let connection): use(connection)
        case .open: opening.append(ticket)
        case .wait: waiting.append(ticket)
        case .refuse, .closed: break
        }
    }

    private mutating func connect(_ ticket: UInt64) {
        machine.connected()
        nextConnection += 1
        use(nextConnection)
    }

    private mutating func use(_ connection: Int) {
        if used.contains(connection) { complaint = "connection \(connection) was lent twice" }
        used.append(connection)
    }

    private mutating func stopWaiting(_ ticket: UInt64) {
        let (wasWaiting, holdsLeave) = machine.stopWaiting(ticket)
        if !wasWaiting { complaint = "caller \(ticket) was forgotten" }
        if holdsLeave != waitingWithLeave.contains(ticket) { complaint = "the leave of \(ticket) is wrong" }
        waiting.removeAll { $0 == ticket }
        waitingWithLeave.remove(ticket)
        if holdsLeave { apply(machine.connectFailed()) }
    }

    private mutating func apply(_ effects: PoolStateMachine<Int>.Effects) {
        for (ticket, grant) in effects.grants {
            guard waiting.contains(ticket) else {
                complaint = "caller \(ticket) was served without waiting"
                return
            }
            switch grant {
            case .connection(let connection):
                if ticket != waiting.min() { complaint = "caller \(ticket) overtook another" }
                use(connection)
            case .leave: opening.append(ticket)
            case .closed: break
            }
            waiting.removeAll { $0 == ticket }
            waitingWithLeave.remove(ticket)
        }
    }

    private mutating func check() {
        if machine.leased != used.count { complaint = "\(machine.leased) lent, \(used.count) in use" }
        if machine.opening != opening.count + waitingWithLeave.count { complaint = "leave was lost or made" }
        if machine.waiterCount != waiting.count { complaint = "\(machine.waiterCount) queued, \(waiting.count) wait" }
        let total = machine.leased + machine.opening + machine.idleCount
        if total > machine.maximumConnections { complaint = "\(total) connections" }
        let mayOpen = total < machine.maximumConnections && waiting.count > waitingWithLeave.count
        if mayOpen { complaint = "room for a connection, and callers who wait for it" }
        if machine.idleCount > 0 && !waiting.isEmpty { complaint = "idle connections, and callers who wait" }
    }
}

/// A small generator whose whole state is its seed, so that a failing run can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension PoolStateMachine.Decision {
    fileprivate var name: String {
        switch self {
        case .use: "use"
        case .open: "open"
        case .wait: "wait"
        case .refuse: "refuse"
        case .closed: "closed"
        }
    }
}

extension PoolStateMachine.Grant {
    fileprivate var name: String {
        switch self {
        case .connection: "connection"
        case .leave: "leave"
        case .closed: "closed"
        }
    }
}
