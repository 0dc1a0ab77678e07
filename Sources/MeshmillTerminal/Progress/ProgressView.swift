import MeshmillCore

/// Draws a run as a block of lines for a terminal.
package struct ProgressView: Sendable {
    /// The narrowest width that it is made for; on less, lines are cut.
    package static let minimumColumns = 40
    /// The widest block; on wider terminals it keeps to the left.
    package static let maximumColumns = 120
    /// Generations shown one by one.
    package static let maximumActive = 4

    var style: TerminalStyle

    package init(style: TerminalStyle) {
        self.style = style
    }

    /// The block as it is written, with escapes for colours only; no line is wider than `width` columns.
    ///
    /// `frame` counts the drawings, for the spinner; `now` is the time of day, for when the last job will end.
    package static func lines(
        _ snapshot: RunSnapshot,
        width: Int,
        style: TerminalStyle,
        frame: Int = 0,
        now: LocalTime = .now()
    ) -> [String] {
        ProgressView(style: style).block(snapshot, width: width, frame: frame, now: now)
            .map { $0.rendered(inColour: style.hasColour) }
    }

    /// The block; the lines that matter least are the last ones.
    func block(_ snapshot: RunSnapshot, width: Int, frame: Int, now: LocalTime) -> [InkedText] {
        let columns = max(min(width, Self.maximumColumns), 1)
        var lines = [header(snapshot, frame: frame, columns: columns), bar(snapshot, columns: columns)]
        lines += Layout.flow(counts(snapshot), columns: columns)
        lines += Layout.flow(facts(snapshot, now: now), columns: columns)
        lines += limits(snapshot, columns: columns)
        lines += snapshot.active.prefix(Self.maximumActive).map { active($0, columns: columns) }
        return lines.map { $0.fitted(columns: columns) }
    }

    // MARK: - Header and bar

    private func header(_ snapshot: RunSnapshot, frame: Int, columns: Int) -> InkedText {
        let batch = columns >= 60 ? snapshot.batchID.map { "batch \($0)  " } ?? "" : ""
        let right = InkedText(batch + Phrase.watch(snapshot.elapsed), .faint)
        let arrow = style.hasSymbols ? " → " : " -> "
        let room = max(columns - right.width - 2 - arrow.count - 3, 16)
        let source = OneLine.text(snapshot.source)
        let out = FittedText.middle(OneLine.text(snapshot.out), columns: max(room / 2, room - DisplayWidth.of(source)))
        var left = InkedText(" \(spinner(frame)) ", .good)
        left.append(FittedText.middle(source, columns: room - DisplayWidth.of(out)), .strong)
        left.append(arrow, .faint)
        left.append(out, .strong)
        return Layout.edges(left, right, columns: columns)
    }

    private func spinner(_ frame: Int) -> Character {
        let frames: [Character] = style.hasSymbols ? Array("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏") : Array("|/-\\")
        return frames[Int(frame.magnitude % UInt(frames.count))]
    }

    private func bar(_ snapshot: RunSnapshot, columns: Int) -> InkedText {
        let (counts, total) = (snapshot.counts, snapshot.total)
        let share = { (part: Int) in total > 0 ? Double(part) / Double(total) : 0 }
        var tail = InkedText()
        if total > 0 {
            tail.append("  \(Self.percent(share(counts.ended)))  ", .strong)
            tail.append("\(Phrase.count(counts.ended)) of \(Phrase.count(total))")
        }
        let bar = ProgressBar(good: share(counts.completed), bad: share(counts.ended - counts.completed))
        return InkedText(" ") + bar.text(columns: max(columns - 1 - tail.width, 8), style: style) + tail
    }

    /// Rounded down, so that 100 % means everything.
    private static func percent(_ share: Double) -> String {
        let tenths = Int(min(max(share, 0), 1) * 1_000)
        return tenths < 1_000 ? "\(tenths / 10).\(tenths % 10) %" : "100 %"
    }

    // MARK: - Counts

    private func counts(_ snapshot: RunSnapshot) -> [InkedText] {
        let counts = snapshot.counts
        var parts = [
            count(counts.completed, "done", .good), count(counts.running, "running", .plain),
            count(counts.waiting, "waiting", .plain),
        ]
        let exceptions: [(number: Int, name: String, ink: Ink)] = [
            (counts.failed, "failed", .bad), (counts.held, "held", .warning), (counts.cancelled, "cancelled", .warning),
            (snapshot.refused, "refused", .warning),
        ]
        parts += exceptions.filter { $0.number > 0 }.map { count($0.number, $0.name, $0.ink) }
        return parts
    }

    private func count(_ number: Int, _ name: String, _ ink: Ink) -> InkedText {
        var text = InkedText(Phrase.count(number), number > 0 ? ink : .faint)
        text.append(" \(name)", number > 0 && ink == .bad ? .bad : .faint)
        return text
    }
}
