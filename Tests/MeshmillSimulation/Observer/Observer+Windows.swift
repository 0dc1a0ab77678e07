import AmaraSimulator

extension Observer {
    func seeSlot(_ change: RowChange, _ touched: inout Touched) {
        guard let key = change.numbers[0], let ordinal = change.numbers[1] else { return }
        if change.new != nil, let freeAt = change.times[0] {
            slots[key, default: [:]][ordinal] = SlotRow(attempt: change.numbers[2], freeAt: freeAt)
        } else {
            slots[key]?[ordinal] = nil
        }
        touched.note(key: key)
    }

    /// Checks that at no time to come more slots are free than the window has room for.
    ///
    /// Each POST that the provider counted takes room for a window from then; each slot gives room away from the
    /// instant at which it is free. Their sum must never pass the provider's limit.
    func checkSlots(_ key: Int64, at now: Duration, skew: Duration) {
        guard let name = keyNames[key], let rows = slots[key], !isClockDoubtful(at: now) else { return }
        let leaves = (counted[name] ?? []).map { $0 + scenario.window }
        for row in rows.values {
            let free = max(instant(ofDatabase: row.freeAt, skew: skew), now)
            // What conversions round off is no matter.
            let slack = Duration.microseconds(2)
            let open = rows.values.count { instant(ofDatabase: $0.freeAt, skew: skew) <= free }
            let inside = leaves.count { $0 > free + slack }
            if open + inside > scenario.limit {
                report(
                    .slotsTooEarly,
                    "key \(name): at \(free.inSeconds)s \(open) slots are free and \(inside) POSTs count, of \(scenario.limit)"
                )
            }
        }
    }

    // MARK: A POST

    /// Takes in one record of the provider's log, of somebody else's POST or of a question.
    func see(_ record: RequestRecord, at now: Duration) {
        if record.isDelivered == true, record.kind == .download, let id = record.generationID { delivered.insert(id) }
    }

    /// Takes in what the provider answered to the POST of an attempt.
    func see(_ answer: Answer, of attempt: Int64, at now: Duration) {
        let record = answer.record
        posts += 1
        // What was lost on its way left no trace but this.
        let isThere = record.imageSHA256 != nil
        if isThere { checkIntent(attempt, ofImage: record.imageSHA256, key: record.key, at: now) }
        guard isThere else { return }
        var generation: Generation?
        if record.isAccepted == true, let id = record.generationID {
            let ends = Duration.microseconds(record.endsMicroseconds ?? 0)
            generation = Generation(
                id: id,
                hasFailed: record.outcome == .failed,
                isEndless: record.outcome == .endless,
                ends: ends,
                expires: ends + scenario.provider.fileLifetime
            )
            acceptedCount += 1
            imageOfGeneration[id] = record.imageSHA256
        }
        if postOfAttempt[attempt] != nil { report(.generatedTwice, "attempt \(attempt) was sent twice") }
        postOfAttempt[attempt] = Post(
            arrived: now,
            status: record.status,
            generation: generation,
            wait: wait(of: answer),
            isPlain: answer.status == 200 && record.isAccepted == true && record.fault == nil
        )
        if record.isCounted == true { seeCounted(attempt, key: record.key ?? "", at: now) }
        if record.status == 429 { judge429(record, at: now) }
        if let generation, !generation.hasFailed, let row = attempts[attempt] { seeKept(row) }
    }

    /// Notes that a worker has read the answer to its POST.
    func noteHeard(_ attempt: Int64) { postOfAttempt[attempt]?.isHeard = true }

    /// What a 429 tells to wait, from 1 s to one window; the whole window where it tells nothing of use.
    private func wait(of answer: Answer) -> Duration {
        var wait = scenario.window
        guard case .object(let members) = answer[field: "rate_limit"] else { return wait }
        switch members.first(where: { $0.name == "retry_after_seconds" })?.value {
        case .integer(let seconds): wait = .seconds(min(max(seconds, 1), 1_000_000))
        case .number(let seconds): wait = .seconds(min(max(seconds, 1), 1_000_000))
        default: break
        }
        return min(wait, scenario.window)
    }

    /// Checks how close a POST follows those before it: DESIGN 3.1, KEYPOOL 4.2.
    private func seeCounted(_ attempt: Int64, key: String, at now: Duration) {
        checkSwitch(attempt, countedAt: now)
        var recent = (counted[key] ?? []).filter { now - $0 < scenario.window * 2 }
        if !isClockDoubtful(at: now) {
            let inWindow = recent.count { now - $0 < scenario.window } + 1
            let limit = limitOfOurs(key)
            if inWindow > limit { report(.tooMany, "key \(key) at \(now.inSeconds)s: \(inWindow) of \(limit)") }
            let pace = leastGap(of: attempts[attempt]?.model ?? "", limit: limit)
            if let last = recent.last, now - last < pace {
                report(.tooClose, "key \(key) at \(now.inSeconds)s: \((now - last).inSeconds) s of \(pace.inSeconds) s")
            }
        }
        recent.append(now)
        counted[key] = recent
        var own = ownWindow(of: key)
        let instant = granular(now)
        if own.standing(at: instant).allows { own.count(at: instant) } else { own.refuse(at: instant) }
        ownWindows[key] = own
    }

    /// Of a key's limit some is left to people: source RULINGS 9.
    private func limitOfOurs(_ key: String) -> Int {
        let index = scenario.keys.indices.first { "sim-\($0 + 1)" == key }
        return max(1, scenario.limit - (index.map { scenario.keys[$0].reserveSlots } ?? 0))
    }

    private func leastGap(of model: String, limit: Int) -> Duration {
        switch model {
        case "paced": scenario.window / limit
        case "strict": limit == 1 ? scenario.window * 2 : scenario.window / (limit - 1)
        default: .zero
        }
    }

    private func ownWindow(of key: String) -> any RateWindow {
        ownWindows[key] ?? scenario.model.makeWindow(limit: scenario.limit, window: scenario.window)
    }

    /// The instant as the provider's limiter sees it.
    private func granular(_ now: Duration) -> Duration {
        let grain = max(scenario.granularity.microseconds, 1)
        return .microseconds(now.microseconds - now.microseconds % grain)
    }

    /// A 429 is somebody else's doing only if our own POSTs alone would have been let through.
    private func judge429(_ record: RequestRecord, at now: Duration) {
        rateLimited += 1
        guard let key = record.key else { return }
        var own = ownWindow(of: key)
        let isOthers = own.standing(at: granular(now)).allows
        if isOthers { own.count(at: granular(now)) } else { own.refuse(at: granular(now)) }
        ownWindows[key] = own
        if isOthers || wasSentEarly(at: now) {
            explained429 += 1
        } else if rateLimited - explained429 <= scenario.permitted429s {
            learned429 += 1
            lastLearned429 = now
        } else {
            report(
                .unexplained429,
                "key \(key) at \(now.inSeconds)s, \(record.windowUsed ?? -1) of \(scenario.limit) used"
            )
        }
    }
}
