/// A call that waits for a thread; whoever takes it out of the queue ends it, by `run` or by `cancel`, once.
struct QueuedCall: Sendable {
    let ticket: UInt64
    let run: @Sendable () -> Void
    let cancel: @Sendable () -> Void
}

/// The calls that wait, first come first served, any of them removable in constant time.
struct WorkQueue {
    /// Threads that drain the queue now.
    var running = 0
    private var lastTicket: UInt64 = 0
    private var waiting: [UInt64: QueuedCall] = [:]
    /// Tickets in order of arrival; the first `head` are done, and those of removed calls are skipped.
    private var order: [UInt64] = []
    private var head = 0

    mutating func nextTicket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }

    mutating func append(_ call: QueuedCall) {
        waiting[call.ticket] = call
        order.append(call.ticket)
    }

    mutating func remove(_ ticket: UInt64) -> QueuedCall? {
        waiting.removeValue(forKey: ticket)
    }

    mutating func popFirst() -> QueuedCall? {
        while head < order.count {
            let ticket = order[head]
            head += 1
            if head > 1_024 && head * 2 > order.count {
                order.removeFirst(head)
                head = 0
            }
            if let call = waiting.removeValue(forKey: ticket) { return call }
        }
        order.removeAll(keepingCapacity: true)
        head = 0
        return nil
    }
}
