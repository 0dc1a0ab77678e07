import HeapModule

/// Plays the schedule forward: the claim's rules over slots, quotas and start tags, one POST after the other.
///
/// The same order as `meshmill.claim`: of the keys that are ready the one with the largest share of its month left, of
/// the tenants with work the one with the least start tag, of its batches the highest priority, then the oldest. Time
/// jumps from one free slot to the next, so that months take seconds. Each POST costs logarithmic time in the keys.
package struct Forecast {
    /// POSTs that are looked at; what takes more is reported as beyond the horizon.
    package static let mostPosts = 20_000_000

    private var input: ForecastInput
    private var now: Duration = .zero
    /// Keys whose next slot is not free yet.
    private var waitingKeys = Heap<TimedKey>()
    /// Keys that may send, by pool.
    private var readyKeys: [Int64: Heap<RankedKey>] = [:]
    /// POSTs that came to nothing, until their jobs may run again.
    private var retries = Heap<Retry>()
    /// Batches with waiting jobs of each tenant, in the order in which they are served.
    private var queues: [[Int]]
    private var works: [BatchWork]
    private var uses: [ForecastResult.Key]
    private var posts = 0
    private var wasted = 0.0

    private init(_ input: ForecastInput) {
        self.input = input
        works = input.batches.map { BatchWork(waiting: $0.waiting) }
        uses = Array(repeating: ForecastResult.Key(posts: 0, runsDryIn: nil), count: input.keys.count)
        queues = Array(repeating: [], count: input.tenants.count)
        for (index, batch) in input.batches.enumerated() where batch.waiting > 0 && !isCapped(index) {
            queues[batch.tenant].append(index)
        }
        for tenant in queues.indices {
            queues[tenant].sort { a, b in
                let (x, y) = (input.batches[a], input.batches[b])
                return x.priority != y.priority ? x.priority > y.priority : (x.id ?? .max, a) < (y.id ?? .max, b)
            }
        }
        for key in input.keys.indices { waitingKeys.insert(TimedKey(at: input.keys[key].readyAt, key: key)) }
        for (index, batch) in input.batches.enumerated() where batch.running > 0 {
            for number in 0..<min(batch.running, 10_000) {
                works[index].end = max(works[index].end ?? .zero, input.pace.generation(number))
            }
        }
    }

    /// Says how the given work ends.
    ///
    /// Deterministic; cancellation is noticed within some thousand POSTs.
    ///
    /// - Throws: `CancellationError`.
    package static func run(_ input: ForecastInput) throws(CancellationError) -> ForecastResult {
        var forecast = Forecast(input)
        forecast.admitTenants()
        while forecast.posts < mostPosts, forecast.step() {
            if forecast.posts % 4_096 == 0, Task.isCancelled { throw CancellationError() }
        }
        return forecast.result
    }

    /// A tenant that had nothing to do starts at the least tag of those of its pool that did: nobody banks credit.
    private mutating func admitTenants() {
        let before = input.tenants
        for (index, tenant) in before.enumerated() where !tenant.isBacklogged {
            let pool = before.indices.filter { before[$0].pool == tenant.pool }
            let busy = pool.filter { before[$0].isBacklogged && !queues[$0].isEmpty }
            let floor = busy.map { before[$0].virtualTime }.min() ?? pool.map { before[$0].virtualTime }.max() ?? 0
            input.tenants[index].virtualTime = max(tenant.virtualTime, floor)
        }
    }

    /// Sends what can be sent now, then moves to the next instant at which something may change; false at the end.
    private mutating func step() -> Bool {
        while let due = retries.min, due.at <= now {
            retries.removeMin()
            enqueue(due.batch)
        }
        while let due = waitingKeys.min, due.at <= now {
            waitingKeys.removeMin()
            let key = input.keys[due.key]
            let rank = key.monthlyLimit.map { Double(key.monthlyLeft ?? 0) / Double(max($0, 1)) } ?? 1
            readyKeys[key.pool, default: Heap()].insert(
                RankedKey(rank: -rank, posts: uses[due.key].posts, key: due.key)
            )
        }
        for pool in readyKeys.keys.sorted() { serve(pool) }
        let next = [
            queues.contains { !$0.isEmpty } ? waitingKeys.min?.at : nil,
            retries.min?.at,
        ].compactMap(\.self).min()
        guard let next else { return false }
        now = max(now, next)
        return true
    }

    private mutating func serve(_ pool: Int64) {
        while let ranked = readyKeys[pool]?.min {
            guard turnOverOrRetire(ranked.key) else {
                readyKeys[pool]?.removeMin()
                continue
            }
            guard let tenant = nextTenant(of: pool), let batch = queues[tenant].first else { return }
            readyKeys[pool]?.removeMin()
            send(ranked.key, batch, tenant)
        }
    }

    /// Whether the key may send now; one without credits waits for its month, or for ever.
    private mutating func turnOverOrRetire(_ key: Int) -> Bool {
        if now >= input.keys[key].monthTurnsIn {
            input.keys[key].monthlyLeft = input.keys[key].monthlyLimit
            input.keys[key].monthTurnsIn += .seconds(30 * 86_400)
        }
        if let credits = input.orgs[input.keys[key].org].creditsLeft, credits < 1 {
            uses[key].runsDryIn = uses[key].runsDryIn ?? now
            return false
        }
        if let left = input.keys[key].monthlyLeft, left < 1 {
            uses[key].runsDryIn = uses[key].runsDryIn ?? now
            if input.keys[key].monthlyLimit ?? 0 > 0 {
                waitingKeys.insert(TimedKey(at: input.keys[key].monthTurnsIn, key: key))
            }
            return false
        }
        return true
    }

    /// The tenant with work whose start tag is least.
    private func nextTenant(of pool: Int64) -> Int? {
        var best: Int?
        for tenant in queues.indices
        where !queues[tenant].isEmpty && input.tenants[tenant].pool == pool
            && input.tenants[tenant].budgetLeft ?? 1 > 0
            && (best.map { input.tenants[tenant].virtualTime < input.tenants[$0].virtualTime } ?? true)
        {
            best = tenant
        }
        return best
    }

    private mutating func send(_ key: Int, _ batch: Int, _ tenant: Int) {
        posts += 1
        uses[key].posts += 1
        input.tenants[tenant].virtualTime += 1 / input.tenants[tenant].weight
        works[batch].start = works[batch].start ?? now
        works[batch].lastPost = now
        works[batch].waiting -= 1
        works[batch].poolPostsBefore = works[batch].poolPostsBefore ?? posts - 1
        works[batch].poolPostsAtLast = posts
        works[batch].posts += 1
        let answered = now + input.pace.answer
        wasted += input.pace.wasted
        if wasted >= 1 {
            wasted -= 1
            retries.insert(Retry(at: answered + input.pace.retryAfter, batch: batch))
        } else {
            spend(key, batch, tenant)
            works[batch].end = max(works[batch].end ?? .zero, answered + input.pace.generation(posts))
        }
        if works[batch].waiting == 0 || isCapped(batch) { queues[tenant].removeFirst() }
        occupy(key, until: answered)
    }

    private mutating func spend(_ key: Int, _ batch: Int, _ tenant: Int) {
        works[batch].credits += 1
        if let left = input.keys[key].monthlyLeft { input.keys[key].monthlyLeft = left - 1 }
        if let left = input.orgs[input.keys[key].org].creditsLeft {
            input.orgs[input.keys[key].org].creditsLeft = left - 1
        }
        if let left = input.tenants[tenant].budgetLeft { input.tenants[tenant].budgetLeft = left - 1 }
        if let left = input.batches[batch].creditsLeft { input.batches[batch].creditsLeft = left - 1 }
    }

    private func isCapped(_ batch: Int) -> Bool { input.batches[batch].creditsLeft.map { $0 < 1 } ?? false }

    /// Puts a job back in line.
    private mutating func enqueue(_ batch: Int) {
        works[batch].waiting += 1
        let tenant = input.batches[batch].tenant
        if !queues[tenant].contains(batch), !isCapped(batch) { queues[tenant].insert(batch, at: 0) }
    }

    /// Uses the slot that has been free longest until a window and a margin after the answer.
    private mutating func occupy(_ key: Int, until answered: Duration) {
        let forecastKey = input.keys[key]
        if let slot = forecastKey.slots.indices.min(by: { forecastKey.slots[$0] < forecastKey.slots[$1] }) {
            input.keys[key].slots[slot] = answered + forecastKey.window + forecastKey.margin
        }
        input.keys[key].blockedFor = answered + (forecastKey.gap ?? .zero)
        waitingKeys.insert(TimedKey(at: input.keys[key].readyAt, key: key))
    }
}

extension Forecast {
    private var result: ForecastResult {
        let batches = input.batches.indices.map { index in
            let work = works[index]
            return ForecastResult.Batch(
                startsIn: work.start,
                endsIn: work.waiting == 0 ? work.end ?? .zero : nil,
                credits: work.credits,
                stranded: work.waiting,
                binding: binding(index)
            )
        }
        return ForecastResult(batches: batches, keys: uses, posts: posts)
    }

    private func binding(_ index: Int) -> ForecastResult.Binding {
        let (batch, work) = (input.batches[index], works[index])
        let tenant = input.tenants[batch.tenant]
        let keys = input.keys.indices.filter { input.keys[$0].pool == tenant.pool }
        guard work.waiting == 0 else {
            if posts >= Self.mostPosts { return .horizon }
            if isCapped(index) { return .cap }
            if let left = tenant.budgetLeft, left < 1 { return .budget }
            if keys.isEmpty { return .keys }
            return keys.contains { input.orgs[input.keys[$0].org].creditsLeft.map { $0 < 1 } ?? false }
                ? .credits : .month
        }
        guard let last = work.lastPost, last > .zero else { return .nothing }
        if keys.contains(where: { uses[$0].runsDryIn.map { $0 < last } ?? false }) { return .month }
        let meanwhile = work.poolPostsAtLast - (work.poolPostsBefore ?? 0)
        return work.posts * 10 < meanwhile * 9 ? .share : .windows
    }
}

/// How far a batch has come.
private struct BatchWork {
    var waiting: Int
    var posts = 0
    var credits = 0
    var start: Duration?
    var lastPost: Duration?
    var end: Duration?
    /// All POSTs before its first, and up to its last: what others got meanwhile.
    var poolPostsBefore: Int?
    var poolPostsAtLast = 0
}

/// A key that is not ready yet, earliest first.
private struct TimedKey: Comparable {
    var at: Duration
    var key: Int

    static func < (a: Self, b: Self) -> Bool { (a.at, a.key) < (b.at, b.key) }
}

/// A key that is ready, the one to be used first.
private struct RankedKey: Comparable {
    var rank: Double
    var posts: Int
    var key: Int

    static func < (a: Self, b: Self) -> Bool { (a.rank, a.posts, a.key) < (b.rank, b.posts, b.key) }
}

/// A job that may run again.
private struct Retry: Comparable {
    var at: Duration
    var batch: Int

    static func < (a: Self, b: Self) -> Bool { (a.at, a.batch) < (b.at, b.batch) }
}
