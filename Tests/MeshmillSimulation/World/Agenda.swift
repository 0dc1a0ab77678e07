/// What is going to happen, earliest first; of equal instants what was entered first.
struct Agenda {
    /// One thing that happens at once, between which everything else may happen.
    struct Entry {
        let instant: Duration
        let order: Int
        /// Whose doing it is: it does not happen once that worker is dead, and waits while it is frozen.
        ///
        /// `nil` is the world: the network, the database, the provider, people.
        let owner: SimulatedWorker?
        let label: String
        let action: () async throws -> Void
    }

    private var heap: [Entry] = []
    private var entered = 0

    var count: Int { heap.count }

    mutating func add(
        at instant: Duration,
        _ owner: SimulatedWorker?,
        _ label: String,
        _ action: @escaping () async throws -> Void
    ) {
        entered += 1
        heap.append(Entry(instant: instant, order: entered, owner: owner, label: label, action: action))
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Takes out what is next.
    mutating func next() -> Entry? {
        guard let last = heap.popLast() else { return nil }
        guard let first = heap.first else { return last }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            if least == parent { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        (heap[a].instant, heap[a].order) < (heap[b].instant, heap[b].order)
    }
}
