/// A row of a list: what it shows, what it sorts by, and what pausing it means.
struct TopRow: Sendable {
    var cells: [InkedText]
    /// What each column sorts by: numbers before texts.
    var order: [SortKey]
    /// What `p` does; nil: nothing.
    var pause: TopView.Order?

    enum SortKey: Sendable, Comparable {
        case number(Double)
        case text(String)

        static func < (a: Self, b: Self) -> Bool {
            switch (a, b) {
            case (.number(let a), .number(let b)): a < b
            case (.text(let a), .text(let b)): NaturalOrder.isAscending(a, b)
            case (.number, .text): true
            case (.text, .number): false
            }
        }
    }
}

extension TopView {
    /// The headings of a list.
    func columns(of tab: Tab) -> [TopTable.Column] {
        switch tab {
        case .keys:
            [
                .init("key", cuts: true), .init("status"), .init("slots"), .init("next", isNumber: true),
                .init("in flight", isNumber: true), .init("month", isNumber: true), .init("posts", isNumber: true),
                .init("frees in", cuts: true), .init("reason", cuts: true),
            ]
        case .batches:
            [
                .init("batch", isNumber: true), .init("tenant", cuts: true), .init("status"),
                .init("done", isNumber: true), .init("failed", isNumber: true), .init("running", isNumber: true),
                .init("waiting", isNumber: true), .init("ends in", isNumber: true), .init("out", keepsEnd: true),
                .init("because of", cuts: true),
            ]
        case .tenants:
            [
                .init("tenant", cuts: true), .init("status"), .init("weight", isNumber: true),
                .init("share", isNumber: true), .init("queued", isNumber: true), .init("in flight", isNumber: true),
                .init("month", isNumber: true),
            ]
        case .workers:
            [
                .init("worker", cuts: true), .init("status"), .init("jobs", isNumber: true),
                .init("age", isNumber: true), .init("lease", isNumber: true),
            ]
        case .errors:
            [
                .init("job", isNumber: true), .init("status"), .init("code", cuts: true),
                .init("source", keepsEnd: true),
                .init("error", cuts: true),
            ]
        }
    }

    /// The rows of the list that is shown, filtered and sorted.
    func rows(_ snapshot: TopSnapshot) -> [TopRow] {
        let rows: [TopRow] =
            switch tab {
            case .keys: snapshot.keys.map(row)
            case .batches: snapshot.batches.map(row)
            case .tenants: tenants(snapshot.tenants)
            case .workers: snapshot.workers.map(row)
            case .errors: snapshot.errors.map(row)
            }
        let wanted = filter.lowercased()
        let column = sorts[tab] ?? 0
        return
            rows
            .filter { row in wanted.isEmpty || row.cells.contains { $0.text.lowercased().contains(wanted) } }
            .sorted { $0.order[column] < $1.order[column] }
    }

    private func row(_ key: TopSnapshot.Key) -> TopRow {
        let isActive = key.status == "active"
        let next = key.nextIn <= .zero ? "now" : Phrase.watch(key.nextIn)
        let flight = key.generating + (key.isSubmitting ? 1 : 0)
        let left = key.monthLimit.map { Double($0 - key.monthUsed) } ?? .infinity
        return TopRow(
            cells: [
                InkedText(key.name), InkedText(key.status, isActive ? .plain : .warning), strip(key),
                InkedText(isActive ? next : "-"), InkedText("\(flight)"),
                InkedText(key.monthLimit.map { "\(key.monthUsed)/\($0)" } ?? "\(key.monthUsed)"),
                InkedText("\(key.posts)"), InkedText(countdowns(key), .faint), InkedText(key.reason ?? "", .faint),
            ],
            order: [
                .text(key.name), .text(key.status), .number(Double(key.slots.count { $0 <= .zero })),
                .number(key.nextIn / .seconds(1)), .number(Double(-flight)), .number(left),
                .number(Double(-key.posts)), .number((key.slots.filter { $0 > .zero }.min() ?? .zero) / .seconds(1)),
                .text(key.reason ?? ""),
            ],
            pause: key.status == "paused" ? .resumeKey(key.name) : .pauseKey(key.name)
        )
    }

    /// A cell for each slot, at most 20; the last one stands for the rest.
    private func strip(_ key: TopSnapshot.Key) -> InkedText {
        let (free, used, sending) = style.hasSymbols ? ("░", "█", "▶") : (".", "#", ">")
        var strip = InkedText()
        for (index, slot) in key.slots.sorted(by: >).prefix(20).enumerated() {
            if slot <= .zero {
                strip.append(free, .good)
            } else {
                strip.append(index == 0 && key.isSubmitting ? sending : used, .plain)
            }
        }
        if key.slots.count > 20 { strip.append("+\(key.slots.count - 20)", .faint) }
        return strip
    }

    /// Until each slot that is taken falls free, soonest first.
    private func countdowns(_ key: TopSnapshot.Key) -> String {
        key.slots.filter { $0 > .zero }.sorted().prefix(20).map { Phrase.watch($0) }.joined(separator: " ")
    }

    private func row(_ batch: TopSnapshot.Batch) -> TopRow {
        let ends =
            batch.endsIn.map { $0 < .seconds(60) ? "< 1 min" : Phrase.roughly($0) }
            ?? (batch.waiting + batch.running > 0 ? "?" : "-")
        return TopRow(
            cells: [
                InkedText("\(batch.id)"), InkedText(batch.tenant),
                InkedText(batch.status, batch.status == "paused" ? .warning : .plain),
                InkedText("\(batch.done)", .good), InkedText("\(batch.failed)", batch.failed > 0 ? .bad : .plain),
                InkedText("\(batch.running)"), InkedText("\(batch.waiting)"), InkedText(ends), InkedText(batch.out),
                InkedText(batch.binding, .faint),
            ],
            order: [
                .number(Double(-batch.id)), .text(batch.tenant), .text(batch.status), .number(Double(-batch.done)),
                .number(Double(-batch.failed)), .number(Double(-batch.running)), .number(Double(-batch.waiting)),
                .number(batch.endsIn.map { $0 / .seconds(1) } ?? .infinity), .text(batch.out), .text(batch.binding),
            ],
            pause: batch.status == "paused" ? .releaseBatch(batch.id) : .holdBatch(batch.id)
        )
    }

    private func tenants(_ tenants: [TopSnapshot.Tenant]) -> [TopRow] {
        let busy = tenants.filter { $0.queued > 0 && $0.status == "active" }.reduce(0) { $0 + $1.weight }
        return tenants.map { tenant in
            let share = tenant.queued > 0 && tenant.status == "active" && busy > 0 ? tenant.weight / busy : 0
            return TopRow(
                cells: [
                    InkedText(tenant.name), InkedText(tenant.status, tenant.status == "active" ? .plain : .warning),
                    InkedText(tenant.weight == tenant.weight.rounded() ? "\(Int(tenant.weight))" : "\(tenant.weight)"),
                    InkedText("\(Int((share * 100).rounded())) %"), InkedText("\(tenant.queued)"),
                    InkedText("\(tenant.inFlight)"),
                    InkedText(tenant.budget.map { "\(tenant.monthUsed)/\($0)" } ?? "\(tenant.monthUsed)"),
                ],
                order: [
                    .text(tenant.name), .text(tenant.status), .number(-tenant.weight), .number(-share),
                    .number(Double(-tenant.queued)), .number(Double(-tenant.inFlight)),
                    .number(Double(-tenant.monthUsed)),
                ],
                pause: tenant.status == "paused" ? .resumeTenant(tenant.name) : .pauseTenant(tenant.name)
            )
        }
    }

    private func row(_ worker: TopSnapshot.Worker) -> TopRow {
        let isLost = worker.leaseLeft <= .zero
        return TopRow(
            cells: [
                InkedText(worker.name), InkedText(worker.status, isLost ? .bad : .plain), InkedText("\(worker.jobs)"),
                InkedText(Phrase.roughly(worker.age)), InkedText(isLost ? "over" : Phrase.watch(worker.leaseLeft)),
            ],
            order: [
                .text(worker.name), .text(worker.status), .number(Double(-worker.jobs)),
                .number(worker.age / .seconds(1)), .number(worker.leaseLeft / .seconds(1)),
            ]
        )
    }

    private func row(_ trouble: TopSnapshot.Trouble) -> TopRow {
        TopRow(
            cells: [
                InkedText("\(trouble.jobID)"), InkedText(trouble.status, trouble.status == "failed" ? .bad : .warning),
                InkedText(trouble.code), InkedText(trouble.source), InkedText(trouble.text),
            ],
            order: [
                .number(Double(-trouble.jobID)), .text(trouble.status), .text(trouble.code), .text(trouble.source),
                .text(trouble.text),
            ]
        )
    }
}
