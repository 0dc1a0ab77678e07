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

    /// Whether the database's clock was stepped so lately that windows by its measure prove nothing.
    func isClockDoubtful(at now: Duration) -> Bool {
        guard let last = clockSteps.last else { return false }
        return now - last < scenario.window * 2 + scenario.deadline + scenario.grace
    }

    /// Takes in one record of the provider's log, with whatever it says about us.
    func see(_ record: RequestRecord, at now: Duration) {
        if record.isDelivered == true, record.kind == .download, let id = record.generationID { delivered.insert(id) }
        guard record.kind == .create else { return }
        guard let image = record.imageSHA256, let job = jobOfImage[image] else {
            if let key = record.key { foreign[key, default: []].append(now) }
            return
        }
        posts += 1
        if record.isCounted == true, let key = record.key {
            var recent = (counted[key] ?? []).filter { now - $0 < scenario.window * 2 }
            recent.append(now)
            counted[key] = recent
        }
        if record.status == 429 { judge429(record, at: now) }
        guard record.isAccepted == true, let generation = record.generationID else { return }
        acceptedCount += 1
        imageOfGeneration[generation] = image
        seeAccepted(generation, job: job, key: record.key ?? "", isKept: record.outcome != .failed, at: now)
    }

    private func judge429(_ record: RequestRecord, at now: Duration) {
        rateLimited += 1
        guard let key = record.key else { return }
        let others = foreign[key] ?? []
        // A bucket in debt stays in debt as long as it is drawn at its very rate.
        let reach = scenario.model == .tokenBucket ? now : scenario.window * 2
        let isOthers = others.contains { now - $0 <= reach }
        let isClock = clockSteps.contains {
            now - $0
                <= (scenario.model == .tokenBucket ? now : scenario.window * 3 + scenario.deadline + scenario.grace)
        }
        if isOthers || isClock {
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

    private func seeAccepted(_ generation: String, job: Int64, key: String, isKept: Bool, at now: Duration) {
        // A key has one POST in flight, so it is the newest of this job with this key. But after a step of the clock an
        // earlier one may still be under way, when the newest was answered.
        let candidates = (attemptsOfJob[job] ?? []).compactMap { attempts[$0] }.filter { keyNames[$0.key] == key }
        let isOpen = { (attempt: AttemptRow) in attempt.state == "submitting" || attempt.state == "unknown" }
        guard let attempt = candidates.last(where: isOpen) ?? candidates.last else {
            return report(.postWithoutIntent, "job \(job) with key \(key)")
        }
        for (earlier, id) in accepted[job] ?? [] where id != attempt.id {
            let state = attempts[id]?.state ?? "gone"
            if state != "unknown" && state != "failed" {
                report(.generatedTwice, "job \(job): \(generation), though attempt \(id) (\(earlier)) is \(state)")
            }
        }
        if accepted[job]?.contains(where: { $0.attempt == attempt.id }) == true {
            report(.generatedTwice, "job \(job): attempt \(attempt.id) made two generations")
        }
        if let newest = newestOfKey[attempt.key], newest > attempt.id, !isClockDoubtful(at: now) {
            report(.overlappingPosts, "attempt \(attempt.id) of key \(key) after attempt \(newest) was claimed")
        }
        accepted[job, default: []].append((generation, attempt.id))
        if isKept { seeKept(attempt) }
    }
}
