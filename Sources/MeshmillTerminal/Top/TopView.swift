/// The screen of `top`: which list is shown, how it is sorted and filtered, and what a key press does to that.
///
/// A value: key presses go in, orders come out, and ``lines(_:size:)`` draws a snapshot.
package struct TopView: Sendable {
    /// The lists, as their tabs stand.
    package enum Tab: String, Sendable, CaseIterable {
        case keys, batches, tenants, workers, errors
    }

    /// What `top` is asked to do.
    package enum Order: Sendable, Hashable {
        case quit
        case pauseKey(String), resumeKey(String)
        case holdBatch(Int), releaseBatch(Int)
        case pauseTenant(String), resumeTenant(String)
        case stopSubmitting, startSubmitting

        /// What is asked before it is done.
        var question: String {
            switch self {
            case .quit: "Leave?"
            case .pauseKey(let name): "Pause key \(name)?"
            case .resumeKey(let name): "Resume key \(name)?"
            case .holdBatch(let id): "Hold batch \(id)?"
            case .releaseBatch(let id): "Release batch \(id)?"
            case .pauseTenant(let name): "Pause tenant \(name)?"
            case .resumeTenant(let name): "Resume tenant \(name)?"
            case .stopSubmitting: "Stop all submitting, everywhere?"
            case .startSubmitting: "Start submitting again?"
            }
        }
    }

    package private(set) var tab = Tab.keys
    /// Whether orders that change something are taken.
    let isWriting: Bool
    let style: TerminalStyle
    /// What came of the last order; shown until the next key.
    package var message: String?
    /// Which column each tab is sorted by.
    var sorts: [Tab: Int] = [:]
    var filter = ""
    private var isFiltering = false
    private var isHelping = false
    private var pending: Order?
    private var selected = 0
    private var top = 0

    /// - Parameters:
    ///   - isWriting: true for `--rw`.
    ///   - style: colours and symbols.
    package init(isWriting: Bool, style: TerminalStyle) {
        self.isWriting = isWriting
        self.style = style
    }

    /// Takes a key press.
    ///
    /// - Parameters:
    ///   - key: what was pressed.
    ///   - snapshot: what is on the screen.
    /// - Returns: what is to be done, confirmed where it changes something.
    package mutating func press(_ key: TopKeyPress, _ snapshot: TopSnapshot) -> Order? {
        message = nil
        if key == .interrupt { return .quit }
        if let order = pending {
            pending = nil
            return key == .character("y") ? order : nil
        }
        if isFiltering {
            edit(key)
            return nil
        }
        if isHelping {
            isHelping = false
            return nil
        }
        switch key {
        case .character("q"): return .quit
        case .character("?"), .character("h"): isHelping = true
        case .character("/"): isFiltering = true
        case .escape: filter = ""
        case .tab: show(Tab.allCases[(Tab.allCases.firstIndex(of: tab).map { $0 + 1 } ?? 0) % Tab.allCases.count])
        case .character(let digit) where digit.isASCII && digit.wholeNumberValue.map { (1...5).contains($0) } ?? false:
            show(Tab.allCases[(digit.wholeNumberValue ?? 1) - 1])
        case .character("s"): sorts[tab] = ((sorts[tab] ?? 0) + 1) % columns(of: tab).count
        case .up, .character("k"): selected -= 1
        case .down, .character("j"): selected += 1
        case .pageUp: selected -= 10
        case .pageDown: selected += 10
        case .home: selected = 0
        case .end: selected = .max / 2
        case .character(let letter): request(letter, snapshot)
        default: break
        }
        return nil
    }

    private mutating func show(_ tab: Tab) {
        self.tab = tab
        (selected, top) = (0, 0)
    }

    private mutating func edit(_ key: TopKeyPress) {
        switch key {
        case .enter, .escape: isFiltering = false
        case .backspace: if !filter.isEmpty { filter.removeLast() }
        case .character(let character): if filter.count < 60 { filter.append(character) }
        default: break
        }
        (selected, top) = (0, 0)
    }

    private mutating func request(_ letter: Character, _ snapshot: TopSnapshot) {
        guard letter == "p" || letter == "S" else { return }
        guard isWriting else {
            message = "nothing is changed without --rw"
            return
        }
        if letter == "S" {
            pending = snapshot.isSubmitting ? .stopSubmitting : .startSubmitting
            return
        }
        let rows = rows(snapshot)
        guard rows.indices.contains(selected) else { return }
        pending = rows[selected].pause
        if pending == nil { message = "there is nothing to pause here" }
    }
}

extension TopView {
    /// The whole screen, as many lines as the terminal has, none wider than it.
    ///
    /// Keeps the selection within the list, so that it is `mutating`.
    package mutating func lines(_ snapshot: TopSnapshot, size: TerminalSize) -> [InkedText] {
        let height = max(size.rows, 4)
        var lines = heading(snapshot)
        if isHelping {
            lines += help
        } else {
            let rows = rows(snapshot)
            let table = TopTable(columns: columns(of: tab), rows: rows.map(\.cells), sortedBy: sorts[tab] ?? 0)
            let room = max(height - lines.count - 3, 1)
            selected = min(max(selected, 0), max(rows.count - 1, 0))
            top = min(max(top, selected - room + 1), selected)
            top = min(top, max(rows.count - room, 0))
            lines.append(table.heading(width: size.columns))
            for index in top..<min(top + room, rows.count) {
                lines.append(table.line(index, width: size.columns, isSelected: index == selected, style: style))
            }
            if rows.isEmpty { lines.append(InkedText(filter.isEmpty ? " none" : " none that match", .faint)) }
            if rows.count > room {
                let last = min(top + room, rows.count)
                lines.append(InkedText(" \(top + 1) to \(last) of \(rows.count)", .faint))
            }
        }
        lines = Array(lines.prefix(height - 1))
        lines += Array(repeating: InkedText(), count: height - 1 - lines.count)
        lines.append(footer)
        return lines.map { $0.fitted(columns: size.columns) }
    }

    private func heading(_ snapshot: TopSnapshot) -> [InkedText] {
        var first = InkedText("meshmill", .strong)
        if !snapshot.isSubmitting { first.append("  SUBMITTING IS STOPPED", .bad) }
        if let breaker = snapshot.breaker { first.append("  BREAKER OPEN: \(breaker)", .bad) }
        let running = snapshot.workers.count { $0.status == "running" }
        first.append("  \(Phrase.count(running, "worker"))  window model \(snapshot.windowModel)")
        let jobs = snapshot.jobs.map { "\(Phrase.count($0.count))\($0.isCapped ? "+" : "") \($0.status)" }
        var tabs = InkedText(" ")
        for (index, other) in Tab.allCases.enumerated() {
            tabs.append("\(index + 1) \(other.rawValue)", other == tab ? .strong : .faint)
            tabs.append("  ")
        }
        if isFiltering || !filter.isEmpty { tabs.append("/\(filter)\(isFiltering ? "_" : "")", .warning) }
        return [first, InkedText(" " + (jobs.isEmpty ? "no jobs" : jobs.joined(separator: ", "))), tabs]
    }

    private var footer: InkedText {
        if let pending { return InkedText(" \(pending.question) [y/N]", .warning) }
        if let message { return InkedText(" " + message, .warning) }
        let act = isWriting ? "  p pause or resume  S stop or start" : ""
        return InkedText(" q quit  ? help  1-5 lists  s sort  / filter\(act)", .faint)
    }

    private var help: [InkedText] {
        let free = style.hasSymbols ? ("░", "█", "▶") : (".", "#", ">")
        return [
            "", " 1 to 5, Tab      another list", " up, down, j, k   move; Page Up, Page Down, Home, End too",
            " s                sort by the next column", " /                show only what has this text; Escape: all",
            isWriting
                ? " p                pause or resume what is selected; asks first" : " p, S             need --rw",
            isWriting ? " S                stop or start all submitting; asks first" : "",
            " q, Ctrl-C        leave", "",
            " A key's strip has a cell for each slot:",
            "   \(free.0) free   \(free.1) counted by the provider   \(free.2) a POST is out",
        ].map { InkedText($0) }
    }
}
