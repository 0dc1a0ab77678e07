import HeapModule

/// The machines that make meshes: a number of lanes served in order of arrival.
///
/// When a generation starts and ends is settled as it arrives, since times are drawn then and nobody overtakes. So
/// nothing has to happen in between, and starts never decrease from one generation to the next.
struct Backend: Sendable {
    private let lanes: Int
    /// When the busy lanes come free.
    private var freeAt = Heap<Duration>()
    /// When generations that have not ended yet will.
    private var ends = Heap<Duration>()
    /// Starts of the generations that have not started, oldest first, from `firstWaiting` on.
    private var starts: [Duration] = []
    private var firstWaiting = 0
    private var arrived = 0
    private var ended = 0

    init(lanes: Int) {
        self.lanes = max(1, lanes)
    }

    /// Generations that wait or are worked on.
    var unfinished: Int { arrived - ended }
    /// Generations that wait.
    var waiting: Int { starts.count - firstWaiting }

    /// Notes the passing of time; constant time per generation that starts or ends.
    mutating func advance(to now: Duration) {
        while firstWaiting < starts.count, starts[firstWaiting] <= now { firstWaiting += 1 }
        if firstWaiting > 1_024, firstWaiting > starts.count / 2 {
            starts.removeFirst(firstWaiting)
            firstWaiting = 0
        }
        while let end = ends.min, end <= now {
            ends.removeMin()
            ended += 1
        }
    }

    /// Takes in one generation and says when it starts and ends.
    ///
    /// An endless one leaves its lane in time, but never counts as ended.
    mutating func schedule(_ work: Duration, at now: Duration, isEndless: Bool) -> (start: Duration, end: Duration) {
        var start = now
        if freeAt.count == lanes, let free = freeAt.popMin() { start = max(now, free) }
        let end = start + work
        freeAt.insert(end)
        arrived += 1
        starts.append(start)
        if !isEndless { ends.insert(end) }
        advance(to: now)
        return (start, end)
    }

    /// Place in line of the `ordinal`th generation, counted from zero: 1 while it is worked on.
    func position(of ordinal: Int) -> Int {
        let started = arrived - waiting
        return ordinal < started ? 1 : ordinal - started + 2
    }
}
