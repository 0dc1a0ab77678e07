import MeshmillCore

/// Says how a run stands on one plain line, for files, pipes and terminals that cannot redraw.
package enum ProgressLine {
    /// The line, without an end; nothing in it moves a cursor.
    package static func text(_ snapshot: RunSnapshot, now: LocalTime = .now()) -> String {
        let counts = snapshot.counts
        var parts = [
            "\(Phrase.count(counts.completed)) of \(Phrase.count(snapshot.total)) done",
            "\(Phrase.count(counts.running)) running", "\(Phrase.count(counts.waiting)) waiting",
        ]
        let exceptions = [
            (counts.failed, "failed"), (counts.held, "held"), (counts.cancelled, "cancelled"),
            (snapshot.refused, "refused"),
        ]
        parts += exceptions.filter { $0.0 > 0 }.map { "\(Phrase.count($0.0)) \($0.1)" }
        if let read = ProgressView.read(snapshot) { parts.append(read) }
        if let rate = ProgressView.rate(snapshot.completedPerSecond) { parts.append(rate) }
        if let arrival = ProgressView.arrival(snapshot, now: now) { parts.append(arrival) }
        parts.append(ProgressView.credits(snapshot.credits))
        let binding = Binding(snapshot).map { "; \($0.sentence)" } ?? ""
        return parts.joined(separator: ", ") + binding
    }

    /// The first line: what is made of what.
    package static func start(_ snapshot: RunSnapshot) -> String {
        let batch = snapshot.batchID.map { " (batch \($0))" } ?? ""
        return "making meshes of \(OneLine.text(snapshot.source)) in \(OneLine.text(snapshot.out))\(batch)"
    }
}
